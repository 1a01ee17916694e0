from pathlib import Path

import pandas as pd
import pytest

from benchmarks.__main__ import beside_limits, changes, holds, known, main

COMMITTED = Path(__file__).parents[2] / "results/benchmarks"


def table(**columns):
    return pd.DataFrame({"what": ["a", "a", "b"], "size": [1, 2, 1], **columns})


def test_changes_are_named_and_only_those_above_the_share():
    before = table(ratio=[1.0, 2.0, 0.0], wanted=[">= 1", ">= 1", ""])
    now = table(ratio=[1.2, 1.4, 0.1], wanted=[">= 1", ">= 1", ">= 5"])
    assert list(changes(now, before, 0.2)) == ["a #2: ratio 2 → 1.4 (-30 %)", "b: ratio 0 → 0.1"]
    assert list(changes(now, before, 0.5)) == ["b: ratio 0 → 0.1"]
    assert list(changes(before, before, 0.0)) == []
    assert list(changes(now[:1], before, 0.2)) == ["a #2: no longer there", "b: no longer there"]


def test_limits_stand_beside_what_was_measured():
    shown = beside_limits(table(ratio=[1.5, 0.5, 9.0], wanted=[">= 1", ">= 1", None]))
    assert shown.to_dict("list") == {
        "what": ["a", "a"], "size": [1, 2], "ratio": [1.5, 0.5], "wanted": [">= 1", ">= 1"], "kept": ["yes", "NO"],
    }  # fmt: skip
    assert beside_limits(table(ratio=1.0)).empty
    assert holds(3, "<= 3")
    assert holds(3, "wall 0.5") is None


def test_the_committed_tables_compare_with_themselves(capsys):
    assert main(["--tables", str(COMMITTED), "--against", str(COMMITTED)]) == 0
    out = capsys.readouterr().out
    assert "changed by more than 20 %: nothing" in out
    assert "losses_speed: beside its limits" in out


def test_every_benchmark_is_known_and_a_wrong_name_is_refused(capsys):
    assert {"losses_speed", "ahan_speed", "step_time"} <= set(known())
    assert not {"spots", "rendered", "__main__"} & set(known())
    for wrong, said in ((["losses_sped"], "is unknown; known: ahan_costs"), (["--against", "book"], "holds no table")):
        with pytest.raises(SystemExit) as stopped:
            main(wrong)
        assert stopped.value.code == 2
        assert said in capsys.readouterr().err
