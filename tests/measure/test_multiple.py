import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from twinlib.errors import InputError
from twinlib.measure.bootstrap import bootstrap_difference
from twinlib.measure.interval import Interval
from twinlib.measure.multiple import at, holm, p_value, smallest_shown


def drawn(value, spread, families=1000, seed=0, draws=4000):
    """An interval whose draws are normal."""
    samples = norm.ppf((np.random.default_rng(seed).permutation(draws) + 0.5) / draws) * spread + value
    whole = Interval(value, 0.0, 0.0, families, 1, draws, samples=samples, freedom=1e6)
    return at(whole, 0.95)


def test_an_interval_of_normal_draws_is_the_normal_one_at_any_level():
    for level in (0.5, 0.95, 0.99):
        ends = at(drawn(0.1, 0.02), level)
        assert [ends.low, ends.high] == pytest.approx(norm.interval(level, 0.1, 0.02), abs=2e-4)
        assert ends.level == level


@pytest.mark.parametrize("z", [0.0, 0.5, 1.0, 1.96, 3.0])
def test_p_is_that_of_the_normal_and_the_interval_at_its_level_ends_at_zero(z):
    interval = drawn(0.02 * z, 0.02)
    p = p_value(interval)
    assert p == pytest.approx(2 * norm.sf(z), abs=2e-3)
    if 0 < z < 3:
        assert at(interval, 1 - p).low == pytest.approx(0.0, abs=2e-4)


def test_p_agrees_with_the_bootstraps_own_interval():
    rng, families = np.random.default_rng(3), np.repeat([f"f{i}" for i in range(60)], 8)
    same = np.tile([1, 1, 1, 1, 0, 0, 0, 0], 60)
    pairs = pd.DataFrame({"same": same, "family_a": families, "family_b": families})
    a, b = (rng.normal(size=(3, same.size)) + gap * same for gap in (1.1, 1.0))
    whole = bootstrap_difference(pairs, a, b, "auc", draws=1000)
    again = at(whole, 0.95)
    assert (again.low, again.high) == (whole.low, whole.high)
    assert (p_value(whole) < 0.05) == whole.excludes_zero
    assert not at(whole, 1 - min(1.2 * p_value(whole), 0.999)).low <= 0 <= at(whole, 1 - 1.2 * p_value(whole)).low


def test_holm_rejects_what_the_textbook_does():
    """z of 3, 2.4, 2.1, 1: p = .0027, .016, .036, .32 against .05 over 4, 3, 2, 1: the first two."""
    four = [drawn(0.02 * z, 0.02, seed=i) for i, z in enumerate((1.0, 3.0, 2.1, 2.4))]
    assert [one.excludes_zero for one in four] == [False, True, True, True]
    widened = holm(four)
    assert [one.excludes_zero for one in widened] == [False, True, False, True]
    assert [round(1 - one.level, 6) for one in widened] == [0.025, 0.0125, 0.025, round(0.05 / 3, 6)]
    assert all(new.high - new.low > old.high - old.low for new, old in zip(widened, four, strict=True))


def test_one_claim_alone_is_not_widened_and_one_without_ends_counts():
    one, none = drawn(0.05, 0.02), Interval(0.1, np.nan, np.nan, 3)
    assert holm([one]) == [one]
    both = holm([none, one])
    assert both[0] is none
    assert both[1].level == pytest.approx(0.975)
    with pytest.raises(InputError, match="has no draws"):
        holm([Interval(0.1, 0.0, 0.2, 30)])


def test_the_smallest_difference_is_shown_with_its_power():
    spread = 0.02
    smallest = smallest_shown(drawn(0.0, spread))
    assert smallest == pytest.approx((1.96 + 0.8416) * spread, rel=0.01)
    shown = np.random.default_rng(0).normal(smallest, spread, 20_000) > 1.96 * spread
    assert shown.mean() == pytest.approx(0.8, abs=0.02)
