import numpy as np
import pytest

from twinlib.errors import InputError
from twinlib.measure.calibration import error_rates
from twinlib.measure.exact import confusion
from twinlib.measure.metrics import accuracy_at, balanced_accuracy
from twinlib.measure.thresholds import COSINE, DISTANCE, threshold_on


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, True, np.array([0.5])])
def test_a_threshold_is_one_finite_number(value):
    for function in (accuracy_at, balanced_accuracy, confusion, error_rates):
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
