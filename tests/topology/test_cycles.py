import builtins

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from twinlib.errors import InputError
from twinlib.topology.cycles import diagrams


def circle(n):
    angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
    points = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return cdist(points, points)


def octahedron():
    points = np.concatenate([np.eye(3), -np.eye(3)])
    return cdist(points, points)


def test_a_circle_has_one_loop_born_at_the_gap_and_dead_at_its_widest_triangle():
    (components, loops) = diagrams(circle(12), 1)
    gap = 2 * np.sin(np.pi / 12)
    np.testing.assert_allclose(components, [[0, gap]] * 11 + [[0, np.inf]], rtol=1e-12)
    np.testing.assert_allclose(loops, [[gap, np.sqrt(3)]], rtol=1e-6)  # ripser computes in float32


def test_an_octahedron_has_one_void():
    *_, voids = diagrams(octahedron(), 2)
    np.testing.assert_allclose(voids, [[np.sqrt(2), 2]], rtol=1e-6)


def test_components_agree_with_ripsers_but_for_the_duplicates_it_drops():
    from ripser import ripser

    points = np.random.default_rng(0).normal(size=(30, 4)).repeat(2, 0)
    D = cdist(points, points)
    theirs = ripser(D, maxdim=0, distance_matrix=True)["dgms"][0][:, 1]
    ours = diagrams(D, 0)[0][:, 1]
    assert (ours[:30] == 0).all()
    np.testing.assert_allclose(np.sort(ours[ours > 0]), np.sort(theirs), rtol=1e-6)


def test_the_order_of_the_points_does_not_matter():
    points = np.random.default_rng(0).normal(size=(40, 3))
    order = np.random.default_rng(1).permutation(40)
    a, b = (diagrams(cdist(p, p), 1)[1] for p in (points, points[order]))
    np.testing.assert_allclose(a[np.lexsort(a.T)], b[np.lexsort(b.T)])


def test_refusals(monkeypatch):
    with pytest.raises(InputError, match=r"dimensions 0, 1 and 2; got dim 3"):
        diagrams(circle(5), 3)
    with pytest.raises(InputError, match=r"at most 300 points; got 301.*sample"):
        diagrams(circle(301), 2)
    real = builtins.__import__

    def without_ripser(name, *rest):
        if name == "ripser":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_ripser)
    with pytest.raises(InputError, match=r"pip install 'twinlib\[topology\]'"):
        diagrams(circle(5), 1)


@pytest.mark.parametrize("dim", [0, 1, 2])
@pytest.mark.parametrize("points", [1, 2, 5])
def test_one_point_and_equal_points_have_no_holes(points, dim):
    components, *holes = diagrams(np.zeros((points, points)), dim)
    assert components.tolist() == [[0, 0]] * (points - 1) + [[0, np.inf]]
    assert all(len(found) == 0 for found in holes)
