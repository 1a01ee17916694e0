"""The four counts behind every error rate, at one threshold."""

from typing import NamedTuple, SupportsFloat

import numpy as np
from jaxtyping import Bool, Float, Int

from twinlib.errors import InputError
from twinlib.evaluate.checks import ANY, threshold_on

Same = Bool[np.ndarray, " P"] | Int[np.ndarray, " P"]


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


def confusion(scores: Float[np.ndarray, " P"], same: Same, threshold: SupportsFloat) -> Confusion:
    """Counts when a score that reaches the threshold is accepted, as in `metrics.accuracy_at`.

    Args:
        scores: a score a pair, higher = more alike.
        same: 1 for a genuine pair.
        threshold: accept a score >= this.

    Raises:
        InputError: a score is NaN, a label is not 0 or 1, or the threshold is not finite. One kind of pair is fine.
    """
    same = np.asarray(same)
    if np.isnan(scores).any() or not np.isin(same, (0, 1)).all():
        raise InputError("confusion needs a score (no NaN) and a label 0 or 1 for every pair. Check the lists.")
    accepted, genuine = np.asarray(scores) >= threshold_on(ANY, threshold), same.astype(bool)
    cells = (accepted & genuine, accepted & ~genuine, ~accepted & genuine, ~accepted & ~genuine)
    return Confusion(*(int(cell.sum()) for cell in cells))
