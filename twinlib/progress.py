"""Progress of long work: a bar on a terminal, a line now and then elsewhere."""

import sys
from collections.abc import Iterable
from typing import TypeVar

from tqdm import tqdm

T = TypeVar("T")


def progress(
    items: Iterable[T], total: int | None, what: str, unit: str = "it", initial: int = 0, shown: bool = True
) -> "tqdm[T]":
    """Wrap `items` so that standard error shows how far the work is and how long it will take.

    Args:
        items: what to go through.
        total: how many there are; None if unknown.
        what: a few words for the left of the bar.
        unit: what is counted, in the singular.
        initial: how many were done before (resumed work).
        shown: False where another process tells.
    """
    terminal = sys.stderr.isatty()
    return tqdm(
        items,
        total=total,
        desc=what,
        unit=f" {unit}",
        initial=initial,
        file=sys.stderr,
        mininterval=0.1 if terminal else 15,
        ascii=not terminal,
        dynamic_ncols=terminal,
        disable=not shown,
    )
