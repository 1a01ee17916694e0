"""Exact binomial statements. They take pairs as independent; where pairs share families, use the family bootstrap."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool
from scipy.special import bdtr, betaincinv

from twinlib.errors import InputError


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
        InputError: counts that cannot be.
    """
    if not 0 <= successes <= trials or trials < 1:
        raise InputError(f"a rate needs 0 <= successes <= trials and trials >= 1; found {successes} of {trials}.")
    tail = (1 - level) / 2
    low = 0.0 if successes == 0 else float(betaincinv(successes, trials - successes + 1, tail))
    high = 1.0 if successes == trials else float(betaincinv(successes + 1, trials - successes, 1 - tail))
    return Rate(successes / trials, low, high)


def mcnemar(right_a: Bool[np.ndarray, " P"], right_b: Bool[np.ndarray, " P"]) -> McNemar:
    """McNemar's exact test on the pairs that two models judge differently.

    Args:
        right_a: whether A judges a pair rightly.
        right_b: the same of B, in the same order.
    """
    only_a, only_b = int((right_a & ~right_b).sum()), int((~right_a & right_b).sum())
    return McNemar(only_a, only_b, min(1.0, 2 * float(bdtr(min(only_a, only_b), only_a + only_b, 0.5))))
