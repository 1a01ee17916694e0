"""Exact statements about counts, which need no bootstrap: error rates, McNemar, a threshold for a wanted rate."""

from typing import NamedTuple, SupportsFloat

import numpy as np
from scipy.special import bdtr, betaincinv

from twinlib.arrays import Column, labels, one_length
from twinlib.errors import InputError
from twinlib.measure.checks import MIN_FALSE_ACCEPTS, false_accepts, genuine_impostor, scored
from twinlib.measure.metrics import tar_at_far
from twinlib.ranges import ANY, Level, threshold_on, within


class Rate(NamedTuple):
    """A share with its exact interval."""

    value: float
    low: float
    high: float


class McNemar(NamedTuple):
    """Discordant pairs of two judges and the exact two-sided p value that they are equally good.

    Attributes:
        only_a: pairs that A alone judges rightly.
        only_b: pairs that B alone judges rightly.
        p: chance of a split at least this uneven if neither is better.
    """

    only_a: int
    only_b: int
    p: float


def exact_rate(successes: int, trials: int, level: float = 0.95) -> Rate:
    """Share of successes with its Clopper–Pearson interval, which covers at least at `level`.

    Args:
        successes: in [0, trials].
        trials: at least 1.
        level: coverage, a fraction.

    Raises:
        InputError: counts that cannot be, or a level that is no fraction.
    """
    if not 0 <= successes <= trials or trials < 1:
        raise InputError(f"a rate needs 0 <= successes <= trials and trials >= 1; found {successes} of {trials}.")
    within(Level, level=level)
    tail = (1 - level) / 2
    low = 0.0 if successes == 0 else float(betaincinv(successes, trials - successes + 1, tail))
    high = 1.0 if successes == trials else float(betaincinv(successes + 1, trials - successes, 1 - tail))
    return Rate(successes / trials, low, high)


def mcnemar(right_a: Column, right_b: Column) -> McNemar:
    """McNemar's exact test on the pairs that two models judge differently.

    Args:
        right_a: whether A judges a pair rightly.
        right_b: the same of B, in the same order.

    Raises:
        InputError: no lists of 0 and 1 of one length.
    """
    a, b = labels(right_a, "right_a"), labels(right_b, "right_b")
    one_length(right_a=a, right_b=b)
    only_a, only_b = int((a & ~b).sum()), int((~a & b).sum())
    return McNemar(only_a, only_b, min(1.0, 2 * float(bdtr(min(only_a, only_b), only_a + only_b, 0.5))))


def mcnemar_bounds(right_a: int, right_b: int, trials: int) -> tuple[float, float]:
    """Smallest and largest p that McNemar's test could give, where only how often each judge was right is printed.

    The smallest is that of the fewest pairs judged differently, the largest of some other number that the two counts
    allow. If even the smallest is large, nothing can be concluded; two overlapping intervals are no paired test.

    Args:
        right_a: pairs that A judges rightly.
        right_b: the same of B, on the same pairs.
        trials: how many pairs.

    Raises:
        InputError: counts that cannot be.
    """
    if not 0 <= min(right_a, right_b) <= max(right_a, right_b) <= trials:
        raise InputError(f"two counts lie between 0 and their trials; found {right_a} and {right_b} of {trials}.")
    few = np.arange(min(right_a, right_b, trials - right_a, trials - right_b) + 1)  # right by the worse judge alone
    gap = abs(right_a - right_b)
    p = np.minimum(1.0, 2 * bdtr(few, 2 * few + gap, 0.5)) if gap else np.ones(1)
    return float(p.min()), float(p.max())


class Confusion(NamedTuple):
    """Pairs by truth and decision.

    Attributes:
        tp: same person, accepted.
        fp: two people, accepted.
        fn: same person, rejected.
        tn: two people, rejected.
    """

    tp: int
    fp: int
    fn: int
    tn: int


def confusion(scores: Column, same: Column, threshold: SupportsFloat) -> Confusion:
    """Counts when a score that reaches the threshold is accepted, as in `metrics.accuracy_at`.

    Args:
        scores: a score for each pair, higher = more alike.
        same: 1 for a genuine pair.
        threshold: accept a score >= this.

    Raises:
        InputError: as `checks.scored`, or the threshold is not finite. One kind of pair alone is fine.
    """
    values, genuine = scored(scores, same)
    accepted = values >= threshold_on(ANY, threshold)
    cells = (accepted & genuine, accepted & ~genuine, ~accepted & genuine, ~accepted & ~genuine)
    return Confusion(*(int(cell.sum()) for cell in cells))


class Calibration(NamedTuple):
    """A threshold with what it rests on.

    Attributes:
        threshold: accept a score that reaches this.
        fmr: false match rate to expect on new pairs like these, with its 95 % interval.
        fnmr: false non-match rate on the pairs used.
        target: false match rate wanted.
        k: impostor pairs accepted.
        impostors: impostor pairs used.
    """

    threshold: float
    fmr: Rate
    fnmr: Rate
    target: float
    k: int
    impostors: int


def calibrate(
    scores: Column, same: Column, fmr: float, minimum: int = MIN_FALSE_ACCEPTS, level: float = 0.95
) -> Calibration:
    """Choose the threshold for a false match rate.

    Args:
        scores: a score for each pair, higher = more alike.
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
