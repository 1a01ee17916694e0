import numpy as np
import pytest
from scipy import stats

from twinlib.errors import InputError
from twinlib.methods.topofr.components import (
    batch_discrepancies,
    distances,
    joins,
    share_of_shortest,
    shortest_over_families,
)

X = np.array([[0.0], [0.1], [0.3], [1.0], [1.15]])
SUBJECT, FAMILY = np.array([0, 0, 1, 2, 2]), np.array([0, 0, 0, 1, 1])


def test_joins_name_the_kind_of_each_edge():
    """By hand: 0–1 same person, 3–4 same person, 1–2 twins, 2–3 strangers."""
    table = joins(distances(X), SUBJECT, FAMILY)
    assert list(table["kind"]) == ["genuine", "genuine", "twin", "stranger"]
    assert list(zip(table["i"], table["j"], strict=True)) == [(0, 1), (3, 4), (1, 2), (2, 3)]
    assert table["death"].to_numpy() * 1.15 == pytest.approx([0.1, 0.15, 0.2, 0.7])
    assert table["expected"].tolist() == pytest.approx([0.2, 0.2, 0.2, 0.6])


def test_spaces_that_agree_up_to_scale_differ_by_nothing():
    x = np.random.default_rng(0).normal(size=(40, 3))
    assert batch_discrepancies(x, 5 * x, 10, 3).max() == pytest.approx(0, abs=1e-20)
    assert batch_discrepancies(x, x**3, 10, 3).min() > 0


def test_a_batch_larger_than_the_set_is_refused():
    with pytest.raises(InputError, match="a batch of 9 cannot be drawn from 5 points"):
        batch_discrepancies(X, X, 9, 1)


def test_unscaled_distances_see_a_change_of_scale():
    """Deaths of a line of points in equal steps of 1, and of 3: each of n - 1 differs by 2."""
    x = np.arange(10.0)[:, None]
    assert batch_discrepancies(x, 3 * x, 10, 1, scaled=False) == pytest.approx([4 * 9 / 10])
    assert batch_discrepancies(x, 3 * x, 10, 1) == pytest.approx([0])


def crowd(families=12, near=0.3):
    """Two subjects of two pictures a family, on a plane; twins lie `near` each other."""
    rng = np.random.default_rng(7)
    subject = np.repeat(np.arange(2 * families), 2)
    middle = np.repeat(rng.normal(size=(families, 2)), 2, axis=0) + near * rng.normal(size=(2 * families, 2))
    return distances(middle[subject] + 0.3 * rng.normal(size=(len(subject), 2))), subject, subject // 2


def test_the_interval_over_families_is_the_jackknifes():
    D, subject, family = crowd()
    table = joins(D, subject, family)
    got = shortest_over_families(D, subject, family)
    assert got.value == share_of_shortest(D, subject, family) == (table["kind"][:5] == "twin").mean()  # of 47 joins
    left = []
    for name in range(12):
        k = [i for i in range(len(D)) if family[i] != name]
        left.append((joins(D[k][:, k], subject[k], family[k])["kind"][:5] == "twin").mean())  # of 43
    error = (11 / 12 * sum((x - np.mean(left)) ** 2 for x in left)) ** 0.5
    assert error > 0
    half = stats.t.ppf(0.975, 11) * error
    assert (got.low, got.high) == pytest.approx((max(0, got.value - half), min(1, got.value + half)))


def test_one_family_has_no_interval():
    with pytest.raises(InputError, match="two or more; found 1"):
        shortest_over_families(distances(X), SUBJECT, np.zeros(5, int))


def test_points_that_are_all_one_have_no_distance_and_one_point_has_no_join():
    same = np.zeros((5, 3))
    assert (distances(same) == 0).all()
    assert (joins(distances(same), np.arange(5), np.arange(5))["death"] == 0).all()
    assert (batch_discrepancies(same, np.ones((5, 2)), 4, 3) == 0).all()
    with pytest.raises(InputError, match="joins are between points; got 1"):
        joins(np.zeros((1, 1)), np.zeros(1, int), np.zeros(1, int))


def test_a_share_that_no_family_moves_has_no_interval():
    D = distances(np.arange(12.0)[:, None])
    found = shortest_over_families(D, np.arange(12), np.arange(12), "stranger")
    assert found.value == 1
    assert np.isnan([found.low, found.high]).all()
