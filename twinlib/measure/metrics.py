"""Verification metrics. Scores: higher = more alike. Rates are fractions in [0, 1].

Scores and labels are any lists, arrays, tensors or columns of a table; they belong together by position.

TAR@FAR takes the (k+1)-th largest impostor score as its threshold and accepts what is greater; every other threshold
accepts a score that reaches it. scikit-learn computes what it has; it is imported on first use: that takes a second.
"""

from typing import NamedTuple, SupportsFloat

import numpy as np
from jaxtyping import Float

from twinlib.arrays import Column, numbers, one_length
from twinlib.errors import InputError
from twinlib.measure.bootstrap import bootstrap_by, bootstrap_difference
from twinlib.measure.checks import false_accepts, genuine_impostor, scored
from twinlib.measure.kfold import kfold_accuracy
from twinlib.ranges import ANY, threshold_on

__all__ = [
    "accuracy_at",
    "auc",
    "balanced_accuracy",
    "bootstrap_by",
    "bootstrap_difference",
    "det",
    "eer",
    "kfold_accuracy",
    "roc",
    "tar_at_far",
    "threshold_at_best_balanced_accuracy",
    "triplet_accuracy",
]


class TarAtFar(NamedTuple):
    """True accept rate at a false accept rate.

    Attributes:
        value: share of genuine pairs accepted.
        threshold: accept a score greater than this.
        k: number of impostor pairs that may be accepted; a small k means a coarse number.
    """

    value: float
    threshold: float
    k: int


class Eer(NamedTuple):
    """Equal error rate: the mean of both error rates where they are closest, and the score where that is."""

    value: float
    threshold: float


class Curve(NamedTuple):
    """Error rates over all thresholds, one entry a distinct score, from the highest threshold down."""

    fmr: Float[np.ndarray, " T"]
    tar: Float[np.ndarray, " T"]
    thresholds: Float[np.ndarray, " T"]


def auc(scores: Column, same: Column) -> float:
    r"""Area under the ROC curve: the chance that a genuine pair scores above an impostor pair, ties counting half.

    .. math:: A = \frac{1}{GI} \sum_{g,i} [s_g > s_i] + \tfrac12 [s_g = s_i]

    Raises:
        InputError: NaN, one class only, or lengths that differ.
    """
    from sklearn.metrics import roc_auc_score

    value, label = _both(scores, same)
    return float(roc_auc_score(label, value))


def roc(scores: Column, same: Column) -> Curve:
    """ROC curve: for every distinct score t, in falling order, the rates of pairs with a score >= t.

    The first entry has threshold +inf and accepts nothing.

    Raises:
        InputError: as `auc`.
    """
    from sklearn.metrics import roc_curve

    value, label = _both(scores, same)
    return Curve(*roc_curve(label, value, drop_intermediate=False))


def det(
    scores: Column, same: Column
) -> tuple[Float[np.ndarray, " T"], Float[np.ndarray, " T"], Float[np.ndarray, " T"]]:
    """Detection error trade-off: false match rate, false non-match rate and threshold, in falling order of threshold.

    Raises:
        InputError: as `auc`.
    """
    fmr, tar, thresholds = roc(scores, same)
    return fmr, 1 - tar, thresholds


def eer(scores: Column, same: Column) -> Eer:
    """Equal error rate: mean of the two error rates at the score where they are closest (the highest such score).

    Raises:
        InputError: as `auc`.
    """
    genuine, impostor = (np.sort(part) for part in genuine_impostor(scores, same))
    levels = np.unique(np.concatenate([genuine, impostor]))[::-1]
    missed = np.searchsorted(genuine, levels, "left")
    accepted = impostor.size - np.searchsorted(impostor, levels, "left")
    closest = np.argmin(np.abs(accepted * genuine.size - missed * impostor.size))  # whole numbers: ties are exact
    rates = accepted[closest] / impostor.size, missed[closest] / genuine.size
    return Eer(float(sum(rates) / 2), float(levels[closest]))


def tar_at_far(scores: Column, same: Column, far: float, minimum: int = 1) -> TarAtFar:
    """True accept rate at a false accept rate, with the threshold and the number k behind it.

    k = floor(FAR n), the threshold is the (k+1)-th largest impostor score, accepted is what is greater.

    Args:
        scores: a score for each pair.
        same: 1 for a genuine pair.
        far: false accept rate, a fraction in (0, 1).
        minimum: smallest k to report; tables ask for 10.

    Raises:
        InputError: as `auc`, or too few impostor pairs; the message says how many are needed.
    """
    genuine, impostor = genuine_impostor(scores, same)
    k = false_accepts(impostor.size, far, minimum)
    threshold = np.partition(impostor, impostor.size - 1 - k)[impostor.size - 1 - k]
    return TarAtFar(float((genuine > threshold).mean()), float(threshold), k)


def accuracy_at(scores: Column, same: Column, threshold: SupportsFloat) -> float:
    """Share of pairs judged rightly when a score >= threshold is accepted.

    Raises:
        InputError: as `auc`, or a threshold that is not finite.
    """
    from sklearn.metrics import accuracy_score

    value, label = _both(scores, same)
    return float(accuracy_score(label, value >= threshold_on(ANY, threshold)))


def balanced_accuracy(scores: Column, same: Column, threshold: SupportsFloat) -> float:
    """Mean of the share of genuine pairs accepted (score >= threshold) and of impostor pairs rejected.

    Raises:
        InputError: as `auc`, or a threshold that is not finite.
    """
    from sklearn.metrics import balanced_accuracy_score

    value, label = _both(scores, same)
    return float(balanced_accuracy_score(label, value >= threshold_on(ANY, threshold)))


def threshold_at_best_balanced_accuracy(scores: Column, same: Column) -> float:
    """The threshold that maximises balanced accuracy on these pairs; use it on other pairs only.

    Candidates are the midpoints between neighbouring distinct scores, and the lowest score (accept everything).
    Among equals the lowest is taken. Our choice; the k-fold rules of the field are in `kfold`.

    Raises:
        InputError: as `auc`.
    """
    genuine, impostor = (np.sort(part) for part in genuine_impostor(scores, same))
    levels = np.unique(np.concatenate([genuine, impostor]))
    candidates = np.append(levels[0], (levels[1:] + levels[:-1]) / 2)
    missed, rejected = np.searchsorted(genuine, candidates, "left"), np.searchsorted(impostor, candidates, "left")
    return float(
        candidates[np.argmax(rejected * genuine.size - missed * impostor.size)]
    )  # whole numbers: ties are exact


def triplet_accuracy(positive: Column, negative: Column) -> float:
    """Share of triplets whose anchor is more alike to the positive than to the negative; a tie is an error.

    Args:
        positive: score of anchor and positive, a triplet.
        negative: score of anchor and negative, in the same order.

    Raises:
        InputError: no triplet, lengths that differ, or a score that is NaN or infinite.
    """
    nearer, farther = numbers(positive, "positive"), numbers(negative, "negative")
    if one_length(positive=nearer, negative=farther) == 0:
        raise InputError("triplet accuracy needs at least one triplet; found none.")
    return float((nearer > farther).mean())


def _both(scores: Column, same: Column) -> tuple[np.ndarray, np.ndarray]:
    """Scores and labels as scikit-learn takes them, once they have passed every check."""
    genuine_impostor(scores, same)
    return scored(scores, same)
