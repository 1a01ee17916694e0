"""Progress of long work: a bar on a terminal, a line now and then elsewhere. Two photographs need no tqdm."""

import sys
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from tqdm import tqdm

T = TypeVar("T")
LINE_EVERY = 15  # seconds
LINE = "{desc}: {percentage:.0f}%, {n_fmt}/{total_fmt}, {rate_fmt}{postfix}, {elapsed} gone, {remaining} left"


@cache
def _lines() -> "type[tqdm]":
    """A line for every look, instead of a bar that writes over itself: log files stay readable."""
    from tqdm import tqdm

    class Lines(tqdm):
        def display(self, msg: str | None = None, pos: int | None = None) -> None:
            """Write a whole line."""
            self.fp.write(f"{self}\n")
            self.fp.flush()

        def close(self) -> None:
            """Tell how it ended."""
            if not self.disable and self.last_print_n < self.n:
                self.display()
            self.sp = None  # tqdm writes no line of its own then
            super().close()

    return Lines


def progress(
    items: Iterable[T], total: int | None, what: str, unit: str = "it", initial: int = 0, shown: bool = True
) -> "tqdm":
    """Wrap `items` so that standard error shows how far the work is and how long it will take.

    Args:
        items: what to go through.
        total: how many there are; None if unknown.
        what: a few words for the left of the bar.
        unit: what is counted, in the singular.
        initial: how many were done before (resumed work).
        shown: False where another process tells.
    """
    from tqdm import tqdm

    terminal = sys.stderr.isatty()
    return (tqdm if terminal else _lines())(
        items,
        total=total,
        desc=what,
        unit=f" {unit}",
        initial=initial,
        file=sys.stderr,
        mininterval=0.1 if terminal else LINE_EVERY,
        dynamic_ncols=terminal,
        disable=not shown,
        bar_format=None if terminal or total is None else LINE,
    )
