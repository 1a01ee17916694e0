"""Several differences in one table: Holm's correction, and what could have been shown at all."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float
from scipy.special import ndtri, stdtr, stdtrit

from twinlib.errors import InputError
from twinlib.measure.bootstrap import corrected, share_below
from twinlib.measure.interval import Interval
from twinlib.ranges import Level, within

POWER = 0.8  # chance of being shown that the smallest difference has


def at(interval: Interval, level: float) -> Interval:
    """The same interval at another level.

    Args:
        interval: of `bootstrap_by` or `bootstrap_difference`.
        level: coverage aimed at, a fraction.

    Raises:
        InputError: the interval was read from a file, or has no ends.
    """
    within(Level, level=level)
    samples = _drawn(interval)
    low, high = corrected(samples, interval.value, interval.families, interval.freedom, level)
    return replace(interval, low=low, high=high, level=level)


def p_value(interval: Interval) -> float:
    """Two-sided p of "no difference": 1 less the level at which one end of the interval is 0.

    Not below what the draws can tell: with 2,000 of them and many families some 5e-4.

    Raises:
        InputError: as `at`.
    """
    samples = _drawn(interval)
    bias = ndtri(share_below(samples, interval.value))
    width = abs(ndtri(share_below(samples, 0.0)) - 2 * bias)
    return float(2 * stdtr(interval.freedom, -width / np.sqrt(interval.families / (interval.families - 1))))


def holm(intervals: Sequence[Interval], level: float = 0.95) -> list[Interval]:
    r"""Intervals of a table's claims, widened so that all of them together cover at `level` (Holm 1979).

    In rising order of p, claim k of m is given the level 1 − α/(m − k + 1), as long as its interval leaves out 0; from
    the first that does not, all are given the level of that one.

    Args:
        intervals: of the claims, as drawn.
        level: coverage of the whole table, a fraction.

    Returns:
        In the order of the input. An interval without ends stays as it is, and counts as one of the m.

    Raises:
        InputError: an interval was read from a file.
    """
    within(Level, level=level)
    found = list(intervals)
    known = [i for i, one in enumerate(found) if not np.isnan(one.low)]
    left, stopped = len(found), False
    for i in sorted(known, key=lambda i: p_value(found[i])):
        found[i] = at(found[i], 1 - (1 - level) / left)
        stopped = stopped or not found[i].excludes_zero
        left -= not stopped
    return found


def smallest_shown(interval: Interval) -> float:
    """The smallest true difference that an interval over so many families and seeds would have left 0 out for.

    Args:
        interval: at the level that it is judged at.

    Returns:
        In the unit of the metric: half the interval's length, times (t + t of the power) / t. NaN without ends.
    """
    t, more = (stdtrit(interval.freedom, share) for share in ((1 + interval.level) / 2, POWER))
    return float((interval.high - interval.low) / 2 * (t + more) / t)


def _drawn(interval: Interval) -> Float[np.ndarray, " D"]:
    if interval.samples is None:
        raise InputError("this interval has no draws: it was read from a file, or its families are too few. Draw it.")
    return interval.samples
