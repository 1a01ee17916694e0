import builtins
import inspect

import numpy as np
import pytest
from golden_files import golden, relative
from scipy.spatial.distance import cdist

from twinlib.errors import InputError
from twinlib.topology.persistence import (
    DISCREPANCIES,
    FEW,
    _prim,
    _prim_of_few,
    diagrams,
    h0_pairs,
    structure_discrepancy,
)

VECTORS = golden("h0_pairs")
CLOUDS = sorted(k.removesuffix("_points") for k in VECTORS if k.endswith("_points"))


def distances(cloud):
    points = VECTORS[f"{cloud}_points"]
    return VECTORS.get(f"{cloud}_dist", cdist(points, points))


def ties(D):
    lengths = np.sort(D[np.triu_indices(len(D), 1)])
    return bool((np.diff(lengths) < 1e-9).any())


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-6)])
@pytest.mark.parametrize("cloud", CLOUDS)
def test_golden_deaths_and_where_no_lengths_tie_pairs(cloud, dtype, tolerance):
    D = distances(cloud)
    pairs, deaths = h0_pairs(D.astype(dtype))
    assert deaths.dtype == dtype
    assert relative(deaths, VECTORS[f"{cloud}_deaths"]) < tolerance
    if not ties(D):
        np.testing.assert_array_equal(pairs, VECTORS[f"{cloud}_pairs"])


def test_the_vectors_have_clouds_with_and_without_ties_and_with_duplicates():
    assert {ties(distances(cloud)) for cloud in CLOUDS} == {True, False}
    assert min(VECTORS[f"{cloud}_deaths"].min() for cloud in CLOUDS) == 0


def union_find(D):
    """All edges in order of length, each kept if it joins two components."""
    component, pairs = list(range(len(D))), []
    for _, u, v in sorted((D[i, j], i, j) for i in range(len(D)) for j in range(i + 1, len(D))):
        if component[u] != component[v]:
            component = [component[u] if c == component[v] else c for c in component]
            pairs.append((u, v))
    return pairs


@pytest.mark.parametrize("kind", ["normal", "grid", "duplicates"])
@pytest.mark.parametrize("n", [1, 2, 3, 17, FEW + 12])
def test_slow_twin(n, kind):
    rng = np.random.default_rng(n)
    points = {"normal": rng.normal(size=(n, 3)), "grid": rng.integers(0, 4, (n, 2)).astype(float),
              "duplicates": rng.normal(size=(n, 3)).repeat(3, 0)[:n]}[kind]  # fmt: skip
    D = cdist(points, points)
    pairs, deaths = h0_pairs(D)
    wanted = union_find(D)
    assert deaths.tolist() == [D[u, v] for u, v in wanted]
    assert sorted(union_find(_only(D, pairs))) == sorted(map(tuple, pairs.tolist()))  # a spanning tree
    if kind == "normal":
        assert pairs.tolist() == [list(pair) for pair in wanted]


def _only(D, pairs):
    """D with every edge but the given ones made longer than all."""
    kept = np.full_like(D, D.max(initial=0) + 1)
    kept[pairs[:, 0], pairs[:, 1]] = D[pairs[:, 0], pairs[:, 1]]
    return kept


@pytest.mark.parametrize("n", [1, 2, 30, FEW, 80])
def test_lists_and_arrays_take_the_same_edges_in_every_tie(n):
    points = np.random.default_rng(n).integers(0, 3, (n, 2)).astype(np.float32)
    D = cdist(points, points)
    for few, many in zip(_prim_of_few(D), _prim(D), strict=True):
        np.testing.assert_array_equal(few, many)


def test_a_permutation_of_the_points_changes_no_death_and_carries_the_pairs_along():
    rng = np.random.default_rng(0)
    points, order = rng.normal(size=(60, 4)), rng.permutation(60)
    D = cdist(points, points)
    pairs, deaths = h0_pairs(D)
    moved, same = h0_pairs(D[np.ix_(order, order)])
    np.testing.assert_array_equal(same, deaths)
    np.testing.assert_array_equal(np.sort(order[moved], axis=1), pairs)


def test_scaling_scales_and_the_input_is_left_alone():
    points = np.random.default_rng(1).normal(size=(20, 3))
    D = cdist(points, points)
    before = D.copy()
    np.testing.assert_allclose(h0_pairs(2 * D)[1], 2 * h0_pairs(D)[1])
    np.testing.assert_array_equal(D, before)


@pytest.mark.parametrize(
    ("D", "message"),
    [
        (np.zeros((2, 3)), r"square.*\(2, 3\)"),
        (np.zeros((0, 0)), r"at least one point.*\(0, 0\)"),
        (np.array([[0.0, np.nan], [np.nan, 0.0]]), "NaN in the embeddings"),
    ],
)
def test_refusals(D, message):
    with pytest.raises(InputError, match=message):
        inspect.unwrap(h0_pairs)(D)  # the tests' shape check would come first


VECTORS_OF_DISCREPANCY = golden("topo_loss")
CASES = sorted(k.removesuffix("_sig_x") for k in VECTORS_OF_DISCREPANCY if k.endswith("_sig_x"))


@pytest.mark.parametrize("case", CASES)
def test_mean_square_is_the_golden_loss_of_the_released_code(case):
    got = structure_discrepancy(
        VECTORS_OF_DISCREPANCY[f"{case}_sig_x"], VECTORS_OF_DISCREPANCY[f"{case}_sig_z"], "mean_square"
    )
    assert relative(got, VECTORS_OF_DISCREPANCY[f"{case}_loss_code"]) < 1e-12


@pytest.mark.parametrize("n", [1, 2, 5, 20])
def test_bottleneck_is_that_of_a_general_algorithm(n):
    gudhi = pytest.importorskip("gudhi")
    rng = np.random.default_rng(n)
    for spread in (0.1, 1.0, 3.0):
        a, b = rng.exponential(spread, n), rng.exponential(1.0, n)
        wanted = gudhi.bottleneck_distance(*(np.stack([np.zeros(n), d], axis=1) for d in (a, b)))
        assert structure_discrepancy(a, b, "bottleneck") == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("kind", DISCREPANCIES)
def test_zero_for_equal_deaths_in_any_order_and_symmetric(kind):
    rng = np.random.default_rng(0)
    a, b = rng.random((2, 9))
    assert structure_discrepancy(a, rng.permutation(a), kind) == 0
    assert structure_discrepancy(a, b, kind) == structure_discrepancy(b, a, kind) > 0
    assert structure_discrepancy(np.zeros(0), np.zeros(0), kind) == 0


def test_discrepancy_refusals():
    with pytest.raises(InputError, match="got 2 and 3 deaths"):
        structure_discrepancy(np.zeros(2), np.zeros(3))
    with pytest.raises(InputError, match="discrepancy 'wasserstein' is unknown; known: bottleneck, mean_square"):
        structure_discrepancy(np.zeros(2), np.zeros(2), "wasserstein")


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


def test_cycles_refusals(monkeypatch):
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
