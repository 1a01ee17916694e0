"""Persistence without torch: components by a spanning tree, loops and voids by ripser, how far two differ."""

import numpy as np
from jaxtyping import Float, Int

from twinlib.errors import InputError

FEW = 48  # points up to which plain lists are faster than numpy, whose every call costs a microsecond


def h0_pairs(D: Float[np.ndarray, "n n"]) -> tuple[Int[np.ndarray, "n-1 2"], Float[np.ndarray, " n-1"]]:
    """Pairs of points whose edge joins two components of the Vietoris–Rips filtration, and the length of that edge.

    Args:
        D: symmetric distances, at least one point. Equal lengths and lengths of 0 (duplicate points) are exact.

    Returns:
        Pairs (u < v) in the order in which they join, and their lengths D[u, v], ascending: every component is born
        at 0 and dies there. Where several trees are shortest it is one of them; the lengths are the same for all.

    Raises:
        InputError: for a matrix that is not square, is empty, or holds NaN or infinity.

    Notes:
        Prim's algorithm, O(n²), without sorting the edges.
    """
    if D.ndim != 2 or len(D) != D.shape[1] or not len(D):
        raise InputError(f"h0_pairs wants square distances between at least one point; got shape {D.shape}.")
    if not np.isfinite(D).all():
        raise InputError("h0_pairs wants finite distances; found NaN or infinity. Look for NaN in the embeddings.")
    joined, nearest = (_prim_of_few if len(D) <= FEW else _prim)(D)
    u, v = np.minimum(joined, nearest), np.maximum(joined, nearest)
    order = np.lexsort((v, u, D[u, v]))
    u, v = u[order], v[order]
    return np.stack([u, v], axis=1), D[u, v]


def _prim(D: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points 1 … n−1 in the order in which they join the tree of point 0, and the tree's point nearest to each."""
    n = len(D)
    best = D[0].astype(D.dtype)  # a copy: distance of each point to the tree; infinite once it is in the tree
    best[0] = np.inf
    nearest = np.zeros(n, np.intp)
    outside = np.arange(n) > 0
    order = np.empty(n - 1, np.intp)
    for step in range(n - 1):
        new = order[step] = best.argmin()
        best[new], outside[new] = np.inf, False
        row = D[new]
        closer = ((row < best) & outside).nonzero()[0]
        best[closer], nearest[closer] = row[closer], new
    return order, nearest[order]


def _prim_of_few(D: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same on lists, equal in every tie."""
    rows = D.tolist()
    best, nearest, outside, order = rows[0], [0] * len(rows), list(range(1, len(rows))), []
    while outside:
        new = min(outside, key=best.__getitem__)
        outside.remove(new)
        order.append(new)
        row = rows[new]
        for point in outside:
            if row[point] < best[point]:
                best[point], nearest[point] = row[point], new
    joined = np.array(order, np.intp)
    return joined, np.array(nearest, np.intp)[joined]


def bottleneck(a: Float[np.ndarray, " n"], b: Float[np.ndarray, " n"]) -> float:
    """Bottleneck distance of two H0 diagrams given by their deaths, all births 0.

    Sorted, the k-th longest bar meets the k-th longest, or both are given up at half the longer one's length; with all
    births equal no other matching does better.
    """
    return float(np.minimum(np.abs(a - b), np.maximum(a, b) / 2).max(initial=0.0))


def mean_square(a: Float[np.ndarray, " n"], b: Float[np.ndarray, " n"]) -> float:
    """Sum of squared differences of the sorted deaths over the number of points (one more than deaths)."""
    return float(((a - b) ** 2).sum() / (len(a) + 1))


DISCREPANCIES = {"bottleneck": bottleneck, "mean_square": mean_square}


def structure_discrepancy(
    deaths_x: Float[np.ndarray, " n"], deaths_z: Float[np.ndarray, " m"], kind: str = "mean_square"
) -> float:
    """Discrepancy of the component structure of the same points in two spaces.

    Args:
        deaths_x: deaths in one space, from `h0_pairs`, in any order.
        deaths_z: deaths in the other; scale both to comparable units first.
        kind: mean_square (the value of TopoFR's released alignment loss) or bottleneck (of the two diagrams).

    Returns:
        0 for equal deaths; mean_square in squared units, bottleneck in units of the deaths.

    Raises:
        InputError: for different numbers of deaths or an unknown kind.
    """
    if len(deaths_x) != len(deaths_z):
        raise InputError(
            f"structure_discrepancy compares the same points in two spaces; "
            f"got {len(deaths_x)} and {len(deaths_z)} deaths."
        )
    if kind not in DISCREPANCIES:
        raise InputError(f"discrepancy {kind!r} is unknown; known: {', '.join(DISCREPANCIES)}.")
    return DISCREPANCIES[kind](np.sort(deaths_x), np.sort(deaths_z))


LARGEST = {1: 1000, 2: 300}  # points; beyond that ripser takes minutes and gigabytes


def diagrams(D: Float[np.ndarray, "n n"], dim: int = 1) -> list[Float[np.ndarray, "k 2"]]:
    """Persistence diagrams of the Vietoris–Rips filtration in dimensions 0 to dim.

    Args:
        D: symmetric distances.
        dim: highest dimension, 0, 1 or 2.

    Returns:
        Per dimension (birth, death) of each hole, in units of D. Dimension 0 is our own: n − 1 deaths, zero lengths
        kept (ripser drops them), then one component that never dies.

    Raises:
        InputError: for another dim, for more points than ripser can do in reasonable time and memory (1,000 for loops,
            300 for voids), or without the package ripser.
    """
    if dim not in (0, *LARGEST):
        raise InputError(f"persistence is offered in dimensions 0, 1 and 2; got dim {dim}.")
    _, deaths = h0_pairs(D)
    components = np.stack([np.zeros(len(D)), np.append(deaths, np.inf)], axis=1)
    return [components, *(_ripser(D, dim) if dim else [])]


def _ripser(D: np.ndarray, dim: int) -> list[np.ndarray]:
    if len(D) > LARGEST[dim]:
        raise InputError(
            f"persistence in dimension {dim} takes at most {LARGEST[dim]} points; got {len(D)}. Draw a sample of them."
        )
    try:
        from ripser import ripser
    except ImportError as error:
        raise InputError("loops and voids need ripser: pip install 'twinlib[topology]'.") from error
    return [found.astype(np.float64) for found in ripser(D, maxdim=dim, distance_matrix=True)["dgms"][1:]]
