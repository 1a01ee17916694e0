"""Maps and measures on faces: does attention look at marks, and SymFace's frontness drawn on crops."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, UInt8
from matplotlib.figure import Figure

from twinlib.errors import InputError
from twinlib.figures.style import GENUINE, TWIN, figure
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


def frontness_faces(
    crops: Sequence[UInt8[np.ndarray, "S S 3"]],
    columns: Float[np.ndarray, "N 3"],
    rho: Float[np.ndarray, " N"],
) -> tuple[Figure, str]:
    """Faces in a row, on each the middle between the eyes (solid) and the nose (dashed), above it ρ.

    Args:
        crops: aligned faces.
        columns: of left eye, right eye and tip of the nose, px of the crop.
        rho: frontness of each.

    Raises:
        InputError: not as many columns or ρ as faces.
    """
    if not len(crops) == len(columns) == len(rho):
        raise InputError(f"frontness_faces: {len(crops)} faces, {len(columns)} landmarks, {len(rho)} values of ρ.")
    fig, axes = figure(1.05 * len(crops) + 0.2, 1.35, 1, len(crops))
    for ax, crop, (left, right, nose), value in zip(axes, crops, columns, rho, strict=True):
        ax.imshow(crop)
        ax.axvline((left + right) / 2, color=GENUINE, linewidth=1.8)
        ax.axvline(nose, color=TWIN, linewidth=1.8, linestyle=(0, (3, 2)))
        ax.set(xticks=[], yticks=[])
        ax.set_title(f"{value:.2f}", fontsize=9, loc="center")
        ax.grid(False)
        ax.spines[:].set_visible(False)
    said = ", ".join(f"{value:.2f}" for value in rho)
    what = f"{len(crops)} rendered faces with the middle between their eyes and the column of the nose"
    return fig, f"{what}; frontness ρ: {said}."
