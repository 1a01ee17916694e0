import numpy as np
import pandas as pd
import pytest
from scipy import stats

from twinlib.errors import InputError
from twinlib.measure import metrics
from twinlib.measure.bootstrap import _freedom, bootstrap_by, bootstrap_difference, bootstrap_split, family_weights
from twinlib.measure.interval import ALIKE, NO_DRAWS, ONE_FAMILY, TOO_FEW

METRICS = ["auc", "eer", "balanced_accuracy", "tar@far=0.1"]


def simulate(seed, families=12, each=8, across=False, shift=1.0):
    """Pairs with a family effect; `across` makes the impostors strangers from two families."""
    rng = np.random.default_rng(seed)
    names = [f"f{i}" for i in range(families)]
    same = np.tile(np.repeat([1, 0], each), families)
    a = np.repeat(np.arange(families), 2 * each)
    b = np.where(same == 1, a, (a + rng.integers(1, families, a.size)) % families) if across else a
    scores = rng.normal(size=a.size) + shift * same + rng.normal(0, 0.7, families)[a]
    return pd.DataFrame({"same": same, "family_a": np.take(names, a), "family_b": np.take(names, b)}), scores


def point(metric, pairs, scores, validation=None):
    """The metric from `metrics`, on lists in which every pair stands as often as it was drawn."""
    same = pairs.same.to_numpy()
    if metric == "balanced_accuracy":
        threshold = metrics.threshold_at_best_balanced_accuracy(validation[1], validation[0].same.to_numpy())
        return metrics.balanced_accuracy(scores, same, threshold)
    if metric.startswith("tar"):
        return metrics.tar_at_far(scores, same, 0.1).value
    return {"auc": metrics.auc, "eer": lambda s, y: metrics.eer(s, y).value}[metric](scores, same)


def drawn(pairs, scores, weights):
    """The slow twin of weighting: repeat each pair w times, or w_a · w_b times across two families."""
    code = {name: i for i, name in enumerate(sorted(set(pairs.family_a) | set(pairs.family_b)))}
    times = [
        weights[code[a]] if a == b else weights[code[a]] * weights[code[b]]
        for a, b in zip(pairs.family_a, pairs.family_b, strict=True)
    ]
    rows = np.repeat(np.arange(len(pairs)), times)
    return pairs.iloc[rows], scores[rows]


def slow_interval(draws, point, families):
    """Bias-corrected percentiles at Student's quantiles, step by step."""
    below = sum(0.5 if abs(d - point) < 1e-12 else float(d < point) for d in draws) / len(draws)
    z0 = stats.norm.ppf(below)
    z = stats.t.ppf(0.975, families - 1) * (families / (families - 1)) ** 0.5
    return tuple(np.quantile(draws, [stats.norm.cdf(2 * z0 - z), stats.norm.cdf(2 * z0 + z)]))


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("across", [False, True])
def test_the_interval_is_that_of_repeated_pairs(metric, across):
    pairs, scores = simulate(1, across=across)
    scores = np.round(scores * 8) / 8  # ties
    validation = simulate(2, across=across)
    ours = bootstrap_by(pairs, scores, metric, validation, draws=40, seed=5)
    weights, held = family_weights(12, 40, 5), family_weights(12, 40, 6)
    slow = [point(metric, *drawn(pairs, scores, weights[:, d]), drawn(*validation, held[:, d])) for d in range(40)]
    assert ours.value == pytest.approx(point(metric, pairs, scores, validation), abs=1e-12)
    assert (ours.low, ours.high) == pytest.approx(slow_interval(slow, ours.value, 12), abs=1e-12)
    assert ours.families == 12


def test_family_names_and_row_order_do_not_matter():
    pairs, scores = simulate(3)
    order = np.random.default_rng(0).permutation(len(pairs))
    assert bootstrap_by(pairs.iloc[order], scores[order], "auc", draws=50) == bootstrap_by(
        pairs, scores, "auc", draws=50
    )


def test_more_families_give_a_narrower_interval():
    widths = [(i := bootstrap_by(*simulate(4, families), "auc", draws=300)).high - i.low for families in (15, 240)]
    assert widths[1] < widths[0] / 2.5  # a factor 4 is expected


def test_a_model_less_itself_is_exactly_zero():
    pairs, scores = simulate(5)
    same = bootstrap_difference(pairs, scores, scores, "auc", draws=50)
    assert (same.value, same.low, same.high) == (0, 0, 0)
    assert not same.excludes_zero


def test_pairing_removes_what_the_models_share():
    pairs, scores = simulate(6, families=40)
    better = scores + 0.3 * pairs.same.to_numpy()
    paired = bootstrap_difference(pairs, better, scores, "auc", draws=300)
    alone = bootstrap_by(pairs, scores, "auc", draws=300)
    assert paired.low > 0
    assert paired.high - paired.low < (alone.high - alone.low) / 2
    back = bootstrap_difference(pairs, scores, better, "auc", draws=300)
    assert (back.low, back.high) == pytest.approx((-paired.high, -paired.low))


def test_seeds_that_differ_widen_the_interval():
    pairs, scores = simulate(7, families=40)
    rng, same = np.random.default_rng(0), pairs.same.to_numpy()
    seeds = np.array([scores + rng.normal(0, 0.5) * same for _ in range(5)])
    one, five = (bootstrap_by(pairs, s, "auc", draws=300) for s in (np.array([scores] * 5), seeds))
    assert (one.seeds, five.seeds) == (5, 5)
    assert five.high - five.low > 1.5 * (one.high - one.low)
    assert five.value == pytest.approx(np.mean([metrics.auc(s, same) for s in seeds]))


def test_the_seed_part_is_students_interval():
    """With equal families a draw changes nothing: what is left is the mean of n seeds, s/√n at Student's quantile."""
    one, _ = simulate(8, families=1, each=30)
    pairs = pd.concat([one.assign(family_a=f"f{i}", family_b=f"f{i}") for i in range(60)])
    rng = np.random.default_rng(1)
    seeds = np.tile(rng.normal(size=(5, len(one))) + one.same.to_numpy(), 60)
    values = [metrics.auc(s, pairs.same.to_numpy()) for s in seeds]
    found = bootstrap_by(pairs, seeds, "auc", draws=4000, level=0.6827)
    half = stats.t.ppf(0.84135, 4) * np.std(values, ddof=1) / np.sqrt(5)
    assert (found.high - found.low) / 2 == pytest.approx(half, rel=0.2)


def test_degrees_of_freedom_are_welchs():
    a, b = np.random.default_rng(2).normal(size=30), 3 * np.random.default_rng(3).normal(size=5)
    welch = stats.ttest_ind(a, b, equal_var=False).df
    assert _freedom(a.var(ddof=1) / 30, 29, b.var(ddof=1) / 5, 4) == pytest.approx(welch)


def test_refusals():
    pairs, scores = simulate(9)
    with pytest.raises(InputError, match=r"metric 'acc': it is unknown\. Known metrics: auc"):
        bootstrap_by(pairs, scores, "acc")
    with pytest.raises(InputError, match="threshold from validation pairs"):
        bootstrap_by(pairs, scores, "balanced_accuracy")
    with pytest.raises(InputError, match="same seeds"):
        bootstrap_difference(pairs, np.stack([scores] * 2), np.stack([scores] * 3), "auc")
    with pytest.raises(InputError, match="NaN"):
        bootstrap_by(pairs, np.where(scores > 1, np.nan, scores), "auc")


def test_families_too_few_for_an_interval_keep_the_value():
    two = pd.DataFrame({"same": [1, 0], "family_a": ["a", "a"], "family_b": ["a", "b"]})  # half the draws lack a class
    found = bootstrap_by(two, np.array([1.0, 0.0]), "auc", draws=50)
    assert found.value == 1
    assert np.isnan([found.low, found.high]).all()
    assert not found.excludes_zero
    assert found.draws < 50
    held = bootstrap_by(two, np.array([1.0, 0.0]), "balanced_accuracy", (two, np.array([1.0, 0.0])), draws=50)
    assert held.value == 1
    assert np.isnan(held.low)
    several = bootstrap_by(two, np.array([[1.0, 0.0], [0.0, 1.0]]), "auc", draws=50)
    assert (several.value, several.seeds) == (0.5, 2)


def test_where_no_interval_can_exist_there_is_none_and_the_reason():
    pairs, scores = simulate(3, families=1)
    one = bootstrap_by(pairs, scores, "auc", draws=50)
    assert one.value == pytest.approx(metrics.auc(scores, pairs.same))
    assert (one.families, one.reason) == (1, ONE_FAMILY)
    pairs, scores = simulate(3)
    none = bootstrap_by(pairs, scores, "auc", draws=0)
    assert none.value == pytest.approx(metrics.auc(scores, pairs.same))
    assert (none.draws, none.reason) == (0, NO_DRAWS)
    apart = bootstrap_by(pairs, scores + 100 * pairs.same.to_numpy(), "auc", draws=50)
    assert (apart.value, apart.reason) == (1, ALIKE)
    both = bootstrap_difference(pairs, scores + 100 * pairs.same, scores + 200 * pairs.same, "auc", draws=50)
    assert (both.value, both.reason) == (0, ALIKE)
    two = pd.DataFrame({"same": [1, 0], "family_a": ["a", "a"], "family_b": ["a", "b"]})
    few = bootstrap_by(two, [1.0, 0.0], "auc", draws=50)
    assert few.reason == TOO_FEW
    for found in (one, none, apart, both, few):
        assert np.isnan([found.low, found.high]).all()
        assert not found.excludes_zero
    assert bootstrap_by(pairs, scores, "auc", draws=50).reason == ""


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ({"level": 95.0}, r"level must be a number above 0 and below 1, got 95.0\. 95 % is 0.95\."),
        ({"level": 0.0}, "level must be a number above 0 and below 1, got 0.0"),
        ({"level": np.nan}, "level must be a number above 0 and below 1, got nan"),
        ({"draws": -1}, "draws must be a whole number of at least 0, got -1"),
        ({"seed": -1}, "seed must be a whole number from 0"),
        ({"metric": "tar@far=1%"}, "'1%' is no fraction between 0 and 1"),
        ({"metric": "auc@far=.1"}, "auc takes no FAR"),
    ],
)
def test_arguments_out_of_range_are_refused_by_name(argument, message):
    pairs, scores = simulate(3)
    given = {"metric": "auc", "draws": 5} | argument
    for function, lists in (
        (bootstrap_by, (scores,)),
        (bootstrap_difference, (scores, scores)),
        (bootstrap_split, (scores, np.arange(len(scores)) % 3 == 0)),
    ):
        with pytest.raises(InputError, match=message):
            function(pairs, *lists, **given)


def test_scores_and_validation_of_another_number_of_seeds_are_refused():
    pairs, scores = simulate(3)
    with pytest.raises(InputError, match="validation scores have 2 rows and scores 1; one a seed"):
        bootstrap_by(pairs, scores, "balanced_accuracy", (pairs, np.stack([scores] * 2)), draws=5)


def test_a_few_draws_without_a_pair_are_left_out():
    pairs, scores = simulate(3, families=5, across=True)
    pairs = pairs[(pairs.same == 1) | (pairs.family_a != pairs.family_b)].reset_index(drop=True)
    found = bootstrap_by(pairs, scores[: len(pairs)], "auc", draws=4000)
    assert 0 < 4000 - found.draws < 400
    assert found.low < found.value < found.high


@pytest.mark.parametrize("across", [False, True])
def test_two_parts_of_the_pairs_share_the_drawn_families(across):
    pairs, scores = simulate(1, across=across)
    first = np.random.default_rng(3).random(len(pairs)) < 0.5
    first[pairs.family_a == "f3"] = True  # a family that one part lacks where no pair crosses families
    ours = bootstrap_split(pairs, scores, first, "auc", draws=40, seed=5)
    parts = [(pairs[side], scores[side]) for side in (first, ~first)]
    code = {name: i for i, name in enumerate(sorted(set(pairs.family_a) | set(pairs.family_b)))}
    samples = []
    for weights in family_weights(12, 40, 5).T:
        both = []
        for part, own in parts:
            times = [
                weights[code[a]] if a == b else weights[code[a]] * weights[code[b]]
                for a, b in zip(part.family_a, part.family_b, strict=True)
            ]
            rows = np.repeat(np.arange(len(part)), times)
            both.append(point("auc", part.iloc[rows], own[rows]))
        samples.append(both[0] - both[1])
    value = point("auc", *parts[0]) - point("auc", *parts[1])
    assert ours.value == pytest.approx(value)
    assert (ours.low, ours.high) == pytest.approx(slow_interval(samples, value, 12), abs=1e-9)


def test_the_same_pairs_on_both_sides_differ_by_exactly_zero():
    pairs, scores = simulate(4)
    twice = pd.concat([pairs, pairs], ignore_index=True)
    seeds = np.array([np.tile(scores, 2), np.tile(scores[::-1], 2)])
    got = bootstrap_split(twice, seeds, np.arange(len(twice)) < len(pairs), "auc", draws=50)
    assert (got.value, got.low, got.high) == (0, 0, 0)
