"""Intervals by bootstrap over families, vectorised over draws.

Pairs of one family share faces, so families are drawn with replacement, not pairs. A family drawn w times gives its
pairs the weight w; a pair across two families weighs w_a · w_b. All draws share one sort of the scores.

The interval is the bias-corrected percentile interval at the quantiles of Student's t for the number of families and
seeds (our choice; coverage in results/benchmarks/interval_coverage.csv and coverage_difference.csv). Bias: pairs of one
family are also compared with each other, which moves the AUC by some 1/families, and once more in each draw. Student:
with five seeds, normal quantiles would call one difference in ten real where there is none.

A draw of very few families may hold no genuine or no impostor pair. Such draws are left out, as if drawn again; where
they are more than a tenth, the families are too few for an interval and its ends are NaN. The value is always kept.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int
from scipy.special import ndtr, ndtri, stdtrit

from twinlib.errors import InputError
from twinlib.evaluate.weighted import METRICS, Sorted, threshold_draws

MISSING = 0.1  # share of draws without a pair of one class above which there is no interval

Validation = tuple[pd.DataFrame, Float[np.ndarray, "..."]]


@dataclass(frozen=True)
class Interval:
    """A value with its bootstrap interval.

    Attributes:
        value: the metric on all pairs (a mean over seeds where there are several).
        low: lower end; NaN where the families are too few for an interval.
        high: upper end; likewise.
        families: number of families drawn from.
        seeds: number of training seeds drawn from.
        draws: number of bootstrap draws that count.
        level: nominal coverage, a fraction.
    """

    value: float
    low: float
    high: float
    families: int
    seeds: int = 1
    draws: int = 2000
    level: float = 0.95

    @property
    def excludes_zero(self) -> bool:
        """True if the whole interval lies on one side of 0."""
        return self.low > 0 or self.high < 0

    def __format__(self, spec: str) -> str:
        """Value and ends as prose prints them: f"{interval:.3f}" is "0.712 [0.690, 0.733]"."""
        ends = "no interval" if np.isnan(self.low) else f"{self.low:{spec}}, {self.high:{spec}}"
        return f"{self.value:{spec}} [{ends}]"


def bootstrap_by(
    pairs: pd.DataFrame,
    scores: Float[np.ndarray, "... P"],
    metric: str,
    validation: Validation | None = None,
    draws: int = 2000,
    seed: int = 0,
    level: float = 0.95,
) -> Interval:
    """A metric with its interval over families, and over seeds where `scores` has a row a seed.

    Args:
        pairs: same, family_a and family_b, a row a pair.
        scores: a score a pair, in the order of `pairs`; higher = more alike.
        metric: auc, eer, balanced_accuracy, or tar@far=<fraction>.
        validation: pairs and scores that the threshold of balanced_accuracy comes from; their families are drawn too.
        draws: number of draws.
        seed: of the draws; the same seed gives the same families in each call.
        level: coverage aimed at.

    Raises:
        InputError: NaN, one class, an unknown metric, or a threshold metric without validation pairs.
    """
    point, samples = _samples(pairs, scores, metric, validation, draws, seed)
    return _interval(point, samples, pairs, seed, level)


def bootstrap_difference(
    pairs: pd.DataFrame,
    scores_a: Float[np.ndarray, "... P"],
    scores_b: Float[np.ndarray, "... P"],
    metric: str,
    validation: tuple[pd.DataFrame, Float[np.ndarray, "..."], Float[np.ndarray, "..."]] | None = None,
    draws: int = 2000,
    seed: int = 0,
    level: float = 0.95,
) -> Interval:
    """The difference A − B of two models on the same pairs, paired by family and by seed.

    Args:
        pairs: same, family_a and family_b, a row a pair.
        scores_a: scores of model A, one list or a row a seed.
        scores_b: scores of model B; row i has the same seed as row i of A.
        metric: as for `bootstrap_by`.
        validation: validation pairs, scores of A, scores of B.
        draws: number of draws.
        seed: of the draws.
        level: coverage aimed at.

    Raises:
        InputError: as `bootstrap_by`, or different numbers of seeds.
    """
    if np.shape(scores_a) != np.shape(scores_b):
        raise InputError(
            f"paired scores need one shape; found {np.shape(scores_a)} and {np.shape(scores_b)}. Use the same seeds."
        )
    ours = theirs = None
    if validation is not None:
        ours, theirs = (validation[0], validation[1]), (validation[0], validation[2])
    point_a, samples_a = _samples(pairs, scores_a, metric, ours, draws, seed)
    point_b, samples_b = _samples(pairs, scores_b, metric, theirs, draws, seed)
    return _interval(point_a - point_b, samples_a - samples_b, pairs, seed, level)


def bootstrap_split(
    pairs: pd.DataFrame,
    scores: Float[np.ndarray, "... P"],
    first: Bool[np.ndarray, " P"],
    metric: str,
    draws: int = 2000,
    seed: int = 0,
    level: float = 0.95,
) -> Interval:
    """The difference of one model's metric between two parts of the pairs, on the same drawn families and seeds.

    Both parts show nearly the same families, so that two intervals by themselves would be taken as independent.

    Args:
        pairs: same, family_a and family_b, a row a pair.
        scores: a score a pair, or a row of them a seed.
        first: the pairs of the first part; the others are the second.
        metric: auc, eer or tar@far=<fraction>.
        draws: number of draws.
        seed: of the draws.
        level: coverage aimed at.

    Raises:
        InputError: as `bootstrap_by`, of either part.
    """
    scores, names = np.atleast_2d(scores), np.unique(pd.concat([pairs.family_a, pairs.family_b]))
    (point, samples), (other, others) = (
        _samples(pairs[part], scores[:, part], metric, None, draws, seed, names) for part in (first, ~first)
    )
    return _interval(point - other, samples - others, pairs, seed, level)


def family_weights(families: int, draws: int, seed: int) -> Int[np.ndarray, "F D"]:
    """How often each family is drawn when as many families as there are are drawn with replacement."""
    drawn = np.random.default_rng([seed, families]).integers(families, size=(families, draws))
    return np.bincount((drawn * draws + np.arange(draws)).ravel(), minlength=families * draws).reshape(families, draws)


def _samples(pairs, scores, metric, validation, draws, seed, names=None):
    """The metric on all pairs, a seed, and on each draw, a seed and a draw."""
    kind, _, argument = metric.partition("@far=")
    if kind not in METRICS:
        raise InputError(f"metric {metric!r} is unknown; known: {', '.join(METRICS)} (as tar@far=0.01).")
    needs_threshold = kind == "balanced_accuracy"
    if needs_threshold and validation is None:
        raise InputError(f"{metric} takes its threshold from validation pairs of the same protocol; none were given.")
    scores = np.atleast_2d(scores)
    held = [None] * len(scores) if not needs_threshold else np.atleast_2d(validation[1])
    points, samples = [], []
    for row, held_row in zip(scores, held, strict=True):
        for draws_now, into in ((0, points), (draws, samples)):
            test = Sorted.of(pairs, row, names)
            extra = float(argument) if argument else None
            if needs_threshold:
                chosen = Sorted.of(validation[0], held_row)
                extra = threshold_draws(chosen, _weights(chosen, draws_now, seed + 1))
            into.append(METRICS[kind](test, _weights(test, draws_now, seed), extra))
    return np.array(points)[:, 0], np.array(samples)


def _weights(sorted_pairs, draws, seed):
    """Weights of the families; without draws, every family once."""
    if draws:
        return family_weights(sorted_pairs.families, draws, seed)
    return np.ones((sorted_pairs.families, 1), int)


def _interval(points, samples, pairs, seed, level):
    """Interval of the mean over seeds; seeds are drawn with replacement too."""
    seeds, draws = samples.shape
    families = pd.unique(pd.concat([pairs.family_a, pairs.family_b])).size
    mean, freedom = samples[0], families - 1.0
    if seeds > 1:
        # n - 1 of n: drawing all n seeds would shrink the variance of so small a sample by (n - 1) / n
        rng = np.random.default_rng([seed, seeds, draws])
        drawn = rng.multinomial(seeds - 1, np.full(seeds, 1 / seeds), draws).T / (seeds - 1)
        mean = (samples * drawn).sum(0)
        counted = samples.mean(0)[~np.isnan(samples.mean(0))]
        spread = counted.var(ddof=1) if counted.size > 1 else 0.0
        freedom = _freedom(spread, families - 1, points.var(ddof=1) / seeds, seeds - 1)
    valid = mean[~np.isnan(mean)]
    few = valid.size < (1 - MISSING) * draws
    low, high = (np.nan, np.nan) if few else _corrected(valid, points.mean(), families, freedom, level)
    return Interval(float(points.mean()), low, high, families, seeds, valid.size, level)


def _freedom(variance_a, freedom_a, variance_b, freedom_b):
    """Degrees of freedom of the sum of two estimated variances (Welch and Satterthwaite)."""
    parts = variance_a**2 / max(freedom_a, 1) + variance_b**2 / freedom_b
    return (variance_a + variance_b) ** 2 / parts if parts > 0 else freedom_a


def _corrected(samples, point, families, freedom, level):
    """Bias-corrected percentile interval (Efron 1981), expanded for few families and seeds (Hesterberg 2015)."""
    above = np.sign(np.round(samples - point, 12))  # rounded: a draw equal to the point is half below, half above
    below = (1 - above.mean()) / 2
    z0 = ndtri(np.clip(below, 0.5 / samples.size, 1 - 0.5 / samples.size))
    width = ndtri((1 + level) / 2)
    if families > 1:
        width = np.sqrt(families / (families - 1)) * stdtrit(freedom, (1 + level) / 2)
    low, high = np.quantile(samples, ndtr([2 * z0 - width, 2 * z0 + width]))
    return float(low), float(high)
