"""A Dask scheduler and its workers as real processes on this machine."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCAL = {"DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "5s", "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "20s"}

HERE = {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])}  # jobs of tests


class Cluster:
    """Processes by name: `scheduler`, `worker0`, …; `address` is the scheduler's."""

    def __init__(self, folder: Path, workers: int) -> None:
        self.folder, self.processes = folder, {}
        self.start("scheduler", "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        self.address = self.told("scheduler", "Scheduler at:").split()[-1]
        for i in range(workers):
            self.worker(f"worker{i}")
        for i in range(workers):
            self.told(f"worker{i}", "Registered to:")

    def told(self, name: str, text: str) -> str:
        """The line of a process's log that holds a text, once it is there."""
        until = time.monotonic() + 120
        while time.monotonic() < until:
            lines = (self.folder / f"{name}.log").read_text().splitlines()
            if found := [line for line in lines if text in line]:
                return found[0]
            time.sleep(0.05)
        raise TimeoutError(f"{name} never said {text!r}")

    def worker(self, name: str) -> None:
        scratch = str(self.folder / name)
        self.start(name, "worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--host",
                   "127.0.0.1", "--name", name, "--local-directory", scratch, "--death-timeout", "60")  # fmt: skip

    def start(self, name: str, *arguments: str) -> None:
        with (self.folder / f"{name}.log").open("w") as log:
            command = [sys.executable, "-m", "dask", *arguments]
            self.processes[name] = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | LOCAL | HERE)

    def kill(self, name: str) -> None:
        self.processes[name].kill()
        self.processes[name].wait()


@contextmanager
def dask_cluster(folder: Path, workers: int = 2) -> Iterator[Cluster]:
    """A scheduler and so many workers of one thread, ended with the block."""
    cluster = Cluster(folder, workers)
    try:
        yield cluster
    finally:
        for name in cluster.processes:
            cluster.kill(name)
