"""Families rendered side by side: one process a core, one thread a process."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TypeVar

from twinlib.errors import InputError
from twinlib.progress import progress

T = TypeVar("T")


def do_all(job: Callable[[T], object], todo: Sequence[T], what: str, workers: int | None = None) -> None:
    """Do a job for every family, in this process or in several, with progress.

    Args:
        job: what to do with one; importable by name, because fresh interpreters do it.
        todo: the families' plans.
        what: a few words for the progress bar.
        workers: processes; every usable core if None.

    Raises:
        InputError: if a process died: memory, or a script without its `if __name__ == "__main__":`.
    """
    count = min(workers or usable_cores(), len(todo))
    if count <= 1:
        with one_thread():
            for _ in progress(map(job, todo), len(todo), what, "family"):
                pass
        return
    context = get_context("spawn")  # forked children may inherit locked threads of torch or BLAS
    with ProcessPoolExecutor(count, context, _start_worker) as pool:
        try:
            futures = [pool.submit(job, one) for one in todo]
            for future in progress(as_completed(futures), len(todo), what, "family"):
                future.result()
        except BrokenProcessPool as error:
            raise InputError(
                "a rendering process died, for want of memory or because a script that renders lacks "
                '`if __name__ == "__main__":`. Mend that, or render with workers=1; what is done is kept.'
            ) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def usable_cores() -> int:
    """Cores this process may run on (macOS cannot tell: all of them)."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _start_worker() -> None:
    """One thread per process: the processes already use every core."""
    one_thread().__enter__()


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep OpenCV and BLAS to one thread inside the block."""
    import cv2
    from threadpoolctl import threadpool_limits

    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        cv2.setNumThreads(threads)
