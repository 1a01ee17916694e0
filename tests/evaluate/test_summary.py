from pathlib import Path

import pandas as pd
import pytest
from run_factory import make_run

from twinlib.evaluate import summary
from twinlib.evaluate.runs import Run


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


def test_every_published_row_is_there_and_ours_only_where_we_ran():
    frame = summary.main_table({"plain ViT, class token": [run()]}, "cpu").frame()
    assert set(frame["label"]) == set(summary.PUBLISHED)
    ours = frame[frame["ours"].notna()]
    assert set(ours["label"]) == {"plain ViT, class token"}
    assert ours.set_index("quantity")["ours"].to_dict() == pytest.approx(
        {"twin accuracy": 70, "twin AUC": 80, "twin TAR at FAR 1 %": 20}
    )
    assert ours.set_index("quantity")["published"]["twin accuracy"] == 81.2


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
    assert row["ours"] == pytest.approx(100 * sum(stored) / 3, abs=1e-4)
    assert row["seeds"] == 3
