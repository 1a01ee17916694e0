"""Does a map of attention look at moles and scars? Judged by where the renderer put them."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from twinlib.errors import InputError
from twinlib.measure.metrics import auc


class OnMarks(NamedTuple):
    """How well a map tells cells with a mark from cells without; one half is chance.

    Attributes:
        auc: over all cells of all faces.
        in_place: the same after each cell's mean over the faces is taken off: a map that looks at the middle of every
            face, where most marks are, gains nothing.
        cells: cells with a mark.
    """

    auc: float
    in_place: float
    cells: int


def cells_of(marks: Float[np.ndarray, "N M 2"], h: int, w: int) -> Bool[np.ndarray, "N h w"]:
    """Cells of a grid that hold a mark.

    Args:
        marks: (x, y) in [0, 1] of the crop; NaN where there are fewer, and those outside are left out.
        h: rows of the grid.
        w: columns.
    """
    found = np.zeros((len(marks), h, w), bool)
    inside = ((marks >= 0) & (marks < 1)).all(2)
    face, k = np.nonzero(inside)
    x, y = marks[face, k].T
    found[face, (y * h).astype(int), (x * w).astype(int)] = True
    return found


def on_marks(maps: Float[np.ndarray, "N h w"], marks: Float[np.ndarray, "N M 2"]) -> OnMarks:
    """Area under the curve of a map as a score for "a mark is here".

    Args:
        maps: a value a cell and face, the larger the more is looked at.
        marks: of the same faces, as for `cells_of`.

    Raises:
        InputError: if no cell, or every cell, holds a mark.
    """
    held = cells_of(marks, *maps.shape[1:])
    if held.all() or not held.any():
        raise InputError(f"on_marks needs cells with and without a mark; {int(held.sum())} of {held.size} hold one.")
    own = maps - maps.mean(0)
    return OnMarks(*(auc(m.ravel(), held.ravel()) for m in (maps, own)), cells=int(held.sum()))
