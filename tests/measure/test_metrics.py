from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twinlib.errors import InputError
from twinlib.measure import metrics
from twinlib.measure.weighted import Sorted, eer_draws


def sample(seed, n=300, levels=None):
    """Scores of two classes; with `levels`, rounded so that many tie."""
    rng = np.random.default_rng(seed)
    same = rng.integers(0, 2, n)
    same[:2] = 0, 1
    scores = rng.normal(size=n) + same
    return (np.round(scores * levels) / levels if levels else scores), same


@pytest.mark.parametrize("levels", [None, 5, 1])
def test_auc_counts_pairs_and_ties_by_half(levels):
    scores, same = sample(1, levels=levels)
    above = scores[same == 1][:, None] - scores[same == 0][None]
    assert metrics.auc(scores, same) == pytest.approx(((above > 0) + (above == 0) / 2).mean(), abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_auc_promises(seed):
    scores, same = sample(seed, 60, levels=4)
    auc = metrics.auc(scores, same)
    assert metrics.auc(-scores, same) == pytest.approx(1 - auc)
    assert metrics.auc(np.exp(scores), same) == pytest.approx(auc)  # only ranks count
    assert metrics.auc(scores, 1 - same) == pytest.approx(1 - auc)


def test_all_scores_tied_is_chance():
    same = np.array([0, 1, 1, 0])
    assert metrics.auc(np.zeros(4), same) == 0.5
    assert metrics.eer(np.zeros(4), same).value == 0.5
    assert metrics.tar_at_far(np.zeros(4), same, 0.5).value == 0.0


def test_roc_counts_what_reaches_each_score():
    scores, same = sample(2, levels=3)
    thresholds = [np.inf, *sorted(set(scores), reverse=True)]
    ours = metrics.roc(scores, same)
    np.testing.assert_allclose(ours.fmr, [(scores[same == 0] >= t).mean() for t in thresholds], atol=1e-12)
    np.testing.assert_allclose(ours.tar, [(scores[same == 1] >= t).mean() for t in thresholds], atol=1e-12)
    np.testing.assert_allclose(ours.thresholds, thresholds)


def test_det_mirrors_roc():
    scores, same = sample(3)
    fmr, fnmr, _ = metrics.det(scores, same)
    assert (np.diff(fmr) >= 0).all()
    assert (np.diff(fnmr) <= 0).all()
    np.testing.assert_allclose(fnmr, 1 - metrics.roc(scores, same).tar)


def slow_eer(scores, same):
    best = None
    for t in sorted(set(scores), reverse=True):
        fmr, fnmr = np.mean(scores[same == 0] >= t), np.mean(scores[same == 1] < t)
        if best is None or abs(fmr - fnmr) < best[0]:
            best = abs(fmr - fnmr), (fmr + fnmr) / 2, t
    return best[1:]


@pytest.mark.parametrize("levels", [None, 3])
def test_eer_is_the_slow_one(levels):
    scores, same = sample(4, 80, levels)
    assert metrics.eer(scores, same) == pytest.approx(slow_eer(scores, same))


def test_eer_takes_the_highest_of_tied_scores_whatever_the_rounding():
    genuine, impostor = np.array([0.0, 2, 5, 6, 7]), np.array([-1.0, 3, 4, 4, 5])
    best = None
    for t in (7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 0.0, -1.0):
        fmr, fnmr = Fraction(int((impostor >= t).sum()), 5), Fraction(int((genuine < t).sum()), 5)
        if best is None or abs(fmr - fnmr) < best[0]:
            best = abs(fmr - fnmr), float((fmr + fnmr) / 2), t
    scores, same = np.concatenate([genuine, impostor]), np.repeat([1, 0], 5)
    assert metrics.eer(scores, same) == pytest.approx(best[1:])
    assert best[2] == 5  # fractions as floats would take 4
    pairs = pd.DataFrame({"same": same, "family_a": "a", "family_b": "a"})
    assert float(eer_draws(Sorted.of(pairs, scores), np.ones((1, 1), int))[0]) == pytest.approx(best[1])


@pytest.mark.parametrize("far", [0.02, 0.1, 0.29])
@pytest.mark.parametrize("levels", [None, 2])
def test_tar_at_far_counts_what_is_above_the_k_plus_first_impostor(far, levels):
    scores, same = sample(5, levels=levels)
    value, threshold, k = metrics.tar_at_far(scores, same, far)
    impostors = sorted(scores[same == 0], reverse=True)
    assert k == int(far * len(impostors))
    assert threshold == impostors[k]
    assert sum(s > threshold for s in impostors) <= k
    assert value == pytest.approx(np.mean([s > threshold for s in scores[same == 1]]))


def test_tar_at_far_refuses_a_rate_the_pairs_cannot_show():
    scores, same = sample(6)
    with pytest.raises(InputError, match="hence 10000 impostor pairs"):
        metrics.tar_at_far(scores, same, 0.001, minimum=10)


def test_accuracies_are_scikit_learns():
    scores, same = sample(7, levels=3)
    assert metrics.accuracy_at(scores, same, 1.0) == pytest.approx(np.mean((scores >= 1) == same))
    assert metrics.balanced_accuracy(scores, same, 1.0) == pytest.approx(
        ((scores[same == 1] >= 1).mean() + (scores[same == 0] < 1).mean()) / 2
    )


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_no_threshold_is_better_than_the_best(seed):
    scores, same = sample(seed, 40, levels=3)
    best = metrics.threshold_at_best_balanced_accuracy(scores, same)
    others = [metrics.balanced_accuracy(scores, same, t) for t in [*scores, *(scores + 0.01), scores.max() + 1]]
    assert metrics.balanced_accuracy(scores, same, best) >= max(others) - 1e-12


def test_the_threshold_of_separable_scores_lies_midway():
    assert metrics.threshold_at_best_balanced_accuracy(
        np.array([0.1, 0.2, 0.6, 0.9]), np.array([0, 0, 1, 1])
    ) == pytest.approx(0.4)


def test_triplet_accuracy_counts_a_tie_as_an_error():
    assert metrics.triplet_accuracy(np.array([0.5, 0.5, 0.9, 0.1]), np.array([0.4, 0.5, 0.2, 0.2])) == 0.5
    with pytest.raises(InputError, match="positive: 1 of 1 values are NaN"):
        metrics.triplet_accuracy(np.array([np.nan]), np.array([0.1]))


@pytest.mark.parametrize(
    "metric", [metrics.auc, metrics.eer, metrics.roc, metrics.det, metrics.threshold_at_best_balanced_accuracy]
)
def test_every_metric_refuses_nan_and_one_class(metric):
    with pytest.raises(InputError, match="NaN"):
        metric(np.array([0.1, np.nan]), np.array([0, 1]))
    with pytest.raises(InputError, match="no impostor"):
        metric(np.array([0.1, 0.2]), np.array([1, 1]))
