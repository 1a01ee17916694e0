"""Intervals by bootstrap over families, vectorised over draws.

Pairs of one family share faces, so families are drawn with replacement, not pairs. A family drawn w times gives its
pairs the weight w; a pair across two families weighs w_a · w_b. All draws share one sort of the scores.

The interval is the bias-corrected percentile interval at the quantiles of Student's t for the number of families and
seeds (our choice; coverage in results/benchmarks/interval_coverage.csv and coverage_difference.csv). Bias: pairs of one
family are also compared with each other, which moves the AUC by some 1/families, and once more in each draw. Student:
with five seeds, normal quantiles would call one difference in ten real where there is none.

A draw of very few families may hold no genuine or no impostor pair. Such draws are left out, as if drawn again; where
they are more than a tenth, the families are too few for an interval and its ends are NaN. So they are with one family,
without draws, and where every draw gives the same value, which says nothing of the spread. The value is always kept.
"""

from functools import lru_cache

import numpy as np
from jaxtyping import Int
from scipy.special import ndtr, ndtri, stdtrit

from twinlib.arrays import Column, Columns, Rows, labels, number_rows, one_length
from twinlib.errors import InputError
from twinlib.measure.interval import ALIKE, NO_DRAWS, ONE_FAMILY, TOO_FEW, Interval, kept, metric_of
from twinlib.measure.weighted import METRICS, Paired, Sorted, threshold_draws
from twinlib.ranges import Level, Seed, Whole, within

MISSING = 0.1  # share of draws without a pair of one class above which there is no interval

Validation = tuple[Columns, Rows]


def bootstrap_by(
    pairs: Columns,
    scores: Rows,
    metric: str,
    validation: Validation | None = None,
    draws: int = 2000,
    seed: int = 0,
    level: float = 0.95,
) -> Interval:
    """A metric with its interval over families, and over seeds where `scores` has a row for each seed.

    Args:
        pairs: same, family_a and family_b, a row for each pair; the index counts for nothing.
        scores: the score of each pair, in the order of `pairs`; higher = more alike. Or a row of them for each seed.
        metric: one that `names.metric_of` knows.
        validation: pairs and scores that the threshold of balanced_accuracy comes from; their families are drawn too.
        draws: number of draws.
        seed: of the draws; the same seed gives the same families in each call.
        level: coverage aimed at.

    Raises:
        InputError: NaN, one class, a family that is missing, an unknown metric, a threshold metric without validation
            pairs, or draws, seed or level out of range.
    """
    _arguments(draws, seed, level)
    paired = Paired.of(pairs)
    point, samples = _samples(paired, number_rows(scores, "scores"), metric, validation, draws, seed)
    return _interval(point, samples, paired, seed, level, alike=_alike(samples))


def bootstrap_difference(
    pairs: Columns,
    scores_a: Rows,
    scores_b: Rows,
    metric: str,
    validation: tuple[Columns, Rows, Rows] | None = None,
    draws: int = 2000,
    seed: int = 0,
    level: float = 0.95,
) -> Interval:
    """The difference A − B of two models on the same pairs, paired by family and by seed.

    Args:
        pairs: same, family_a and family_b, a row for each pair.
        scores_a: scores of model A, one list or a row for each seed.
        scores_b: scores of model B; row i has the same seed as row i of A.
        metric: as for `bootstrap_by`.
        validation: validation pairs, scores of A, scores of B.
        draws: number of draws.
        seed: of the draws.
        level: coverage aimed at.

    Raises:
        InputError: as `bootstrap_by`, or different numbers of seeds.
    """
    _arguments(draws, seed, level)
    paired, a, b = Paired.of(pairs), number_rows(scores_a, "scores_a"), number_rows(scores_b, "scores_b")
    if a.shape != b.shape:
        raise InputError(f"paired scores need one shape; found {a.shape} and {b.shape}. Use the same seeds.")
    ours = theirs = None
    if validation is not None:
        ours, theirs = (validation[0], validation[1]), (validation[0], validation[2])
    point_a, samples_a = _samples(paired, a, metric, ours, draws, seed)
    point_b, samples_b = _samples(paired, b, metric, theirs, draws, seed)
    alike = _alike(samples_a) and _alike(samples_b)
    return _interval(point_a - point_b, samples_a - samples_b, paired, seed, level, alike)


def bootstrap_split(
    pairs: Columns,
    scores: Rows,
    first: Column,
    metric: str,
    draws: int = 2000,
    seed: int = 0,
    level: float = 0.95,
) -> Interval:
    """The difference of one model's metric between two parts of the pairs, on the same drawn families and seeds.

    Both parts show nearly the same families, so that two intervals by themselves would be taken as independent.

    Args:
        pairs: same, family_a and family_b, a row for each pair.
        scores: a score for each pair, or a row of them a seed.
        first: 1 for the pairs of the first part; the others are the second.
        metric: auc, eer or tar@far=<fraction>.
        draws: number of draws.
        seed: of the draws.
        level: coverage aimed at.

    Raises:
        InputError: as `bootstrap_by`, of either part.
    """
    _arguments(draws, seed, level)
    paired, rows, chosen = Paired.of(pairs), number_rows(scores, "scores"), labels(first, "first")
    one_length(pairs=paired.same, scores=rows.T, first=chosen)
    (point, samples), (other, others) = (
        _samples(paired.where(part), rows[:, part], metric, None, draws, seed, paired.names)
        for part in (chosen, ~chosen)
    )
    alike = _alike(samples) and _alike(others)
    return _interval(point - other, samples - others, paired, seed, level, alike)


@lru_cache(maxsize=8)  # rows of a table draw the same families; 3 MB for 200 families and 2,000 draws
def family_weights(families: int, draws: int, seed: int) -> Int[np.ndarray, "F D"]:
    """How often each family is drawn when as many families as there are are drawn with replacement; read only."""
    drawn = np.random.default_rng([seed, families]).integers(families, size=(families, draws))
    counts = np.bincount((drawn * draws + np.arange(draws)).ravel(), minlength=families * draws)
    counts.flags.writeable = False
    return counts.reshape(families, draws)


def _samples(pairs, scores, metric, validation, draws, seed, names=None):
    """The metric on all pairs, a seed, and on each draw, a seed and a draw."""
    kind, far = metric_of(metric)
    needs_threshold = kind == "balanced_accuracy"
    if needs_threshold and validation is None:
        raise InputError(f"{metric} takes its threshold from validation pairs of the same protocol; none were given.")
    held, held_scores = None, [None] * len(scores)
    if validation is not None and needs_threshold:
        held, held_scores = Paired.of(validation[0], "validation"), number_rows(validation[1], "validation scores")
        if len(held_scores) != len(scores):
            raise InputError(f"validation scores have {len(held_scores)} rows and scores {len(scores)}; one a seed.")
    points, samples = [], []
    for row, held_row in zip(scores, held_scores, strict=True):
        test = Sorted.of(pairs, row, names)
        chosen = None if held is None or held_row is None else Sorted.of(held, held_row)
        for draws_now, into in ((None, points), (draws, samples)):
            into.append(kept(_drawn, kind, test, chosen, far, draws_now, seed) if draws_now != 0 else [])
    return np.array(points)[:, 0], np.array(samples, float)


def _drawn(kind, test, chosen, far, draws, seed):
    """The metric of each draw, at a threshold from as many draws of validation pairs where there are some."""
    extra = far if chosen is None else threshold_draws(chosen, _weights(chosen, draws, seed + 1))
    return METRICS[kind](test, _weights(test, draws, seed), extra)


def _arguments(draws, seed, level):
    """Refuse what no bootstrap can be made of."""
    within(Whole, draws=draws)
    within(Seed, seed=seed)
    within(Level, level=level)


def _weights(sorted_pairs, draws, seed):
    """Weights of the families; every family once where `draws` is None."""
    if draws is None:
        return np.ones((sorted_pairs.families, 1), int)
    return family_weights(sorted_pairs.families, draws, seed)


def _alike(samples):
    """Whether every draw, of every seed, gives one value."""
    return samples.size > 0 and bool((samples == samples.flat[0]).all())


def _interval(points, samples, pairs, seed, level, alike):
    """Interval of the mean over seeds; seeds are drawn with replacement too."""
    seeds, draws = samples.shape
    families = pairs.names.size
    if reason := NO_DRAWS if draws == 0 else ONE_FAMILY if families == 1 else ALIKE if alike else "":
        return Interval(float(points.mean()), np.nan, np.nan, families, seeds, draws, level, reason)
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
    if valid.size < (1 - MISSING) * draws:
        return Interval(float(points.mean()), np.nan, np.nan, families, seeds, valid.size, level, TOO_FEW)
    low, high = corrected(valid, points.mean(), families, freedom, level)
    value, freedom = float(points.mean()), float(freedom)
    return Interval(value, low, high, families, seeds, valid.size, level, samples=valid, freedom=freedom)


def _freedom(variance_a, freedom_a, variance_b, freedom_b):
    """Degrees of freedom of the sum of two estimated variances (Welch and Satterthwaite)."""
    parts = variance_a**2 / freedom_a + variance_b**2 / freedom_b
    return (variance_a + variance_b) ** 2 / parts if parts > 0 else freedom_a


def corrected(samples, point, families, freedom, level):
    """Bias-corrected percentile interval (Efron 1981), expanded for few families and seeds (Hesterberg 2015)."""
    z0 = ndtri(share_below(samples, point))
    width = np.sqrt(families / (families - 1)) * stdtrit(freedom, (1 + level) / 2)
    low, high = np.quantile(samples, ndtr([2 * z0 - width, 2 * z0 + width]))
    return float(low), float(high)


def share_below(samples, value):
    """Share of the draws below a value, those equal to it counted half, kept off 0 and 1 by half a draw."""
    above = np.sign(np.round(samples - value, 12))  # rounded: equal but for the last digits is equal
    return float(np.clip((1 - above.mean()) / 2, 0.5 / samples.size, 1 - 0.5 / samples.size))
