import numpy as np
import pytest

from twinlib.errors import InputError
from twinlib.measure.checks import enough_families, false_accepts, genuine_impostor
from twinlib.measure.exact import confusion
from twinlib.measure.metrics import accuracy_at, balanced_accuracy
from twinlib.ranges import COSINE, DISTANCE, threshold_on


def test_scores_are_split_in_order():
    genuine, impostor = genuine_impostor([0.1, 0.9, 0.3, 0.2], [0, 1, 1, 0])
    assert genuine.tolist() == [0.9, 0.3]
    assert impostor.tolist() == [0.1, 0.2]


@pytest.mark.parametrize(
    ("scores", "same", "message"),
    [
        ([0.1, np.nan, 0.2], [0, 1, 1], "scores: 1 of 3 values are NaN .* position 1"),
        ([0.1, np.inf], [0, 1], "NaN or infinite"),
        ([0.1, 0.2], [1, 1], "no impostor pair among 2 pairs"),
        ([0.1, 0.2], [0, 0], "no genuine pair"),
        ([0.1, 0.2], [0, 2], "0 and 1 only"),
        ([0.1, 0.2], [0, 1, 1], "one length"),
    ],
)
def test_bad_lists_are_refused_by_name(scores, same, message):
    with pytest.raises(InputError, match=message):
        genuine_impostor(scores, same)


@pytest.mark.parametrize(("n", "far", "k"), [(2100, 0.01, 21), (2100, 0.001, 2), (100, 0.29, 29), (1000, 0.0999, 99)])
def test_k_is_the_floor_of_far_times_n(n, far, k):
    assert false_accepts(n, far) == k


def test_too_few_impostors_name_the_number_needed():
    with pytest.raises(InputError, match="hence 1000 impostor pairs"):
        false_accepts(999, 0.01, minimum=10)
    assert false_accepts(1000, 0.01, minimum=10) == 10
    with pytest.raises(InputError, match="hence 100 impostor pairs"):
        false_accepts(99, 0.01)
    with pytest.raises(InputError, match=r"One per cent is 0\.01"):
        false_accepts(100, 1.0)


def test_a_table_needs_thirty_families():
    enough_families(30)
    with pytest.raises(InputError, match="29 families; a table needs 30"):
        enough_families(29)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, True, np.array([0.5])])
def test_a_threshold_is_one_finite_number(value):
    for function in (accuracy_at, balanced_accuracy, confusion):
        with pytest.raises(InputError, match="threshold must be a finite number; found"):
            function(np.array([0.1, 0.2]), np.array([0, 1]), value)


@pytest.mark.parametrize("value", ["0.5", None, [0.5], 1j, np.True_])
def test_what_is_no_number_is_no_threshold(value):
    with pytest.raises(InputError, match="threshold must be a distance"):
        threshold_on(DISTANCE, value)


def test_a_threshold_lies_on_its_scale():
    assert threshold_on(COSINE, np.float32(-1)) == -1
    with pytest.raises(InputError, match=r"--least must be a score \(cosine\) from -1 to 1; found 1.01"):
        threshold_on(COSINE, 1.01, "--least")
