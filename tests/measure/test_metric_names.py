import pytest

from twinlib.errors import InputError
from twinlib.measure.interval import Metric, metric_of


@pytest.mark.parametrize(
    ("text", "metric", "written"),
    [
        ("auc", Metric("auc"), "auc"),
        ("eer", Metric("eer"), "eer"),
        ("balanced_accuracy", Metric("balanced_accuracy"), "balanced_accuracy"),
        ("tar@far=0.01", Metric("tar", 0.01), "tar@far=0.01"),
        ("tar@far=1e-2", Metric("tar", 0.01), "tar@far=0.01"),
        ("tar@far=.001", Metric("tar", 0.001), "tar@far=0.001"),
    ],
)
def test_a_metric_has_one_written_form(text, metric, written):
    assert metric_of(text) == metric
    assert str(metric) == written


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("auc@far=.1", "auc takes no FAR"),
        ("tar", "tar needs its FAR"),
        ("tar@far=", "it lacks the rate"),
        ("tar@far=1%", "'1%' is no fraction between 0 and 1"),
        ("tar@far=2", "'2' is no fraction"),
        ("tar@far=0", "'0' is no fraction"),
        ("tar@far=nan", "'nan' is no fraction"),
        ("tar@far=-0.1", "no fraction"),
        ("tar@fmr=0.1", "it is unknown"),
        ("AUC", "it is unknown"),
        ("", "it is unknown"),
    ],
)
def test_other_texts_say_why_and_list_the_names(text, why):
    with pytest.raises(InputError) as error:
        metric_of(text)
    assert str(error.value).startswith(f"metric {text!r}: ")
    assert why in str(error.value)
    assert str(error.value).endswith("Known metrics: auc, eer, balanced_accuracy, tar@far=0.01 (or another fraction).")
