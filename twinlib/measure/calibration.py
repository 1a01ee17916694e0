"""A threshold for a wanted false match rate, and what can be promised about it."""

from typing import NamedTuple, SupportsFloat

import numpy as np
from scipy.special import betaincinv

from twinlib.arrays import Column
from twinlib.measure.checks import MIN_FALSE_ACCEPTS, false_accepts, genuine_impostor
from twinlib.measure.exact import Rate, exact_rate
from twinlib.measure.metrics import tar_at_far
from twinlib.measure.thresholds import ANY, threshold_on
from twinlib.ranges import Level, within


class Calibration(NamedTuple):
    """A threshold with what it rests on.

    Attributes:
        threshold: accept a score that reaches this.
        fmr: false match rate to expect on new pairs like these, with its 95 % interval.
        fnmr: false non-match rate on the pairs used.
        target: false match rate asked for.
        k: impostor pairs accepted.
        impostors: impostor pairs used.
    """

    threshold: float
    fmr: Rate
    fnmr: Rate
    target: float
    k: int
    impostors: int


class ErrorRates(NamedTuple):
    """Both error rates at a threshold, with exact intervals."""

    fmr: Rate
    fnmr: Rate


def calibrate(
    scores: Column, same: Column, fmr: float, minimum: int = MIN_FALSE_ACCEPTS, level: float = 0.95
) -> Calibration:
    """Choose the threshold for a false match rate.

    Args:
        scores: a score a pair, higher = more alike.
        same: 1 for a genuine pair.
        fmr: false match rate wanted, a fraction.
        minimum: impostor pairs that must be accepted at least, so that the rate is known to some precision.
        level: coverage of the interval.

    Returns:
        The threshold. With independent pairs its true FMR has the distribution Beta(k + 1, n - k), whatever the
        scores; pairs that share faces make the true interval wider.

    Raises:
        InputError: as `metrics.auc`, a level that is no fraction, or too few impostor pairs; the message says how many
            are needed.
    """
    within(Level, level=level)
    genuine, impostor = genuine_impostor(scores, same)
    n, k = impostor.size, false_accepts(impostor.size, fmr, minimum)
    last = tar_at_far(scores, same, fmr, minimum).threshold  # the best impostor that must not pass
    threshold = float(np.nextafter(last, np.inf))
    low, high = betaincinv(k + 1, n - k, [(1 - level) / 2, (1 + level) / 2])
    expected = Rate((k + 1) / (n + 1), float(low), float(high))
    missed = exact_rate(int((genuine < threshold).sum()), genuine.size, level)
    return Calibration(threshold, expected, missed, fmr, k, n)


def error_rates(scores: Column, same: Column, threshold: SupportsFloat, level: float = 0.95) -> ErrorRates:
    """Error rates of held-out pairs when a score that reaches the threshold is accepted.

    Args:
        scores: a score a pair; not the pairs that gave the threshold.
        same: 1 for a genuine pair.
        threshold: from `calibrate`.
        level: coverage of the exact intervals, for independent pairs.

    Raises:
        InputError: as `metrics.auc`, or a threshold that is not finite.
    """
    genuine, impostor = genuine_impostor(scores, same)
    threshold = threshold_on(ANY, threshold)
    accepted, missed = int((impostor >= threshold).sum()), int((genuine < threshold).sum())
    return ErrorRates(exact_rate(accepted, impostor.size, level), exact_rate(missed, genuine.size, level))
