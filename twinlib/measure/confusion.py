"""The four counts behind every error rate, at one threshold."""

from typing import NamedTuple, SupportsFloat

from twinlib.arrays import Column
from twinlib.measure.checks import scored
from twinlib.measure.thresholds import ANY, threshold_on


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
        scores: a score a pair, higher = more alike.
        same: 1 for a genuine pair.
        threshold: accept a score >= this.

    Raises:
        InputError: as `checks.scored`, or the threshold is not finite. One kind of pair alone is fine.
    """
    values, genuine = scored(scores, same)
    accepted = values >= threshold_on(ANY, threshold)
    cells = (accepted & genuine, accepted & ~genuine, ~accepted & genuine, ~accepted & ~genuine)
    return Confusion(*(int(cell.sum()) for cell in cells))
