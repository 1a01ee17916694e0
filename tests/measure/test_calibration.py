import numpy as np
import pytest

from twinlib.errors import InputError
from twinlib.measure.calibration import calibrate, error_rates


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


def test_error_rates_of_held_out_pairs():
    s, same = np.array([0.1, 0.5, 0.6, 0.9]), np.array([0, 0, 1, 1])
    found = error_rates(s, same, 0.6)  # a score that reaches the threshold is accepted
    assert (found.fmr.value, found.fnmr.value) == (0.0, 0.0)
    assert error_rates(s, same, np.nextafter(0.6, 1)).fnmr.value == 0.5
    assert error_rates(s, same, 0.5).fmr.value == 0.5
    assert found.fmr.high > 0.8  # nothing of two says little


def test_too_few_impostors_name_the_number_needed():
    s, same = scores(np.random.default_rng(1), 300)
    with pytest.raises(InputError, match="hence 10000 impostor pairs"):
        calibrate(s, same, 0.001)
