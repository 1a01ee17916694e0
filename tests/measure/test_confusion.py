import numpy as np
import pytest

from twinlib.errors import InputError
from twinlib.measure.exact import confusion
from twinlib.measure.metrics import accuracy_at, balanced_accuracy


def test_a_score_that_reaches_the_threshold_is_accepted():
    scores, same = np.array([0.9, 0.5, 0.5, 0.1, 0.2]), np.array([1, 1, 0, 0, 1])
    assert confusion(scores, same, 0.5) == (2, 1, 1, 1)


@pytest.mark.parametrize("threshold", [-2.0, 0.0, 0.125, 3.0])
def test_counts_give_the_accuracies(threshold):
    rng = np.random.default_rng(4)
    scores, same = np.round(rng.normal(size=301), 2), rng.integers(0, 2, 301)
    tp, fp, fn, tn = confusion(scores, same, threshold)
    assert tp + fp + fn + tn == 301
    assert (tp + tn) / 301 == accuracy_at(scores, same, threshold)
    assert (tp / (tp + fn) + tn / (tn + fp)) / 2 == pytest.approx(balanced_accuracy(scores, same, threshold), abs=1e-15)


def test_one_kind_of_pair_alone_has_counts():
    assert confusion(np.array([0.1, 0.2]), np.array([1, 1]), 0.2) == (1, 0, 1, 0)


@pytest.mark.parametrize(("scores", "same"), [([0.1, np.nan], [0, 1]), ([0.1, 0.2], [0, 2])])
def test_unusable_lists_are_refused(scores, same):
    with pytest.raises(InputError, match=r"scores: 1 of 2 values are NaN|same must hold 0 and 1"):
        confusion(np.array(scores), np.array(same), 0.0)
