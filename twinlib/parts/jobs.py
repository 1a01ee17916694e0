"""Jobs side by side, by joblib: processes of this machine, or the workers of a cluster inside `cluster.at`."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeVar

from joblib import Parallel, delayed
from joblib.externals.loky import process_executor
from joblib.parallel import get_active_backend

from twinlib import paths
from twinlib.errors import InputError

T = TypeVar("T")
R = TypeVar("R")

AHEAD = 1000  # jobs that lie ready for workers of a cluster: those that join it later find work at once
KEPT = "What is done is kept: the same command goes on."
DIED = f"a worker process died, perhaps for want of memory. {KEPT} Try fewer workers."
GONE = f"the scheduler of the cluster went away. {KEPT} Start it again first."
UNLIKE = "the machines of the cluster cannot load their work ({}). Install the same twinlib with its extras on all."
# What ends a call without being the job's own error, by the names that joblib, Dask and Python give it.
LOST_HERE = {"TerminatedWorkerError": DIED, "BrokenProcessPool": DIED}
LOST_THERE = {
    "KilledWorker": f"a part ended several workers of the cluster, perhaps for want of memory. {KEPT} Give them more.",
    "TimeoutError": f"the cluster has no worker. {KEPT} Start workers first: `dask worker tcp://HOST:PORT`.",
    "CancelledError": GONE,
    "FutureCancelledError": GONE,
    "CommClosedError": GONE,
}


def done(job: Callable[[T], R], todo: Sequence[T], workers: int | None = None) -> Iterator[R]:
    """Do a job for each of `todo`; the results come as they are ready, in any order.

    One worker is this process. Several are fresh processes, or whatever `joblib.parallel_config` chose around the call,
    such as the workers of a cluster; they get this process's folders, so that a relative path means the same there.

    Args:
        job: importable by name, because other processes do it.
        todo: what to do it with.
        workers: processes; every usable core if None. A cluster has as many as it has.

    Raises:
        InputError: a process, a worker or the scheduler of a cluster died; or whatever the job raises.
    """
    count, far = min(workers or usable_cores(), len(todo)), on_cluster()
    if not todo or (count == 1 and not far):
        yield from map(job, todo)
        return
    there = delayed(partial(_there, job, _folders()))
    side_by_side = Parallel(
        n_jobs=-1 if far else count,
        batch_size=1,  # a job is long beside what it costs to send it
        pre_dispatch=AHEAD if far else "2 * n_jobs",
        return_as="generator_unordered",
    )
    try:
        for found in side_by_side(there(one) for one in todo):
            if not isinstance(found, _Found):  # what joblib makes of a job that Dask has cancelled
                raise InputError(GONE)
            yield found.value
    except Exception as error:
        said = (LOST_THERE if far else LOST_HERE).get(type(error).__name__)
        said = UNLIKE.format(error.__cause__) if "deserialization of the task" in str(error) else said  # Dask's words
        if said is None:
            raise
        raise InputError(said) from error


def on_cluster() -> bool:
    """Whether jobs leave this machine's own processes: somebody chose another backend of joblib."""
    return type(get_active_backend()[0]).__name__ != "LokyBackend"


def usable_cores() -> int:
    """Cores this process may run on (macOS cannot tell: all of them)."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _folders() -> dict[str, str]:
    where = {"ROOT": paths.project_root(), "BUILD": paths.build_dir(), "RESULTS": paths.results_dir()}
    return {f"TWINLIB_{name}": str(folder.absolute()) for name, folder in where.items()}


class _Found(NamedTuple):
    value: Any


def _there(job: Callable[[T], R], folders: dict[str, str], one: T) -> _Found:
    """In the worker."""
    os.environ.update(folders)
    process_executor._MAX_MEMORY_LEAK_SIZE = sys.maxsize  # a detector or a network that was loaded is no leak
    return _Found(job(one))
