import pandas as pd
import pytest
from run_factory import make_run, pair_list

from twinlib.study import gaps
from twinlib.study.board import Board
from twinlib.study.rows import Row

SET = ("data.name=smoke", "train.trunk=null", "train.passes=1000", "train.warmup=0", "evaluate.sets=[]")
ROW = Row("1", "ablation", "vit", "cpu", "vit", SET, (0, 1), (), "vit", (), ())


@pytest.fixture(autouse=True)
def results(monkeypatch, tmp_path):
    (tmp_path / "benchmarks").mkdir()
    smoke = {"vit": 2.0, "arcface": 6.0} | dict.fromkeys("cosface adaface magface transface transfg".split(), 2.0)
    pd.Series(smoke, name="processor_s").rename_axis("what").to_csv(tmp_path / "benchmarks/peers_smoke.csv")
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path))
    return tmp_path


@pytest.fixture
def rows(monkeypatch):
    """Row → its runs, as the pages find them."""
    found = {}
    monkeypatch.setattr(gaps, "every_row", lambda profile: found)
    return found


def line(key):
    return gaps.table("cpu", Board([ROW]).look()).set_index("key").loc[key]


def test_everything_is_open_without_records():
    table = gaps.table("cpu", Board([ROW]).look())
    assert set(table["state"]) == {gaps.OPEN}
    assert set(gaps.KEYS) <= set(table["key"])
    assert line("study-1")["runs"] == 2
    assert line("study-1")["command"] == "twinlib study --part 1"


def test_a_gap_counts_what_is_missing_and_closes_with_its_last_record(rows):
    assert line("rows")["runs"] == 15
    assert line("rows")["command"] == "twinlib study --row vit"
    names = ("vit", "vit_grid", "ahan")
    rows.update({name: [make_run(name, seed, 1.0, pair_list(), wall_s=120.0) for seed in range(5)] for name in names})
    assert line("rows")["state"] == gaps.DONE
    assert line("field")["minutes"] == pytest.approx(5 * (6.0 + 5 * 2.0))  # two minutes are two seconds there


def test_a_record_counts_only_with_what_the_page_needs():
    runs = {"ahan": [make_run("ahan", 0, 1.0, pair_list(), wall_s=1.0)]}
    each = {gap.key: gap.missing(runs) for gap in gaps.GAPS}
    assert each["inspected"] == []
    assert each["ladder"] == ["ahan"]


def test_a_measurement_is_open_until_its_file_holds_its_rows(results):
    assert line("miao-curves")["state"] == gaps.OPEN
    runs = ["pyramid, p5", "pyramid, p2", "no pyramid"]
    pd.DataFrame({"run": runs}).to_csv(results / "benchmarks/miao_curves.csv")
    assert line("miao-curves")["state"] == gaps.OPEN
    pd.DataFrame({"run": [*runs, "p5, lr × 10"]}).to_csv(results / "benchmarks/miao_curves.csv")
    assert line("miao-curves")["state"] == gaps.DONE


def test_a_time_reads_as_minutes_or_hours_or_is_not_known():
    assert [gaps.time(m) for m in (5.0, 300.0, float("nan"))] == ["5 min", "5.0 h", "not known"]
