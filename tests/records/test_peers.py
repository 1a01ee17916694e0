import pandas as pd
import pytest

from twinlib.measure.bootstrap import Interval
from twinlib.records import peers


@pytest.fixture
def stored(monkeypatch):
    value = Interval(0.7, 0.6, 0.8, 40)
    monkeypatch.setattr(
        peers, "interval", lambda run, protocol, metric: None if protocol == "general" else (value, None)
    )
    gain = Interval(0.05, 0.01, 0.09, 40, seeds=5)
    monkeypatch.setattr(peers, "paired_difference", lambda a, b, protocol, metric: (gain, None, None))


def test_a_record_without_a_protocol_leaves_its_row_out(stored, run_factory_stub):
    table = peers.own_table("Ours", {"net": run_factory_stub}, "cpu", "study").frame()
    assert table[["label", "quantity"]].to_numpy().tolist() == [["net", "twin AUC"]]
    assert table["ours"].iloc[0] == pytest.approx(0.7)


def test_an_effect_is_judged_where_both_records_are_there(stored, run_factory_stub):
    runs = {"with": run_factory_stub, "without": run_factory_stub}
    effects = {"it helps": ("with", "without"), "the other helps": ("other", "without")}
    table = peers.effect_table("Effects", effects, runs, "cpu", "study").frame()
    assert set(table["label"]) == {"it helps"}
    assert set(table["verdict"]) == {"holds"}
    assert isinstance(table, pd.DataFrame)


@pytest.fixture
def run_factory_stub(tmp_path):
    from twinlib.records.runs import Run

    return Run(tmp_path, {})


def test_words_are_those_of_the_tables():
    assert [peers.word(x) for x in (True, False, None)] == ["holds", "does not hold: not reproduced", "cannot tell"]
    assert list(peers.claims_frame([("a", "b", "holds")]).columns) == ["claim", "measured", "verdict"]
