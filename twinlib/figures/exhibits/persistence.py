"""Persistence diagrams: when each hole is born and dies."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from twinlib.errors import InputError
from twinlib.figures.style import MUTED, PALETTE, figure

NAMES = ("components (H0)", "loops (H1)", "voids (H2)")


def persistence_diagrams(found: Mapping[str, Sequence[np.ndarray]]) -> tuple[Figure, str]:
    """One diagram a panel, births across and deaths upwards; a hole far from the diagonal lives long.

    Args:
        found: title of a panel → (birth, death) of the holes of each dimension, from 0 on; what never dies is left out.

    Raises:
        InputError: nothing to draw.
    """
    if not found:
        raise InputError("persistence_diagrams: give at least one diagram.")
    fig, axes = figure(2.6 * len(found) + 0.6, 2.9, 1, len(found))
    finite = {title: [d[np.isfinite(d[:, 1])] for d in dims] for title, dims in found.items()}
    top = max((d.max() for dims in finite.values() for d in dims if len(d)), default=1.0)
    for ax, (title, dims) in zip(np.atleast_1d(axes), finite.items(), strict=True):
        ax.plot([0, top], [0, top], color=MUTED, linewidth=1.0)
        for color, name, holes in zip(PALETTE, NAMES, dims, strict=False):
            ax.plot(holes[:, 0], holes[:, 1], ".", color=color, markersize=4, label=name)
        ax.set(title=title, xlabel="born at", ylabel="dies at")
    # where all dimensions are: a larger sample may come without the highest
    fullest = max(reversed(np.atleast_1d(axes)), key=lambda ax: len(ax.get_legend_handles_labels()[1]))
    fullest.legend(loc="lower right")
    said = "; ".join(f"{title}: {', '.join(str(len(d)) for d in dims)}" for title, dims in finite.items())
    return fig, f"Persistence diagrams; number of holes by dimension from 0: {said}."
