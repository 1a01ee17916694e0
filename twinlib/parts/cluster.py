"""Many machines: the workers of a Dask scheduler that runs already, or of one that Slurm is asked for.

All machines see one folder (`build/`, the data) under one path and have this version of twinlib.
A worker has one thread.
"""

import logging
import re
import socket
import subprocess
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import yaml
from joblib import parallel_config
from joblib.parallel import ParallelBackendBase

from twinlib.errors import InputError
from twinlib.version import __version__

if TYPE_CHECKING:
    from distributed import Client

CONNECT, WAIT = 10, 60  # seconds for the scheduler to answer, and for its first worker
LONGEST_GREETING = 1 << 20  # bytes: the first eight of a message of Dask say how many follow
SLURM_WAIT = 24 * 3600  # seconds that jobs may lie in Slurm's queue before the first one starts
MISSING = "needs {}. Install what speaks to a cluster, here and on its machines: pip install 'twinlib[cluster]'."


@contextmanager
def at(where: str | None) -> Generator[None]:
    """Inside the block, what is done in parts is done by the workers of a cluster.

    Args:
        where: `tcp://HOST:PORT` of a Dask scheduler; a YAML file with a section `slurm` (arguments of
            `dask_jobqueue.SLURMCluster`, and `jobs`, how many to ask for); None or empty: this machine.

    Raises:
        InputError: neither of these, distributed is not installed, no scheduler answers, or a worker has another
            version of twinlib.
    """
    if not where:
        yield
        return
    logging.getLogger("distributed.client").setLevel(
        logging.CRITICAL
    )  # a lost scheduler is told by name, not by traces
    with ExitStack() as stack:
        client, wait = _connected(where, stack)
        _same_version(client)
        stack.enter_context(parallel_config(_workers_of(client, wait)))
        yield


def _connected(where: str, stack: ExitStack) -> tuple["Client", int]:
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise InputError(f"--cluster {MISSING.format(error.name)}") from error
    if not re.match(r"(tcp|tls|ucx|wss?)://\S+$", where):
        address, wait = _slurm(Path(where), stack), SLURM_WAIT
    elif not _may_be_scheduler(where):
        raise InputError(
            f"--cluster {where}: what listens there is no scheduler of Dask. Name the scheduler's port (8786 if nobody "
            "chose another), not its dashboard's."
        )
    else:
        address, wait = where, WAIT
    try:
        return stack.enter_context(Client(address, timeout=CONNECT, set_as_default=False)), wait
    except (OSError, TimeoutError, ValueError) as error:
        raise InputError(f"--cluster {where}: no scheduler answers. Start one with `dask scheduler`.") from error
    except TypeError as error:  # of a protocol that is not set up, such as tls without a certificate
        raise InputError(f"--cluster {where}: cannot be asked so ({error}). Use tcp://HOST:PORT.") from error


def _may_be_scheduler(where: str) -> bool:
    """Whether what listens at tcp://HOST:PORT greets at once and shortly, as schedulers do; True if nobody listens.

    Dask would wait without end for the greeting of a web page, which waits to be asked.
    """
    place = urlsplit(where)
    try:
        connection = socket.create_connection((place.hostname, place.port), CONNECT)
    except (OSError, ValueError, TypeError):
        return True
    with connection:
        try:
            greeting = connection.recv(8, socket.MSG_WAITALL) if place.scheme == "tcp" else bytes(8)
        except OSError:
            return False
    return len(greeting) == 8 and int.from_bytes(greeting, "little") < LONGEST_GREETING


def _workers_of(client: "Client", wait: int) -> ParallelBackendBase:
    """Joblib's way to the workers of a client, with two things mended.

    As long as there is only one worker, joblib would do the work in this process; and it would wait for ever for a job
    that fails outside its own code (a worker that cannot import it, or that it kills again and again).
    """
    from joblib._dask import DaskDistributedBackend

    class Workers(DaskDistributedBackend):
        def effective_n_jobs(self, n_jobs: int) -> int:
            return max(2, super().effective_n_jobs(n_jobs))

        def submit(self, func: Callable, callback: Callable | None = None) -> Future:
            future = super().submit(func, callback)
            future.add_done_callback(lambda ended: callback and ended.exception() and callback(ended.exception()))
            return future

    return Workers(client=client, wait_for_workers_timeout=wait)


def _slurm(file: Path, stack: ExitStack) -> Any:
    """A scheduler in this process, whose workers are jobs of Slurm."""
    settings = slurm_settings(file)
    try:
        from dask_jobqueue import SLURMCluster
        from dask_jobqueue.core import Job, JobQueueCluster
        from dask_jobqueue.slurm import SLURMJob
    except ModuleNotFoundError as error:
        raise InputError(f"--cluster {MISSING.format(error.name)}") from error
    known = {name for kind in (SLURMJob, Job, JobQueueCluster) for name in signature(kind.__init__).parameters} | {
        "jobs"
    }
    if unknown := sorted(
        settings.keys() - known
    ):  # looked for here: a cluster that is half made complains when it goes
        raise InputError(
            f"{file}: slurm.{unknown[0]} is unknown; known are jobs and what dask_jobqueue.SLURMCluster takes."
        )
    jobs = settings.pop("jobs", 1)
    try:
        cluster = stack.enter_context(SLURMCluster(**settings))
        _ask_slurm(cluster.job_script())
        cluster.scale(jobs=jobs)
    except (OSError, RuntimeError, ValueError) as error:
        raise InputError(
            f"{file}: Slurm takes no job ({error}). Is `sbatch` there, and are the fields right?"
        ) from error
    return cluster


def _ask_slurm(script: str) -> None:
    """Would Slurm take this job? Jobs that it refuses later fail unseen, and their workers are waited for.

    Raises:
        OSError: there is no `sbatch`.
        RuntimeError: it would not; the message says what it said.
    """
    asked = subprocess.run(["sbatch", "--test-only"], input=script, capture_output=True, text=True, check=False)
    if asked.returncode:
        raise RuntimeError(" ".join(asked.stderr.split())[:300] or f"sbatch ends with {asked.returncode}")


def slurm_settings(file: Path) -> dict[str, Any]:
    """The section `slurm` of a YAML file, a process for each core unless it says otherwise.

    Raises:
        InputError: no such file, no YAML, no such section with `cores` and `memory`, a count that is none, or a time
            that YAML has read as a number.
    """
    if not file.is_file():
        raise InputError(f"--cluster: wanted tcp://HOST:PORT or a YAML file, found {str(file)!r}. Name one of them.")
    try:
        read = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{file} is no YAML ({error}). Write a section `slurm:`.") from error
    section = read.get("slurm") if isinstance(read, dict) else None
    if not isinstance(section, dict) or not {"cores", "memory"} <= section.keys():
        raise InputError(
            f"{file}: wanted a section `slurm:` with cores and memory (and jobs, queue, walltime …). Add it."
        )
    settings = {"processes": section["cores"]} | section
    for name in ("cores", "jobs", "processes"):
        if type(value := settings.get(name, 1)) is not int or value < 1:
            raise InputError(f"{file}: slurm.{name} must be a whole number from 1, found {value!r}.")
    if not isinstance(settings.get("walltime", ""), str):
        raise InputError(f"{file}: slurm.walltime must stand in quotes, such as "
                         '"12:00:00": without them YAML reads a number, which Slurm takes for minutes.')  # fmt: skip
    return settings


def _same_version(client: "Client") -> None:
    """Workers that are there already must have this version; later ones are not asked."""
    try:
        found = client.run(_version)
    except Exception as error:
        raise InputError(f"a worker of the cluster cannot load twinlib ({error}). Install it there.") from error
    if others := {name: version for name, version in found.items() if version != __version__}:
        name, version = next(iter(others.items()))
        raise InputError(f"{name} has twinlib {version}, this machine {__version__}. Install one version everywhere.")


def _version() -> str:
    return __version__
