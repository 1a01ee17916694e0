"""Metrics of weighted pairs, many weightings at once: the inner loop of the bootstrap.

Pairs lie along the first axis and draws along the second, so that picking the weights of a pair copies one short row.
Work goes in blocks of draws that fit into the processor's cache.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int, Shaped

from twinlib.arrays import Column, Columns, groups, labels, numbers, one_length, table_of
from twinlib.errors import InputError
from twinlib.measure.checks import false_accepts, genuine_impostor

BLOCK = 16  # draws at a time
COLUMNS = 64  # families at a time


class Paired(NamedTuple):
    """What a pair list says of each pair, checked and by position.

    Attributes:
        same: whether both images show one person.
        families: name or number of the family of the first and of the second image.
    """

    same: Bool[np.ndarray, " P"]
    families: Shaped[np.ndarray, "P 2"]

    @classmethod
    def of(cls, pairs: "Columns | Paired", name: str = "pairs") -> "Paired":
        """Read the columns same, family_a and family_b.

        Args:
            pairs: a row for each pair, under any index.
            name: of the argument, for the message.

        Raises:
            InputError: no such columns, labels other than 0 and 1, or a family that is missing.
        """
        if isinstance(pairs, Paired):
            return pairs
        table = table_of(pairs, ("same", "family_a", "family_b"), name)
        a, b = (groups(table[side], f"{name}.{side}") for side in ("family_a", "family_b"))
        if len(a) and (a.dtype.kind == "O") != (b.dtype.kind == "O"):
            raise InputError(f"{name}: family_a and family_b hold texts and numbers; use one of them in both.")
        return cls(labels(table["same"], f"{name}.same"), np.stack([a, b], 1))

    def where(self, rows: Bool[np.ndarray, " P"]) -> "Paired":
        """Some of the pairs."""
        return Paired(self.same[rows], self.families[rows])

    @property
    def names(self) -> np.ndarray:
        """The families, sorted."""
        return np.sort(pd.unique(self.families.ravel()))


@dataclass(frozen=True)
class Sorted:
    """Genuine and impostor scores in rising order, with the two families of each pair as numbers 0 … families - 1."""

    genuine: Float[np.ndarray, " G"]
    impostor: Float[np.ndarray, " I"]
    genuine_families: Int[np.ndarray, "G 2"]
    impostor_families: Int[np.ndarray, "I 2"]
    families: int

    @property
    def inside(self) -> bool:
        """Whether both images of every pair are of one family."""
        return all((of[:, 0] == of[:, 1]).all() for of in (self.genuine_families, self.impostor_families))

    @classmethod
    def of(cls, pairs: Columns | Paired, scores: Column, names: np.ndarray | None = None) -> "Sorted":
        """Sort once.

        Args:
            pairs: same, family_a and family_b.
            scores: one of each pair, by position.
            names: of the families, sorted, where more are drawn than these pairs show; else those of the pairs.

        Raises:
            InputError: as `Paired.of` or `checks.genuine_impostor`.
        """
        same, families = Paired.of(pairs)
        values = numbers(scores, "scores")
        one_length(pairs=same, scores=values)
        genuine_impostor(values, same)
        if names is None:
            codes, names = pd.factorize(families.ravel(), sort=True)
        else:
            codes = pd.Index(names).get_indexer(pd.Index(families.ravel()))
        coded, order = codes.reshape(-1, 2), np.argsort(values, kind="stable")
        g, i = order[same[order]], order[~same[order]]
        return cls(values[g], values[i], coded[g], coded[i], len(names))


def auc_draws(pairs: Sorted, weights: Int[np.ndarray, "F D"], _: None = None) -> Float[np.ndarray, " D"]:
    """AUC of each draw; ties count half."""
    left = np.searchsorted(pairs.impostor, pairs.genuine, "left")
    right = np.searchsorted(pairs.impostor, pairs.genuine, "right")
    if pairs.families <= weights.shape[1] and pairs.inside:
        return _auc_inside(pairs, weights, left, right)
    tied = not np.array_equal(left, right)

    def one(w_genuine, w_impostor, _):
        below = _cumulated(w_impostor)
        under = (below[left] + below[right]) / 2 if tied else below[left]
        return np.einsum("gd,gd->d", w_genuine, under) / (w_genuine.sum(0) * below[-1])

    return _blocks(one, pairs, weights)


def _auc_inside(pairs, weights, left, right):
    """AUC of each draw where every pair weighs as its family: wᵀ M w, all in whole and half numbers, which are exact.

    Row f and column h of M: how often an impostor pair of family h scores below a genuine pair of family f.
    """
    ours, theirs = pairs.genuine_families[:, 0], pairs.impostor_families[:, 0]
    order, w = np.argsort(ours, kind="stable"), weights.astype(float)
    shown, first = np.unique(ours[order], return_index=True)
    beaten = np.zeros((pairs.families, pairs.families))
    for start in range(0, pairs.families, COLUMNS):
        columns = np.arange(start, min(start + COLUMNS, pairs.families))
        below = _cumulated((theirs[:, None] == columns).astype(float))
        beaten[shown, start : start + COLUMNS] = np.add.reduceat(((below[left] + below[right]) / 2)[order], first)
    genuine, impostor = (np.bincount(own, minlength=pairs.families) @ w for own in (ours, theirs))
    with np.errstate(invalid="ignore"):
        return np.einsum("fd,fd->d", w, beaten @ w) / (genuine * impostor)


def tar_draws(pairs: Sorted, weights: Int[np.ndarray, "F D"], far: float) -> Float[np.ndarray, " D"]:
    """TAR at a FAR of each draw; k and the threshold are those of the draw's own impostors."""
    false_accepts(pairs.impostor.size, far)

    def one(w_genuine, w_impostor, _):
        below = _cumulated(w_impostor)
        k = np.floor(far * below[-1] + 1e-9)
        reached = (below[-1] - below[:-1] > k).sum(0) - 1  # the largest score with more than k impostors at or above it
        return _share(w_genuine, pairs.genuine, pairs.impostor[reached], "right")

    return _blocks(one, pairs, weights)


def eer_draws(pairs: Sorted, weights: Int[np.ndarray, "F D"], _: None = None) -> Float[np.ndarray, " D"]:
    """Equal error rate of each draw, at the highest of the closest scores."""
    levels = np.unique(np.concatenate([pairs.genuine, pairs.impostor]))[::-1]
    at_g, at_i = np.searchsorted(pairs.genuine, levels), np.searchsorted(pairs.impostor, levels)

    def one(w_genuine, w_impostor, _):
        below_g, below_i = _cumulated(w_genuine), _cumulated(w_impostor)
        missed, accepted = below_g[at_g], below_i[-1] - below_i[at_i]
        gap = np.abs(accepted * below_g[-1] - missed * below_i[-1])  # whole numbers: ties are exact
        closest = np.argmin(gap, 0)[None]
        fmr, fnmr = (np.take_along_axis(part, closest, 0)[0] for part in (accepted, missed))
        return (fmr / below_i[-1] + fnmr / below_g[-1]) / 2

    return _blocks(one, pairs, weights)


def threshold_draws(pairs: Sorted, weights: Int[np.ndarray, "F D"]) -> Float[np.ndarray, " D"]:
    """Threshold of best balanced accuracy of each draw, as `metrics.threshold_at_best_balanced_accuracy`."""
    levels = np.unique(np.concatenate([pairs.genuine, pairs.impostor]))
    at_g, at_i = np.searchsorted(pairs.genuine, levels), np.searchsorted(pairs.impostor, levels)

    def one(w_genuine, w_impostor, _):
        below_g, below_i = _cumulated(w_genuine), _cumulated(w_impostor)
        under_g, under_i = below_g[at_g], below_i[at_i]
        best = np.argmax(under_i * below_g[-1] - under_g * below_i[-1], 0)  # whole numbers: ties are exact
        under = under_g + under_i
        # levels that were not drawn lie between `best` and the lowest drawn level at or above it
        upper = (under <= under[best, np.arange(best.size)]).sum(0) - 1
        chosen = np.where(best > 0, (levels[best - 1] + levels[upper]) / 2, levels[upper])
        return np.where(below_g[-1] * below_i[-1] > 0, chosen, np.nan)

    return _blocks(one, pairs, weights)


def balanced_accuracy_draws(
    pairs: Sorted, weights: Int[np.ndarray, "F D"], thresholds: Float[np.ndarray, " D"]
) -> Float[np.ndarray, " D"]:
    """Balanced accuracy of each draw at that draw's threshold (score >= threshold is accepted)."""

    def one(w_genuine, w_impostor, block):
        t = thresholds[block]  # NaN, and then the accuracy too, where the validation draw lacks a class
        rejected = 1 - _share(w_impostor, pairs.impostor, t, "left")
        return np.where(np.isnan(t), np.nan, (_share(w_genuine, pairs.genuine, t, "left") + rejected) / 2)

    return _blocks(one, pairs, weights)


METRICS: dict[str, Callable[..., np.ndarray]] = {
    "auc": auc_draws,
    "eer": eer_draws,
    "balanced_accuracy": balanced_accuracy_draws,
    "tar": tar_draws,
}


def pair_weights(families: Int[np.ndarray, "P 2"], weights: Int[np.ndarray, "F D"]) -> Float[np.ndarray, "P D"]:
    """Weight of each pair in each draw: w inside a family, w_a · w_b across two."""
    picked = weights[families[:, 0]].astype(float)
    across = families[:, 0] != families[:, 1]
    if across.any():
        picked[across] *= weights[families[across, 1]]
    return picked


def _blocks(one, pairs, weights):
    """Run `one` on blocks of draws and join what it returns; a draw without one class is NaN."""
    parts = []
    with np.errstate(invalid="ignore", divide="ignore"):
        for start in range(0, weights.shape[1], BLOCK):
            block = slice(start, start + BLOCK)
            w = np.ascontiguousarray(weights[:, block])
            parts.append(one(pair_weights(pairs.genuine_families, w), pair_weights(pairs.impostor_families, w), block))
    return np.concatenate(parts)


def _cumulated(w):
    """Row i: the weight of the first i pairs."""
    out = np.zeros((len(w) + 1, w.shape[1]))
    np.cumsum(w, axis=0, out=out[1:])
    return out


def _share(w, scores, thresholds, side):
    """Share of the weight whose score is >= the draw's threshold (side "left"), or > it (side "right")."""
    first = np.searchsorted(scores, thresholds, side)
    below = _cumulated(w)
    return 1 - below[first, np.arange(w.shape[1])] / below[-1]
