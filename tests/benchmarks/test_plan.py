import numpy as np
import pandas as pd
import pytest

from benchmarks import plan, plan_parts
from benchmarks.plan import breaks_first, main
from benchmarks.plan_parts import KINDS, line, measure
from twinlib.errors import InputError
from twinlib.paths import package_dir

COMMITTED = package_dir().parent / "results/benchmarks"


@pytest.fixture
def parts():
    rows = [
        ("render", 1, True, 1.0, 0.5, 1e5, 0.0),
        ("landmarks", 1, True, 0.0, 0.01, 4e4, 0.0),
        ("join", 1, False, 0.0, 0.001, 3e4, 6e4),
        ("embed", 1, True, 0.0, 0.02, 512.0, 0.0),
        ("nearest", 2, True, 0.0, 1e-6, 0.0, 512.0),
    ]
    return pd.DataFrame(rows, columns=["part", "power", "shared", "begin_s", "unit_s", "disk_bytes", "memory_bytes"])


def test_hours_and_money_by_hand(parts):
    table = plan.plan(parts, "families", 7200, 10, 0.05).set_index("part")
    assert table.core_hours.to_dict() == pytest.approx({"render": 3601 / 3600, "landmarks": 0.16, "join": 0.002})
    assert table.hours.to_dict() == pytest.approx({"render": 0.10002777, "landmarks": 0.016, "join": 0.002})
    assert table.money["render"] == pytest.approx(0.05 * 3601 / 3600)
    assert table.disk_gb["landmarks"] == pytest.approx(7200 * 8 * 4e4 / 1e9)


def test_what_breaks_first_is_the_part_farthest_past_its_limit(parts):
    table = plan.plan(parts, "families", 10_000_000, 4000, 0.05)
    assert breaks_first(table, memory_gb=256).startswith("join (600 GB")
    assert breaks_first(table, memory_gb=1e6) == "nothing"
    pairs = plan.plan(parts, "faces", 100_000_000, 100, 0.05)
    assert breaks_first(pairs, memory_gb=256).startswith("nearest (27,778 hours")


def test_a_line_through_two_sizes():
    assert line((2, 4), (5.0, 9.0), 1) == (1.0, 2.0)
    assert line((2, 4), (4.0, 16.0), 2) == (0.0, 1.0)
    assert line((2, 4), (1.0, 4.0), 1) == (0.0, 1.0)  # never less than nothing to begin with


def test_parts_are_measured_and_checked_at_ten_times_the_work(monkeypatch):
    monkeypatch.setitem(KINDS, "nearest", plan_parts.Kind("image", 2, (300, 600)))
    (part,), (check,) = (table.to_dict("records") for table in measure(["nearest"]))
    assert check["checked"] == round(600 * 10**0.5)
    assert part["memory_bytes"] == 512
    assert part["unit_s"] > 0
    assert np.isfinite(check["value"])


def test_the_committed_parts_foretell_ten_times_as_much():
    """All but joining, which is not measured anew; the page says so."""
    checks = pd.read_csv(COMMITTED / "plan_check.csv").set_index("part")
    assert set(checks.index) == set(KINDS)
    assert (checks.loc[["render", "landmarks", "embed", "nearest", "head"], "value"] <= 0.2).all()


def test_the_command_prints_hours_money_and_what_breaks(capsys):
    assert main(["families", "10000000", "--cores", "4000"]) == 0
    out = capsys.readouterr().out
    assert all(word in out for word in ("render", "landmarks", "join", "core_hours", "money", "breaks first: "))
    assert main(["families", "0"]) == 2
    assert "at least 1" in capsys.readouterr().err
    with pytest.raises(InputError, match="job 'x' is unknown"):
        plan.plan(pd.DataFrame(), "x", 1, 1, 0)
