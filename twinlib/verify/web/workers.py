"""Threads with one verifier each, and the bounded queue in front of them."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from threading import Lock
from typing import Generic, TypeVar

V = TypeVar("V")
T = TypeVar("T")


class BusyError(Exception):
    """The queue is full, or the workers are shutting down."""


class Workers(Generic[V]):
    """Work is done in order; no verifier is used by two threads at once.

    Args:
        verifiers: one for each thread.
        waiting: how many pieces of work may wait while all threads are busy.
    """

    def __init__(self, verifiers: Sequence[V], waiting: int) -> None:
        self._idle: SimpleQueue[V] = SimpleQueue()
        for verifier in verifiers:
            self._idle.put(verifier)
        self._threads = ThreadPoolExecutor(len(verifiers), "verify")
        self._lock = Lock()
        self.open, self.held, self.most = True, 0, len(verifiers) + waiting

    def submit(self, work: Callable[[V], T]) -> "Future[T]":
        """Put work into the queue.

        Raises:
            BusyError: it is full, or closed.
        """
        with self._lock:
            if not self.ready:
                raise BusyError
            self.held += 1
            future = self._threads.submit(lambda: self._do(work))
        future.add_done_callback(self._done)
        return future

    @property
    def ready(self) -> bool:
        """Whether more work would be taken now."""
        return self.open and self.held < self.most

    def close(self) -> None:
        """Take no more work, finish what was taken."""
        with self._lock:
            self.open = False
        self._threads.shutdown(wait=True)

    def _do(self, work: Callable[[V], T]) -> T:
        verifier = self._idle.get()
        try:
            return work(verifier)
        finally:
            self._idle.put(verifier)

    def _done(self, _: "Future[T]") -> None:
        with self._lock:
            self.held -= 1
