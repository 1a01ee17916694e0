"""Components of a batch: the tree that joins it, and the bars of its zero-dimensional persistence."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int
from matplotlib.figure import Figure
from scipy.spatial.distance import cdist

from twinlib.errors import InputError
from twinlib.figures.style import KIND, MUTED, figure
from twinlib.topology.h0 import h0_pairs

NAMES = {"genuine": "same person", "twin": "twins", "stranger": "strangers"}


def edge_kinds(pairs: Int[np.ndarray, "m 2"], subject: Sequence[str], family: Sequence[str]) -> list[str]:
    """Kind of pair that each edge joins: genuine, twin (one family, two subjects) or stranger."""
    kinds = []
    for u, v in pairs:
        kinds.append("genuine" if subject[u] == subject[v] else "twin" if family[u] == family[v] else "stranger")
    return kinds


def join_kinds(points: Float[np.ndarray, "n d"], subject: Sequence[str], family: Sequence[str]) -> list[str]:
    """Kinds of the n − 1 edges that join the points, shortest first; see `edge_kinds`."""
    return edge_kinds(h0_pairs(cdist(points, points))[0], subject, family)


def tree(
    points: Float[np.ndarray, "n d"], subject: Sequence[str], family: Sequence[str], unit: str
) -> tuple[Figure, str]:
    """Minimum spanning tree of a batch drawn on its two main axes, and a bar per component that dies.

    Args:
        points: one a row; distances are Euclidean.
        subject: of each row.
        family: of each row.
        unit: of the distances.

    Raises:
        InputError: fewer than three points.
    """
    if len(points) < 3:
        raise InputError(f"a tree of a batch needs at least 3 points; got {len(points)}.")
    pairs, deaths = h0_pairs(cdist(points, points))
    kinds = edge_kinds(pairs, subject, family)
    centred = points - points.mean(0)
    plane = centred @ np.linalg.svd(centred, full_matrices=False)[2][:2].T
    fig, axes = figure(9.4, 4.0, columns=2)
    for (u, v), kind in zip(pairs, kinds, strict=True):
        axes[0].plot(*plane[[u, v]].T, color=KIND[kind], linewidth=1.6, zorder=1)
    axes[0].scatter(*plane.T, s=22, color=MUTED, zorder=2)
    axes[0].set(title="the tree, on the batch's two main axes", xticks=[], yticks=[])
    for kind, name in NAMES.items():
        rows = [i for i, k in enumerate(kinds) if k == kind]
        axes[1].hlines(rows, 0, deaths[rows], color=KIND[kind], linewidth=2.2, label=f"{name} ({len(rows)})")
    axes[1].set(title="bars: a component lives until it is joined", xlabel=f"distance, {unit}", yticks=[], xlim=0)
    axes[1].legend(loc="lower right", title="joins")
    share = {NAMES[kind]: kinds.count(kind) for kind in NAMES}
    return fig, (
        f"Tree of {len(points)} faces and its {len(deaths)} bars, from {deaths[0]:.3g} to {deaths[-1]:.3g} {unit}. "
        f"Edges join: {', '.join(f'{name} {count}' for name, count in share.items())}."
    )
