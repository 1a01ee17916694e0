"""The queue: the next missing run on each core, until nothing is left. It keeps no list: records and claims say all.

Each run is a process of its own, `twinlib study --row R --seed S --processes 0`, with one thread and a low priority. It
may be ended at any moment, however roughly: the next start goes on from its last checkpoint. Several queues share a
folder safely, since a run that another process has claimed is passed over. Nothing is committed.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from twinlib import paths
from twinlib.errors import InputError
from twinlib.parts.jobs import done

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
PARENT = "TWINLIB_QUEUE"  # environment variable with the process number of the queue
BUSY = 75  # exit code of a run that another process trains; the system's "try again later"
PATIENCE = 30  # seconds that a run gets to stop
ROW = 3  # failures one after the other at which the queue stops: then it is not the run


@dataclass(frozen=True)
class Task:
    """One process to start.

    Attributes:
        name: for a reader.
        arguments: of `twinlib`.
        log: where its output goes.
    """

    name: str
    arguments: tuple[str, ...]
    log: str


def work(todo: Callable[[], Sequence[Task]], processes: int, tell: Callable[[str], None] = print) -> None:
    """Start what is to be done, so many at a time, until nothing is left.

    Args:
        todo: what is missing now and claimed by nobody, in order; called before each start.
        processes: how many at a time.
        tell: gets a line at each start and end.

    Raises:
        InputError: runs failed (the message names them), or three in a row, which stops the queue.
        KeyboardInterrupt: stopped by Ctrl-C or SIGTERM, after every run has left its checkpoint.
    """
    running: dict[Task, subprocess.Popen] = {}
    failed: list[Task] = []
    started: set[Task] = set()  # none twice: one that ended and is missing still would be started for ever
    streak = 0
    before = _on_term()
    try:
        while True:
            waiting = [task for task in todo() if task not in started]
            for task in waiting[: processes - len(running)]:
                started.add(task)
                running[task] = _start(task)
                tell(f"{_clock()} started {task.name} ({len(waiting)} were left)")
            if not running:
                break
            for task in _ended(running):
                code = running.pop(task).returncode
                streak = streak + 1 if code not in (0, BUSY) else 0
                failed += [task] if streak else []
                tell(
                    f"{_clock()} {'failed' if streak else 'ended'} {task.name}" + (f": {_last(task)}" if streak else "")
                )
            if streak >= ROW:
                raise InputError(f"{ROW} runs failed one after the other, the last of them: {_last(failed[-1])}")
    finally:
        _stop(list(running.values()))
        if before is not None:
            signal.signal(signal.SIGTERM, before)
    _refuse(failed)


def work_on_cluster(todo: Sequence[Task], tell: Callable[[str], None] = print) -> None:
    """The same by the workers of a cluster, inside `parts.cluster.at`: a process on the worker's machine for each task.

    A worker that is lost ends its run, which leaves a checkpoint; another worker goes on from there.

    Args:
        todo: what is missing now.
        tell: gets a line at each end.

    Raises:
        InputError: runs failed (the message names them), or the cluster did.
    """
    failed = []
    for task, code, last in done(_whole, todo):
        failed += [task] if code not in (0, BUSY) else []
        tell(f"{_clock()} ended {task.name}" if code in (0, BUSY) else f"{_clock()} failed {task.name}: {last}")
    _refuse(failed)


def quietly() -> None:
    """Where a queue started this process: low priority, SIGTERM stops it as Ctrl-C does, and it ends with its queue."""
    if (parent := os.environ.get(PARENT)) is None:
        return
    if hasattr(os, "nice"):
        os.nice(10)
    _on_term()
    threading.Thread(target=_watch, args=(int(parent),), daemon=True).start()


def _whole(task: Task) -> tuple[Task, int, str]:
    """A task from its start to its end: exit code and last line."""
    return task, _start(task).wait(), _last(task)


def _refuse(failed: Sequence[Task]) -> None:
    if failed:
        names = ", ".join(task.name for task in failed)
        raise InputError(f"{len(failed)} runs failed: {names}. See {_log(failed[0])}, then run the command again.")


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


def _start(task: Task) -> subprocess.Popen:
    log = _log(task)
    log.parent.mkdir(parents=True, exist_ok=True)
    environment = os.environ | dict.fromkeys(THREADS, "1") | {PARENT: str(os.getpid())}
    command = [sys.executable, "-m", "twinlib.cli.main", *task.arguments]
    try:
        with log.open("w") as output:  # in a session of its own: Ctrl-C reaches the queue, which tells its runs
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                    env=environment, start_new_session=True)  # fmt: skip
    except OSError as error:
        raise InputError(f"cannot write {log}: {error.strerror}. Free some space.") from error


def _ended(running: dict[Task, subprocess.Popen]) -> list[Task]:
    while not (ended := [task for task, process in running.items() if process.poll() is not None]):
        time.sleep(0.2)
    return ended


def _stop(processes: Sequence[subprocess.Popen]) -> None:
    alive = [process for process in processes if process.poll() is None]
    for process in alive:
        process.terminate()
    for process in alive:
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _on_term() -> Callable | int | None:
    """Let SIGTERM do what Ctrl-C does; what was there before. Only the main thread may say so."""
    if threading.current_thread() is not threading.main_thread():
        return None

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    return signal.signal(signal.SIGTERM, interrupt)


def _last(task: Task) -> str:
    """The last line that a run wrote."""
    try:
        lines = _log(task).read_text(errors="replace").split("\n")
    except OSError:
        return "its log cannot be read"
    return next((line.strip() for line in reversed(lines) if line.strip()), "it wrote nothing")


def _log(task: Task) -> Path:
    return paths.build_dir() / "study" / f"{task.log}.log"


def _clock() -> str:
    return time.strftime("%H:%M:%S")
