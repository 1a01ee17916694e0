"""Pictures of chapter 09: the tree that joins a batch, TopoFR's mixture of entropies, persistence diagrams."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Bool, Float, Int
from matplotlib.figure import Figure
from scipy.spatial.distance import cdist
from sklearn.decomposition import PCA

from twinlib.errors import InputError
from twinlib.figures import drawn
from twinlib.figures.style import GENUINE, KIND, MUTED, PALETTE, TWIN, figure
from twinlib.methods.topofr.gum import fit
from twinlib.topology.persistence import h0_pairs

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
    plane = PCA(2, svd_solver="full").fit_transform(points)
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


POINTS = 200


def entropy_mixture(values: Float[np.ndarray, " n"], right: Bool[np.ndarray, " n"], what: str) -> tuple[Figure, str]:
    """Histogram of standardised values, the fitted Gaussian, and a sign for every sample: right above, wrong below.

    Args:
        values: entropies with the sign they are fitted with.
        right: whether the prediction was.
        what: what is shown, for the alternative text, which also says medians and the posterior of both kinds.

    Raises:
        InputError: if all predictions are right, or all wrong.
    """
    if right.all() or not right.any():
        raise InputError("entropy_mixture compares right and wrong predictions; all of these are of one kind.")
    found = fit(values)
    x = (values - values.mean()) / (values.std() or 1.0)
    grid = np.linspace(x.min(), x.max(), POINTS)
    variance = found.variance + 1e-3  # the floor that the fit itself adds
    gaussian = np.exp(-grid * grid / (2 * variance)) / np.sqrt(2 * np.pi * variance)
    fig, ax = figure(6.6, 3.5)
    drawn.histogram(ax, x, np.histogram_bin_edges(x, 40), MUTED)
    drawn.curve(ax, grid, found.pi * gaussian, color=PALETTE[0], label=f"Gaussian part, share {found.pi:.2f}")
    step = ax.get_ylim()[1] / 14
    for place, (mark, color, name, of) in enumerate((("*", GENUINE, "right", right), ("x", TWIN, "wrong", ~right)), 1):
        label = f"{name} ({of.sum()}), mean γ {found.gamma[of].mean():.2f}"
        ax.plot(x[of], np.full(of.sum(), -place * step), mark, color=color, markersize=5, alpha=0.6, label=label)
    ax.set(xlabel="signed entropy, standardised", ylabel="density")
    ax.legend()
    medians = [np.median(np.abs(values[of])) for of in (right, ~right)]
    gammas = [found.gamma[of].mean() for of in (right, ~right)]
    return fig, (
        f"{what}. Median size of the entropy: right {medians[0]:.3g}, wrong {medians[1]:.3g}; "
        f"mean posterior of the Gaussian: right {gammas[0]:.2f}, wrong {gammas[1]:.2f}."
    )


HOLES = ("components (H0)", "loops (H1)", "voids (H2)")


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
    for ax, (title, dims) in zip(axes, finite.items(), strict=True):
        ax.plot([0, top], [0, top], color=MUTED, linewidth=1.0)
        for color, name, holes in zip(PALETTE, HOLES, dims, strict=False):
            ax.plot(holes[:, 0], holes[:, 1], ".", color=color, markersize=4, label=name)
        ax.set(title=title, xlabel="born at", ylabel="dies at")
    # where all dimensions are: a larger sample may come without the highest
    fullest = max(axes.tolist()[::-1], key=lambda ax: len(ax.get_legend_handles_labels()[1]))
    fullest.legend(loc="lower right")
    said = "; ".join(f"{title}: {', '.join(str(len(d)) for d in dims)}" for title, dims in finite.items())
    return fig, f"Persistence diagrams; number of holes by dimension from 0: {said}."
