"""Accuracy over folds as the field reports it: the threshold comes from the other folds. Three rules are in use.

The rules differ by up to 0.2 % on one list, so a table always names the one it used.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from twinlib.arrays import Column, Rows, groups, labels, one_length, vectors
from twinlib.errors import InputError
from twinlib.measure.checks import genuine_impostor, scored


class KFold(NamedTuple):
    """Accuracy over folds.

    Attributes:
        mean: mean accuracy of the test folds, a fraction.
        sd: population standard deviation (ddof 0) over folds.
        accuracies: accuracy a fold, in rising order of the fold's number.
        thresholds: threshold a fold, chosen on the others.
    """

    mean: float
    sd: float
    accuracies: Float[np.ndarray, " K"]
    thresholds: Float[np.ndarray, " K"]


def kfold_accuracy(scores: Column, same: Column, fold: Column) -> KFold:
    """Rule 1, the main one: candidates are the midpoints of neighbouring distinct scores of the whole list.

    -1 and 1 are added as ends; a score >= threshold is accepted; the threshold is the mean of all maximisers.

    Args:
        scores: cosine a pair.
        same: 1 for a genuine pair.
        fold: number of the fold a pair belongs to.

    Raises:
        InputError: NaN, one class only, or fewer than two folds.
    """
    values, label, folds = _folded(scores, same, fold)
    levels = np.unique(values)
    candidates = np.concatenate([[min(-1.0, levels[0])], (levels[1:] + levels[:-1]) / 2, [max(1.0, levels[-1])]])
    right = [_right(values[rows], label[rows], candidates) for rows in folds]
    return _kfold(np.array(right), candidates, folds, lambda best: candidates[best].mean(), _accepts_at(values, label))


def kfold_insightface(scores: Column, same: Column, fold: Column) -> KFold:
    """The insightface rule: squared distance of unit vectors, 400 thresholds 0, 0.01 … 3.99, the first maximum.

    Accepted is a distance below the threshold; thresholds are returned as squared distances.

    Raises:
        InputError: as `kfold_accuracy`.
    """
    values, label, folds = _folded(scores, same, fold)
    distance, candidates = 2 - 2 * values, np.arange(0, 4, 0.01)
    right = [_right(distance[rows], ~label[rows], candidates) for rows in folds]
    return _kfold(np.array(right), candidates, folds, lambda best: candidates[best[0]], _accepts_at(distance, ~label))


def kfold_sphereface(features_a: Rows, features_b: Rows, same: Column, fold: Column) -> KFold:
    """The sphereface rule: raw features less their mean over the other folds, cosine, 20,001 thresholds on [-1, 1].

    Args:
        features_a: raw (not normalised) feature of the first image, a pair.
        features_b: the same of the second image.
        same: 1 for a genuine pair.
        fold: number of the fold a pair belongs to.

    Raises:
        InputError: as `kfold_accuracy`.
    """
    candidates, accuracies, thresholds = np.arange(20001) / 10000 - 1, [], []
    a, b = (vectors(x, name).astype(np.float64) for name, x in (("features_a", features_a), ("features_b", features_b)))
    label, of_fold = labels(same, "same"), groups(fold, "fold")
    one_length(features_a=a, features_b=b, same=label, fold=of_fold)
    for rows in folds_of(of_fold):
        others = np.setdiff1d(np.arange(len(label)), rows)
        centre = (a[others].mean(0) + b[others].mean(0)) / 2
        scores = cosine(a - centre, b - centre)
        genuine_impostor(scores, label)
        right = _right(scores[others], label[others], candidates)
        thresholds.append(candidates[right == right.max()].mean())
        accuracies.append(_accepts_at(scores, label)(rows, thresholds[-1]))
    return KFold(float(np.mean(accuracies)), float(np.std(accuracies)), np.array(accuracies), np.array(thresholds))


def cosine(a: Rows, b: Rows) -> Float[np.ndarray, " P"]:
    """Cosine of row i of `a` and row i of `b`, in float64.

    Raises:
        InputError: other shapes than two equal ones of two dimensions, or a row of zeros, which has no direction.
    """
    a, b = (vectors(x, name).astype(np.float64) for name, x in (("a", a), ("b", b)))
    if a.shape != b.shape:
        raise InputError(f"a and b must be rows of equal number and length; found shapes {a.shape} and {b.shape}.")
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    if (norms == 0).any():
        raise InputError(
            f"row {int(np.argmin(norms))} is a vector of zeros, whose cosine is undefined. Leave the image out."
        )
    return np.einsum("pe,pe->p", a, b) / norms


def folds_of(fold: Column) -> list[Int[np.ndarray, " _"]]:
    """Row numbers of each fold.

    Args:
        fold: number of the fold a pair belongs to.

    Raises:
        InputError: fewer than two folds, or a pair without one.
    """
    of_fold = groups(fold, "fold")
    names = np.unique(of_fold)
    if names.size < 2:
        raise InputError(
            f"k-fold accuracy needs at least two folds; found {names.size}. Give the list folds (a .csv: a "
            "column `fold` with 1, 2, …), or a .bin more by --folds."
        )
    return [np.flatnonzero(of_fold == name) for name in names]


def _folded(scores, same, fold):
    """Scores, labels, and row numbers of each fold."""
    values, label = scored(scores, same)
    genuine_impostor(values, label)
    of_fold = groups(fold, "fold")
    one_length(scores=values, same=label, fold=of_fold)
    return values, label, folds_of(of_fold)


def _right(scores, same, candidates):
    """Number of pairs judged rightly at each candidate, accepting score >= candidate. An integer, so ties are exact."""
    genuine, impostor = np.sort(scores[same]), np.sort(scores[~same])
    return genuine.size - np.searchsorted(genuine, candidates, "left") + np.searchsorted(impostor, candidates, "left")


def _accepts_at(scores, same):
    """Function (rows, threshold) -> accuracy of these rows, accepting score >= threshold."""
    return lambda rows, threshold: float(((scores[rows] >= threshold) == same[rows]).mean())


def _kfold(right, candidates, folds, choose, accuracy):
    """Choose a threshold for each fold from the counts of the others, and measure it on the fold."""
    others = right.sum(0) - right
    thresholds = [choose(np.flatnonzero(row == row.max())) for row in others]
    accuracies = [accuracy(rows, threshold) for rows, threshold in zip(folds, thresholds, strict=True)]
    return KFold(float(np.mean(accuracies)), float(np.std(accuracies)), np.array(accuracies), np.array(thresholds))
