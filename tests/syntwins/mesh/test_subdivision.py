import math

import numpy as np
import pytest

from syntwins.mesh.subdivision import loop_subdivision

SQUARE_PYRAMID = np.array([[0, 1, 4], [1, 2, 4], [2, 3, 4], [3, 0, 4]])  # open below: has a border
OCTAHEDRON = np.array([[0, 2, 4], [2, 1, 4], [1, 3, 4], [3, 0, 4], [2, 0, 5], [1, 2, 5], [3, 1, 5], [0, 3, 5]])


def subdivide_slowly(points, faces):
    """Loop's rule, vertex by vertex, straight from the paper's masks."""
    around = {}
    for face in faces.tolist():
        for i in range(3):
            around.setdefault(frozenset((face[i], face[i - 2])), []).append(face[i - 1])
    edges = {tuple(sorted(edge)): corners for edge, corners in around.items()}
    out = []
    for v in range(len(points)):
        neighbours = [a + b - v for a, b in edges if v in (a, b)]
        border = [a + b - v for (a, b), corners in edges.items() if v in (a, b) and len(corners) == 1]
        if border:
            out.append(0.75 * points[v] + 0.125 * sum(points[u] for u in border))
        else:
            k = len(neighbours)
            beta = (5 / 8 - (3 / 8 + math.cos(2 * math.pi / k) / 4) ** 2) / k
            out.append((1 - k * beta) * points[v] + beta * sum(points[u] for u in neighbours))
    for (a, b), corners in sorted(edges.items()):
        middle = (points[a] + points[b]) / 2
        out.append(middle if len(corners) == 1 else 0.75 * middle + 0.125 * sum(points[c] for c in corners))
    return np.array(out)


@pytest.mark.parametrize("faces", [SQUARE_PYRAMID, OCTAHEDRON])
def test_loop_subdivision_agrees_with_the_masks(faces):
    points = np.random.default_rng(0).standard_normal((faces.max() + 1, 3))
    matrix, finer = loop_subdivision(len(points), faces)
    np.testing.assert_allclose(matrix @ points, subdivide_slowly(points, faces), atol=1e-12)
    np.testing.assert_allclose(matrix.sum(1), 1)
    assert len(finer) == 4 * len(faces)


def test_subdivision_keeps_the_orientation():
    points = np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1.0]])
    matrix, finer = loop_subdivision(6, OCTAHEDRON)
    fine = matrix @ points
    a, b, c = fine[finer].transpose(1, 0, 2)
    assert ((np.cross(b - a, c - a) * (a + b + c)).sum(1) > 0).all()
