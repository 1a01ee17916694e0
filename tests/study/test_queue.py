import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import joblib
import pytest

from twinlib import paths
from twinlib.errors import InputError
from twinlib.study import queue
from twinlib.study.queue import Task, work, work_on_cluster


@pytest.fixture(autouse=True)
def build(monkeypatch, tmp_path):
    monkeypatch.setenv("TWINLIB_BUILD", str(tmp_path))


def command(*arguments):
    return Task(" ".join(arguments), arguments, "-".join(arguments))


GOOD, OTHER, BAD = command("experiments"), command("runs"), command("compare", "x", "y")


def test_every_task_runs_once_and_a_failure_is_named_with_its_last_line():
    told = []
    with pytest.raises(InputError, match=r"1 runs failed: compare x y\. See .*compare-x-y\.log"):
        work(lambda: [GOOD, BAD, OTHER], 2, told.append)  # the same three for ever
    text = "\n".join(told)
    assert text.count("started experiments") == text.count("ended experiments") == text.count("ended runs") == 1
    assert "failed compare x y: twinlib compare: there is no run called 'x'" in text
    assert "ahan" in (paths.build_dir() / "study/experiments.log").read_text()


def test_no_more_than_so_many_run_at_a_time_and_each_has_one_thread(monkeypatch):
    running, most, environments = [], [], []

    class Process(subprocess.Popen):
        def __init__(self, command, env, **rest):
            environments.append(env)
            running.append(self)
            most.append(len(running))
            self.returncode, self.left = None, 3

        def poll(self):
            self.left -= 1
            if self.left == 0:
                self.returncode = 0
                running.remove(self)
            return self.returncode

    monkeypatch.setattr(queue.subprocess, "Popen", Process)
    monkeypatch.setattr(queue.time, "sleep", lambda seconds: None)
    work(lambda: [command(str(i)) for i in range(7)], 3, lambda line: None)
    assert len(most) == 7
    assert max(most) == 3
    assert all(env[name] == "1" for env in environments for name in queue.THREADS)


def test_three_failures_in_a_row_stop_the_queue():
    tasks = [command("compare", "x", str(i)) for i in range(9)]
    with pytest.raises(InputError, match=r"3 runs failed one after the other, the last of them: .*is no run called"):
        work(lambda: tasks, 1, lambda line: None)
    assert len(list((paths.build_dir() / "study").iterdir())) == 3


def test_a_run_that_another_process_trains_is_no_failure(monkeypatch):
    monkeypatch.setattr(queue, "BUSY", 2)
    work(lambda: [BAD], 1, lambda line: None)


def test_a_cluster_runs_each_task_in_a_process_and_names_failures(monkeypatch):
    told = []
    with joblib.parallel_config("threading", n_jobs=2):  # in place of workers elsewhere
        with pytest.raises(InputError, match=r"1 runs failed: compare x y\. See .*compare-x-y\.log"):
            work_on_cluster([GOOD, BAD], told.append)
        monkeypatch.setattr(queue, "BUSY", 2)
        work_on_cluster([BAD], told.append)
    text = "\n".join(told)
    assert "ended experiments" in text
    assert "failed compare x y: twinlib compare: there is no run called 'x'" in text


LONG = (
    "import time; from twinlib.study import queue; queue.quietly(); print('up', flush=True)\n"
    "try: time.sleep(99)\nexcept KeyboardInterrupt: pass"
)


def test_a_run_ends_when_its_queue_was_killed():
    starter = (
        f"import subprocess, sys, os; p = subprocess.Popen([sys.executable, '-c', {LONG!r}], "
        "env=os.environ | {'TWINLIB_QUEUE': str(os.getpid())}, stdout=subprocess.PIPE, start_new_session=True); "
        "p.stdout.readline(); print(p.pid, flush=True); p.wait()"
    )
    with subprocess.Popen([sys.executable, "-c", starter], stdout=subprocess.PIPE, text=True) as parent:
        child = int(parent.stdout.readline())
        assert os.getpriority(os.PRIO_PROCESS, child) >= 10  # nice
        parent.kill()
    until = time.monotonic() + 20
    while _alive(child) and time.monotonic() < until:
        time.sleep(0.1)
    assert not _alive(child)


def test_sigterm_stops_the_queue_and_its_runs(monkeypatch, tmp_path):
    long = (
        f"from twinlib.study import queue; import sys; queue.sys.executable = sys.executable; "
        f"start = queue.subprocess.Popen\n"
        f"def popen(command, **rest):\n"
        f"    p = start([sys.executable, '-c', {LONG!r}], **rest); print(p.pid, flush=True); return p\n"
        f"queue.subprocess.Popen = popen\n"
        f"try: queue.work(lambda: [queue.Task('long', (), 'long')], 1, lambda line: None)\n"
        f"except KeyboardInterrupt: print('stopped', flush=True)\n"
    )
    with subprocess.Popen([sys.executable, "-c", long], stdout=subprocess.PIPE, text=True) as parent:
        child = int(parent.stdout.readline())
        log = tmp_path / "study/long.log"
        until = time.monotonic() + 60
        while not (log.is_file() and "up" in log.read_text()) and time.monotonic() < until:
            time.sleep(0.1)
        parent.send_signal(signal.SIGTERM)
        assert parent.stdout.readline() == "stopped\n"
        assert parent.wait(20) == 0
    assert not _alive(child)


def _alive(pid):
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0]
    except FileNotFoundError:
        return False
