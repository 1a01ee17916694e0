import math
from collections import Counter

import numpy as np

from syntwins.mesh.head import grow, head, slerp, texture_uv


def test_the_head_is_one_closed_surface_but_for_the_eyes():
    uses = Counter(frozenset((f[i], f[i - 2])) for f in head().control_faces.tolist() for i in range(3))
    assert set(uses.values()) == {1, 2}
    rims = {v for _, rim in head().lid_rims for v in rim}
    assert {v for edge, n in uses.items() if n == 1 for v in edge} == rims


def test_landmarks_lie_on_the_subdivided_surface():
    with np.load("data_prep/syntwins/mesh/base.npz") as base:
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
