import numpy as np
import pytest

from twinlib.measure.bootstrap import family_weights
from twinlib.measure.weighted import Paired, Sorted, auc_draws, pair_weights


def test_a_pair_across_two_families_weighs_the_product():
    weights = np.array([[1, 0], [3, 2], [2, 5]])
    families = np.array([[1, 1], [1, 2], [0, 2]])
    assert pair_weights(families, weights).tolist() == [[3, 2], [6, 10], [2, 0]]


@pytest.mark.parametrize("families", [3, 70, 150])
@pytest.mark.parametrize("levels", [5, 10**6])
def test_draws_of_pairs_inside_families_are_the_same_numbers_pair_by_pair(families, levels, monkeypatch):
    """By a matrix of families, several blocks of them, with ties and without; some families lack a class."""
    rng = np.random.default_rng(families)
    own, same = rng.integers(families, size=400), rng.integers(2, size=400).astype(bool)
    pairs = Sorted.of(Paired(same, np.stack([own, own], 1)), rng.integers(levels, size=400).astype(float))
    weights = family_weights(pairs.families, 200, 1)
    found = auc_draws(pairs, weights)
    monkeypatch.setattr(Sorted, "inside", False)
    np.testing.assert_array_equal(found, auc_draws(pairs, weights))


def test_a_draw_without_one_class_is_nan():
    pairs = Sorted.of(Paired(np.array([True, False]), np.array([[0, 0], [1, 1]])), np.array([2.0, 1.0]))
    found = auc_draws(pairs, np.array([[1, 2, 0], [1, 0, 3]]))
    np.testing.assert_array_equal(found, [1, np.nan, np.nan])


def test_drawn_families_are_read_only():
    with pytest.raises(ValueError, match="read-only"):
        family_weights(3, 5, 0)[:] = 1
