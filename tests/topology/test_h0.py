import inspect

import numpy as np
import pytest
from golden_files import golden, relative
from scipy.spatial.distance import cdist

from twinlib.errors import InputError
from twinlib.topology.h0 import FEW, _prim, _prim_of_few, h0_pairs

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
