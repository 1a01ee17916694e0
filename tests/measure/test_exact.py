import numpy as np
import pytest
from scipy import stats

from twinlib.errors import InputError
from twinlib.measure.exact import calibrate, exact_rate, mcnemar, mcnemar_bounds


@pytest.mark.parametrize(("k", "n"), [(0, 10), (3, 10), (10, 10), (95, 100), (2, 2100)])
def test_clopper_pearson_is_scipys(k, n):
    wanted = stats.binomtest(k, n).proportion_ci(0.95, method="exact")
    assert exact_rate(k, n) == pytest.approx((k / n, wanted.low, wanted.high), abs=1e-12)


def test_the_interval_turns_with_the_rate():
    ours, other = exact_rate(7, 40), exact_rate(33, 40)
    assert (ours.low, ours.high) == pytest.approx((1 - other.high, 1 - other.low))


def test_none_of_n_bounds_the_rate_by_three_in_n():
    assert exact_rate(0, 1000, level=0.9).high == pytest.approx(3 / 1000, rel=0.01)


@pytest.mark.parametrize(("b", "c"), [(0, 0), (5, 5), (1, 9), (30, 12)])
def test_mcnemar_is_the_binomial_test(b, c):
    right_a = np.array([True] * b + [False] * c + [True] * 7 + [False] * 3)
    right_b = np.array([False] * b + [True] * c + [True] * 7 + [False] * 3)
    ours = mcnemar(right_a, right_b)
    assert (ours.only_a, ours.only_b) == (b, c)
    assert ours.p == pytest.approx(stats.binomtest(b, b + c).pvalue if b + c else 1.0)
    assert mcnemar(right_b, right_a).p == ours.p


@pytest.mark.parametrize(("k", "n"), [(-1, 5), (6, 5), (0, 0)])
def test_counts_that_cannot_be_are_refused(k, n):
    with pytest.raises(InputError, match=f"found {k} of {n}"):
        exact_rate(k, n)


@pytest.mark.parametrize(("a", "b", "n"), [(6, 4, 10), (5, 5, 8), (9, 2, 10), (0, 3, 7)])
def test_the_bounds_are_those_of_every_table_with_these_counts(a, b, n):
    found = []
    for both in range(max(0, a + b - n), min(a, b) + 1):
        right_a = np.arange(n) < a
        right_b = (np.arange(n) < both) | ((np.arange(n) >= a) & (np.arange(n) < a + b - both))
        assert right_b.sum() == b
        found.append(mcnemar(right_a, right_b).p)
    assert mcnemar_bounds(a, b, n) == pytest.approx((min(found), max(found)))


def test_counts_above_their_trials_are_refused():
    with pytest.raises(InputError, match="found 3 and 11 of 10"):
        mcnemar_bounds(3, 11, 10)


def test_a_level_in_per_cent_is_refused():
    with pytest.raises(InputError, match=r"level must be a number above 0 and below 1, got 95.0\. 95 % is 0.95"):
        exact_rate(1, 2, 95.0)
    with pytest.raises(InputError, match="right_a and right_b must be of one length"):
        mcnemar([1, 0], [1])


def scores(rng, n=3000):
    same = np.arange(n) % 3 // 2
    return rng.normal(size=n) + 2 * same, same


def test_exactly_k_impostors_are_accepted_on_the_pairs_used():
    s, same = scores(np.random.default_rng(0))
    found = calibrate(s, same, 0.01)
    assert (found.k, found.impostors) == (20, 2000)
    assert ((s >= found.threshold) & (same == 0)).sum() == 20
    assert found.fmr.value == pytest.approx(21 / 2001)
    assert found.fnmr.value == pytest.approx(np.mean(s[same == 1] < found.threshold))


def test_the_promised_interval_holds_the_true_rate_of_new_pairs():
    """The impostors are normal, so the true rate at a threshold is known; 95 % of 600 intervals must hold it."""
    from scipy.stats import norm

    hits, rates = 0, []
    for seed in range(600):
        s, same = scores(np.random.default_rng(seed), 900)
        found = calibrate(s, same, 0.02)
        true = norm.sf(found.threshold)
        hits += found.fmr.low <= true <= found.fmr.high
        rates.append(true)
    assert 0.93 <= hits / 600 <= 0.97
    assert np.mean(rates) == pytest.approx(found.fmr.value, rel=0.03)


def test_too_few_impostors_name_the_number_needed():
    s, same = scores(np.random.default_rng(1), 300)
    with pytest.raises(InputError, match="hence 10000 impostor pairs"):
        calibrate(s, same, 0.001)
