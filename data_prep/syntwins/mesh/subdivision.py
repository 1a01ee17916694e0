"""Loop's rule: a smooth surface from a coarse one, as a matrix."""

import numpy as np
from jaxtyping import Int
from scipy import sparse


def loop_subdivision(vertices: int, faces: Int[np.ndarray, "F 3"]) -> tuple[sparse.csr_matrix, Int[np.ndarray, "G 3"]]:
    r"""One step of Loop's subdivision as a matrix.

    A new vertex on an inner edge is :math:`\tfrac38 (a + b) + \tfrac18 (c + d)` of the edge's ends and the two opposite
    corners; an old vertex of valence k keeps :math:`1 - k\beta` with
    :math:`\beta = \frac1k\left(\tfrac58 - (\tfrac38 + \tfrac14\cos\frac{2\pi}{k})^2\right)`. Borders use
    midpoints and the weights 3/4, 1/8, 1/8.

    Returns:
        The matrix (new vertices × old vertices; rows sum to 1; old vertices keep their numbers) and the new triangles,
        four for one.

    Source:
        C. Loop, Smooth subdivision surfaces based on triangles, 1987.
    """
    corners = faces.T  # (3, F)
    ends = np.sort(np.concatenate([corners[[0, 1]], corners[[1, 2]], corners[[2, 0]]], 1).T, 1)
    opposite = np.concatenate([corners[2], corners[0], corners[1]])
    edges, edge_of = np.unique(ends, axis=0, return_inverse=True)
    edge_of = edge_of.reshape(-1)
    inner = np.bincount(edge_of) == 2
    new = vertices + np.arange(len(edges))

    rows = [new, new, vertices + edge_of[inner[edge_of]]]
    columns = [edges[:, 0], edges[:, 1], opposite[inner[edge_of]]]
    weights = [np.where(inner, 0.375, 0.5)] * 2 + [np.full(int(inner[edge_of].sum()), 0.125)]

    valence = np.bincount(edges.reshape(-1), minlength=vertices)
    border_edges = edges[~inner]
    border = np.bincount(border_edges.reshape(-1), minlength=vertices)
    k = np.maximum(valence, 1)
    beta = (0.625 - (0.375 + 0.25 * np.cos(2 * np.pi / k)) ** 2) / k
    old = np.arange(vertices)
    rows.append(old)
    columns.append(old)
    weights.append(np.where(border > 0, 0.75, 1 - valence * beta))
    for a, b in ((0, 1), (1, 0)):
        keep = border[edges[:, a]] == 0
        rows += [edges[keep, a], border_edges[:, a]]
        columns += [edges[keep, b], border_edges[:, b]]
        weights += [beta[edges[keep, a]], 0.25 / border[border_edges[:, a]]]
    matrix = sparse.csr_matrix(
        (np.concatenate(weights), (np.concatenate(rows), np.concatenate(columns))),
        shape=(vertices + len(edges), vertices),
    )
    ab, bc, ca = (vertices + edge_of).reshape(3, -1)
    a, b, c = corners
    finer = np.stack([np.stack(t, 1) for t in ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))], 1)
    return matrix, finer.reshape(-1, 3)
