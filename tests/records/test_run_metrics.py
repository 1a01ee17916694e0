import numpy as np
import pytest
from run_factory import pair_list

from twinlib.errors import InputError
from twinlib.measure import metrics
from twinlib.records.comparison import measure
from twinlib.records.runs import METRIC_COLUMNS, score_table


def table(each=4, seed=0):
    pairs = pair_list(30, each)
    rng = np.random.default_rng(seed)
    return score_table(pairs, rng.normal(size=len(pairs)) + pairs.same.to_numpy())


def test_each_metric_is_that_of_the_test_pairs_at_the_validation_threshold():
    scored = table()
    found = measure("twin", scored, draws=50).set_index("metric")
    test, held = (scored[scored.split == name] for name in ("test", "validation"))
    s, y = test.score.to_numpy(), test.same.to_numpy()
    threshold = metrics.threshold_at_best_balanced_accuracy(held.score.to_numpy(), held.same.to_numpy())
    assert list(found.reset_index()[METRIC_COLUMNS].columns) == METRIC_COLUMNS
    assert found.value["auc"] == pytest.approx(metrics.auc(s, y))
    assert found.value["eer"] == pytest.approx(metrics.eer(s, y).value)
    assert found.threshold["balanced_accuracy"] == threshold
    assert found.value["balanced_accuracy"] == pytest.approx(metrics.balanced_accuracy(s, y, threshold))
    assert found.value["tar@far=0.01"] == pytest.approx(metrics.tar_at_far(s, y, 0.01).value)
    assert found.k["tar@far=0.01"] == 1
    assert (found.low <= found.value).all()
    assert (found.value <= found.high).all()
    assert found.families.unique().tolist() == [30]


def test_a_rate_that_the_impostors_cannot_show_is_left_out():
    assert "tar@far=0.01" not in measure("twin", table(each=3), draws=20).metric.tolist()  # 90 impostors


def test_a_missing_split_is_named():
    with pytest.raises(InputError, match="protocol twin: no validation pairs"):
        measure("twin", table().query("split == 'test'"))
