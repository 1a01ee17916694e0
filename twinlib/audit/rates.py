"""Thresholds set on rendered strangers, and how often each kind of pair passes them.

The intervals draw families with replacement, as `measure.bootstrap` does. In each draw the threshold is set anew on its
own strangers; a rate is then what `bootstrap_by` calls TAR at that FAR, with the kind as the genuine one. Here all
kinds and rates share one pass, and only the best strangers are looked at, which is a hundred times as fast.
"""

from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int

from twinlib.audit.protocol import KINDS
from twinlib.measure.bootstrap import corrected, family_weights
from twinlib.measure.checks import MIN_FALSE_ACCEPTS
from twinlib.measure.exact import calibrate, exact_rate
from twinlib.measure.weighted import pair_weights

FMRS = (1e-2, 1e-3, 1e-4)
DRAWS = 2000
BINS = 60  # of the picture of all scores
Row = dict[str, Any]


def shift(kind: np.ndarray, scores: Float[np.ndarray, " P"]) -> tuple[list[float], dict[str, Row]]:
    """Edges of bins, and of each kind of pair mean, standard deviation and share in each bin.

    It is what a threshold of photographs would meet.
    """
    low, high = float(scores.min()), float(scores.max())
    edges = np.linspace(low, high if high > low else low + 1, BINS + 1)
    found: dict[str, Row] = {}
    for name in KINDS:
        if (part := scores[kind == name]).size:
            bins = np.histogram(part, edges)[0] / part.size
            found[name] = {"mean": float(part.mean()), "sd": float(part.std()), "share": bins.round(5).tolist()}
    return edges.round(5).tolist(), found


def thresholds(kind: np.ndarray, scores: Float[np.ndarray, " P"]) -> dict[float, float]:
    """Lowest accepted score for each FMR of strangers that rests on at least ten errors."""
    strangers = int((kind == "stranger").sum())
    used = (kind == "stranger") | (kind == "genuine")
    same = (kind == "genuine")[used].astype(int)
    counted = [fmr for fmr in FMRS if fmr * strangers >= MIN_FALSE_ACCEPTS]
    return {fmr: calibrate(scores[used], same, fmr).threshold for fmr in counted}


def by_kind(pairs: pd.DataFrame, scores: Float[np.ndarray, " P"], draws: int = DRAWS) -> list[Row]:
    """Threshold, FNMR and the FMR of each kind, a row for each FMR of the strangers, with 95 % intervals.

    Args:
        pairs: of a `Protocol`, one set.
        scores: the score of each pair.
        draws: of the bootstrap over families.
    """
    kind, rows = pairs["kind"].to_numpy(), []
    codes, names = pd.factorize(pairs[["family_a", "family_b"]].to_numpy().ravel(), sort=True)
    families, weights = codes.reshape(-1, 2), family_weights(len(names), draws, 0)
    strangers = kind == "stranger"
    for fmr, threshold in thresholds(kind, scores).items():
        row: Row = {"fmr": fmr, "threshold": threshold}
        drawn = drawn_thresholds(scores[strangers], families[strangers], weights, fmr)
        for name in [one for one in KINDS[:-1] if (kind == one).any()]:
            mask = kind == name
            samples = drawn_shares(scores[mask], families[mask], weights, drawn)
            value = float((scores[mask] >= threshold).mean())
            if name == "genuine":
                value, samples = 1 - value, 1 - samples
            row[name] = rate(value, samples, len(names), int(mask.sum()), len(np.unique(families[mask])))
        rows.append(row)
    return rows


def drawn_thresholds(
    scores: Float[np.ndarray, " P"], families: Int[np.ndarray, "P 2"], weights: Int[np.ndarray, "F D"], fmr: float
) -> Float[np.ndarray, " D"]:
    """In each draw the (k + 1)-th largest score, k = floor(FMR × weight of all pairs); what is greater passes.

    Args:
        scores: of strangers, pairs of two families.
        families: of each pair, rows of `weights`.
        weights: how often each family is drawn.
        fmr: a fraction.
    """
    between = np.zeros((len(weights), len(weights)))
    np.add.at(between, (families[:, 0], families[:, 1]), 1)
    w = weights.astype(float)
    k = np.floor(fmr * (between @ w * w).sum(0) + 1e-9)
    order, best = np.argsort(-scores, kind="stable"), max(1000, int(3 * fmr * len(scores)))
    while True:  # the best few per cent hold the threshold of every draw; if not, more are looked at
        above = np.cumsum(pair_weights(families[order[:best]], weights), axis=0)
        if best >= len(order) or (above[-1] > k).all():
            return scores[order[(above > k).argmax(0)]]
        best *= 2


def drawn_shares(
    scores: Float[np.ndarray, " P"],
    families: Int[np.ndarray, "P 2"],
    weights: Int[np.ndarray, "F D"],
    thresholds: Float[np.ndarray, " D"],
) -> Float[np.ndarray, " D"]:
    """Share of the pairs of each draw whose score is greater than the draw's threshold; NaN where it has no pair."""
    parts = []
    for block in np.array_split(np.arange(weights.shape[1]), max(weights.shape[1] // 50, 1)):
        weight = pair_weights(families, weights[:, block])
        with np.errstate(invalid="ignore"):
            parts.append((weight * (scores[:, None] > thresholds[block])).sum(0) / weight.sum(0))
    return np.concatenate(parts)


def share(accepted: Bool[np.ndarray, " P"], families: np.ndarray, draws: int = DRAWS) -> Row:
    """Share of what is accepted, with an interval over families; the threshold stays fixed.

    Args:
        accepted: of each pair or search.
        families: of each; pairs inside families, so that one is enough.
        draws: of the bootstrap.
    """
    codes, names = pd.factorize(np.asarray(families))
    count = np.bincount(codes, minlength=len(names))
    hits = np.bincount(codes, np.asarray(accepted, float), minlength=len(names))
    weights = family_weights(len(names), draws, 0)
    value, samples = float(hits.sum() / count.sum()), (hits @ weights) / (count @ weights)
    return rate(value, samples, len(names), int(count.sum()), len(names))


def rate(value: float, samples: Float[np.ndarray, " D"], drawn: int, pairs: int, families: int) -> Row:
    """A rate with its interval, as JSON.

    Where every draw has no error, or nothing but errors, the spread is not known from the draws: the interval is then
    the exact binomial one, which takes pairs as independent.

    Args:
        value: on all pairs.
        samples: in each draw; NaN does not count.
        drawn: families that were drawn from.
        pairs: behind the rate.
        families: behind the rate.
    """
    valid = samples[~np.isnan(samples)]
    exact = drawn < 2 or (valid == valid[0]).all() or value in (0.0, 1.0)
    if exact:
        low, high = exact_rate(round(value * pairs), pairs)[1:]
    else:
        low, high = np.clip(corrected(valid, value, drawn, drawn - 1.0, 0.95), 0, 1).tolist()
    return {"value": value, "low": low, "high": high, "pairs": pairs, "families": families,
            "interval": "exact" if exact else "families"}  # fmt: skip
