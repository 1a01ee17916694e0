"""The three verdicts on a claim, and the rule behind them."""

import math
from collections.abc import Sequence

from twinlib.measure.bootstrap import Interval

HOLDS, DOES_NOT, CANNOT_TELL = "holds", "does not hold", "cannot tell"
MIN_SEEDS = 5  # single seeds differ by .02: one alone showed an effect that was none


def verdict(
    difference: Interval, claimed: int = 1, min_seeds: int = MIN_SEEDS, interest: float = 0.0, lacks: Sequence[str] = ()
) -> str:
    """Verdict on the claim that a difference has a sign.

    Args:
        difference: paired interval over families and seeds.
        claimed: +1 for "larger", -1 for "smaller".
        min_seeds: 1 only where nothing was trained by us (a stored recogniser has no seeds).
        interest: smallest difference of interest, a fraction; 0 where none was named beforehand.
        lacks: what the rows lack to be finished, as `finished.misses` tells it.

    Returns:
        holds: the interval lies on the claimed side of 0. does not hold: it lies on the other side, or all of it below
        the smallest difference of interest. cannot tell: neither, too few seeds, or a row is not finished.
    """
    if difference.seeds < min_seeds or lacks or math.isnan(difference.low):
        return CANNOT_TELL
    low, high = (difference.low, difference.high) if claimed > 0 else (-difference.high, -difference.low)
    if low > 0:
        return HOLDS
    return DOES_NOT if high < 0 or high < interest else CANNOT_TELL


def verdict_of_order(differences: Sequence[Interval], claimed: int = 1, min_seeds: int = MIN_SEEDS) -> str:
    """Verdict on an order ("falls with pose"): every step holds, one step is refuted, or neither can be said."""
    steps = [verdict(step, claimed, min_seeds) for step in differences]
    if DOES_NOT in steps:
        return DOES_NOT
    return HOLDS if steps and all(step == HOLDS for step in steps) else CANNOT_TELL
