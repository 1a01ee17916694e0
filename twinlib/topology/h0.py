"""Zero-dimensional persistence: the lengths at which components join are the edges of a minimum spanning tree."""

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
