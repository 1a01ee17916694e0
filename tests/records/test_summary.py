from pathlib import Path

import pandas as pd
import pytest
from run_factory import make_run

from twinlib.errors import InputError
from twinlib.records import summary
from twinlib.records.runs import Run


class Stored(Run):
    """A record whose table is given."""

    def metrics(self):
        return self.record["table"]


def run(families=40, k=20):
    rows = [
        ("twin", "auc", 0.8, 0.75, 0.85, None, families),
        ("twin", "balanced_accuracy", 0.7, 0.65, 0.75, None, families),
        ("twin", "tar@far=0.01", 0.2, 0.1, 0.3, k, families),
    ]
    table = pd.DataFrame(rows, columns=["protocol", "metric", "value", "low", "high", "k", "families"])
    return Stored(Path("."), {"dataset": "default", "config": {"evaluate": {"draws": 500}}, "table": table})


def test_ours_stands_beside_the_published_value_of_the_same_system():
    frame = summary.main_table({"AHAN": [run()], "plain ViT, class token": [run()]}, "cpu").frame()
    assert list(dict.fromkeys(frame["label"])) == ["AHAN", "plain ViT, class token"]
    ahan = frame[frame["label"] == "AHAN"].set_index("quantity")
    assert ahan["ours"].dropna().to_dict() == pytest.approx(
        {"twin accuracy": 70, "twin AUC": 0.8, "twin TAR at FAR 1 %": 20}
    )
    # five metrics on twins and three on strangers, as the paper prints them, each from its own table
    assert ahan["published"].to_dict() == pytest.approx(
        {
            "twin accuracy": 92.3, "twin AUC": 0.964, "twin TAR at FAR 1 %": 87.6, "hard twin accuracy": 88.5,
            "hard twin AUC": 0.935, "general accuracy": 99.1, "general AUC": 0.998, "general TAR at FAR 1 %": 97.2,
        }
    )  # fmt: skip
    base = frame[frame["label"] == "plain ViT, class token"].set_index("quantity")
    assert base["published"].dropna().to_dict() == {"twin accuracy": 81.2, "hard twin accuracy": 52.1}


def test_systems_without_a_run_are_listed_apart():
    frame = summary.published_only({"AHAN", "plain ViT, class token", "AdaFace"})
    assert set(frame["system"]) == {
        "ArcFace, IResNet-100", "CosFace, IResNet-100", "MagFace, IR-100", "TransFace, ViT-B/16", "TransFG, ViT-B/16",
    }  # fmt: skip
    row = frame.set_index("system").loc["TransFace, ViT-B/16"]
    assert row[["twin accuracy, %", "hard twin AUC"]].tolist() == [85.2, 0.872]
    assert frame.notna().all(axis=None)
    assert summary.published_only(summary.PUBLISHED).empty


def test_no_run_at_all_is_refused_by_name():
    with pytest.raises(InputError, match="no run under profile full"):
        summary.main_table({"AHAN": []}, "full")


def test_a_row_of_our_own_stands_without_published_values():
    frame = summary.main_table({"plain ViT, every token": [run()]}, "cpu").frame()
    assert frame[frame["label"] == "plain ViT, every token"]["published"].isna().all()


def test_too_few_false_accepts_are_left_out_and_flagged_under_smoke():
    name = "plain ViT, class token"
    assert "twin TAR at FAR 1 %" not in set(
        summary.main_table({name: [run(k=3)]}, "cpu").frame().dropna(subset="ours")["quantity"]
    )
    flagged = summary.main_table({name: [run(families=8, k=3)]}, "smoke").frame().dropna(subset="ours")
    assert flagged["flagged"].all()


def test_a_metric_the_run_lacks_is_none():
    assert summary.interval(run(), "sibling", "auc") is None
    value, k = summary.interval(run(), "twin", "tar@far=0.01")
    assert (value.value, value.families, value.draws, k) == (0.2, 40, 500, 20)


def test_several_seeds_are_one_row_over_families_and_seeds(tmp_path, monkeypatch):
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path))
    runs = [make_run("vit", seed, config={"evaluate": {"draws": 100}}) for seed in range(3)]
    frame = summary.main_table({"plain ViT, class token": runs}, "cpu").frame().dropna(subset="ours")
    row = frame.set_index("quantity").loc["twin AUC"]
    stored = [summary.interval(one, "twin", "auc")[0].value for one in runs]
    assert row["ours"] == pytest.approx(sum(stored) / 3, abs=1e-6)
    assert row["seeds"] == 3
