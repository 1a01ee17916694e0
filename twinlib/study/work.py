"""What a process of the queue does: one row and seed to its record, or the tuning of one row."""

from collections.abc import Sequence
from pathlib import Path

from twinlib.data.rendered import prepare
from twinlib.errors import InputError
from twinlib.study import queue
from twinlib.study.board import Board, Job, job_of
from twinlib.study.rows import Row, read_tuned
from twinlib.study.status import todo
from twinlib.study.tuning import tune
from twinlib.train.locks import BusyError, claim, holder
from twinlib.train.run import make


def tasks(board: Board, given: Sequence[str] = ()) -> list[queue.Task]:
    """What is missing now and nobody trains, as processes to start; the data sets are made first.

    Args:
        board: of the rows.
        given: further arguments of each process.
    """
    missing = todo(board.look(), board.jobs, ("missing",))
    for name, size in dict.fromkeys((n, job.experiment.data.size) for job in missing for n in _sets(job)):
        prepare(name, size)  # here, once: two runs would make it at the same time
    return [_task(job, given) for job in missing]


def run_here(rows: Sequence[Row], twice: bool = False) -> int:
    """Train what is missing of some rows in this process, one after the other.

    Args:
        rows: of the table.
        twice: the runs with twice the images instead, of the rows that want one.

    Returns:
        0, or `queue.BUSY` if another process trained one of them.

    Raises:
        InputError: a record of one of them is refused; the message names it.
    """
    queue.quietly()
    board, busy = Board(rows).look(), False
    jobs = [job_of(row, row.seeds[0], twice=True) for row in rows] if twice else [j for j in board.jobs if not j.twice]
    for job in jobs:
        if job in board.refused:
            raise InputError(f"{job}: {board.refused[job]}")
        told: dict[str, object] = {"row": job.row.name, "part": job.row.part, "tuning": list(job.row.tuned or ())}
        told |= {"tuned_as": job.row.tuning if job.row.tuned is not None else None, "twice": job.twice}
        keep = not job.twice and job.seed in job.row.keep
        try:
            print(make(job.experiment, wait=False, told=told, keep_weights=keep).summary())
        except BusyError:
            busy = True
    return queue.BUSY if busy else 0


def tuning_tasks(rows: Sequence[Row], file: Path, given: Sequence[str] = ()) -> list[queue.Task]:
    """The rows that are not tuned and that nobody is tuning, as processes to start.

    Args:
        rows: of the table; those that run with another's tuning are left out.
        file: the table itself; what was tuned lies beside it.
        given: further arguments of each process.
    """
    tuned = read_tuned(_tuning(file))
    missing = [row for row in rows if row.tuning == row.name and row.name not in tuned and holder(_claim(row)) is None]
    for name, size in dict.fromkeys((row.base.data.name, row.base.data.size) for row in missing):
        prepare(name, size)
    arguments = ("study", "--tune", "true", "--processes", "0", *given)
    return [queue.Task(f"tuning of {row.name}", (*arguments, "--row", row.name), f"tune-{row.name}") for row in missing]


def tune_here(rows: Sequence[Row], file: Path) -> int:
    """Tune some rows in this process, one after the other; rows that run with another's tuning are left out.

    Args:
        rows: of the table.
        file: the table itself; what was tuned is written beside it.

    Returns:
        0, or `queue.BUSY` if another process was tuning one of them.
    """
    queue.quietly()
    busy = False
    for row in [row for row in rows if row.tuning == row.name]:
        try:
            with claim(_claim(row), wait=False):
                print(tune(row, _tuning(file)))
        except BusyError:
            busy = True
    return queue.BUSY if busy else 0


def _claim(row: Row) -> str:
    return f"tune-{row.name}"


def _tuning(file: Path) -> Path:
    return file.with_name("tuning.csv")


def _task(job: Job, given: Sequence[str]) -> queue.Task:
    arguments = ["study", "--row", job.row.name, "--seed", str(job.seed), "--processes", "0", *given]
    log = f"{job.row.name}-s{job.seed}" + ("-twice" if job.twice else "")
    return queue.Task(str(job), tuple([*arguments, *(["--twice", "true"] if job.twice else [])]), log)


def _sets(job: Job) -> tuple[str, ...]:
    return (job.experiment.data.name, *job.experiment.evaluate.sets)
