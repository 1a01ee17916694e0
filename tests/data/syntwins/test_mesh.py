import math
from collections import Counter

import numpy as np
import pytest

from twinlib.data.syntwins.mesh import grow, head, loop_subdivision, slerp, texture_uv

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


def test_the_head_is_one_closed_surface_but_for_the_eyes():
    uses = Counter(frozenset((f[i], f[i - 2])) for f in head().control_faces.tolist() for i in range(3))
    assert set(uses.values()) == {1, 2}
    rims = {v for _, rim in head().lid_rims for v in rim}
    assert {v for edge, n in uses.items() if n == 1 for v in edge} == rims


def test_landmarks_lie_on_the_subdivided_surface():
    with np.load("twinlib/data/syntwins/base.npz") as base:
        distance = np.linalg.norm(head().mean[:468] - base["V"], axis=1)
    assert distance.max() < 0.08


def test_the_mirror_map_is_an_involution_that_mirrors():
    mirror, control = head().mirror, head().control
    assert (mirror[mirror] == np.arange(len(mirror))).all()
    assert np.abs(control[mirror] * [-1, 1, 1] - control).max() < 1e-9


def test_the_modes_are_even_and_odd_and_of_unit_size():
    mirror = head().mirror[: head().skull_end]
    np.testing.assert_allclose(head().modes_even[mirror], head().modes_even, atol=1e-5)
    np.testing.assert_allclose(head().modes_odd[mirror], -head().modes_odd, atol=1e-5)
    np.testing.assert_allclose((head().modes_even ** 2).mean(0), 1, atol=1e-4)


def test_rims_and_mouth_follow_their_parents():
    moved = grow(np.tile([1.0, 2.0, 3.0], (head().skull_end, 1)))
    np.testing.assert_allclose(moved, np.tile([1.0, 2.0, 3.0], (len(moved), 1)))


def test_slerp_and_texture_ends():
    x, y = np.eye(3)[:2]
    np.testing.assert_allclose(slerp(x, y, 0.5), [math.sqrt(0.5), math.sqrt(0.5), 0])
    front_top = texture_uv(np.array([[0.0, 12.0, 5.0], [0.0, -13.0, 5.0]]))
    np.testing.assert_allclose(front_top, [[0.5, 0], [0.5, 1]])
