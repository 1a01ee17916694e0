from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from run_factory import make_run, pair_list

from twinlib.errors import InputError
from twinlib.measure import metrics
from twinlib.measure.bootstrap import Interval
from twinlib.records import summary, tables
from twinlib.records.comparison import over_seeds, stored
from twinlib.records.published import CANNOT_TELL, HOLDS
from twinlib.records.runs import Run
from twinlib.records.summary import ABLATION, ablation_table, claims_table, cue_table


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
    assert stored([run()], "sibling", "auc") is None
    value, k = stored([run()], "twin", "tar@far=0.01")
    assert (value.value, value.families, value.draws, k) == (0.2, 40, 500, 20)


def test_several_seeds_are_one_row_over_families_and_seeds(tmp_path, monkeypatch):
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path))
    runs = [make_run("vit", seed, config={"evaluate": {"draws": 100}}) for seed in range(3)]
    frame = summary.main_table({"plain ViT, class token": runs}, "cpu").frame().dropna(subset="ours")
    row = frame.set_index("quantity").loc["twin AUC"]
    each = [stored([one], "twin", "auc")[0].value for one in runs]
    assert row["ours"] == pytest.approx(sum(each) / 3, abs=1e-6)
    assert row["seeds"] == 3


def test_a_record_without_a_protocol_leaves_its_row_out():
    table = summary.value_table("Ours", {"net": [run()]}, summary.AUCS, "cpu", dataset="study").frame()
    assert table[["label", "quantity"]].to_numpy().tolist() == [["net", "twin AUC"]]
    assert table["ours"].iloc[0] == pytest.approx(0.8)


def test_an_effect_is_judged_where_both_records_are_there(monkeypatch, rows):
    gain = Interval(0.05, 0.01, 0.09, 40, seeds=5)
    monkeypatch.setattr(summary, "paired_difference", lambda a, b, protocol, metric: (gain, None, None))
    effects = {"it helps": ("+ HCA", "plain ViT, class token"), "the other helps": ("+ FAAM", "+ HCA")}
    table = summary.difference_table("Effects", effects, rows, "cpu").frame()
    assert set(table["label"]) == {"it helps"}
    assert set(table["verdict"]) == {"holds"}


def test_words_are_those_of_the_tables():
    assert [tables.word(x) for x in (True, False, None)] == ["holds", "does not hold: not reproduced", "cannot tell"]
    assert list(tables.claims_frame([("a", "b", "holds")]).columns) == ["claim", "measured", "verdict"]


@pytest.fixture
def rows(tmp_path, monkeypatch):
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path))
    base = [make_run("vit", seed) for seed in range(5)]
    better = [make_run("vit_hca", seed, skill=1.6) for seed in range(5)]
    return {"plain ViT, class token": base, "+ HCA": better, "+ FAAM": []}


def test_a_value_over_seeds_is_the_mean_of_the_seeds(rows):
    runs = rows["+ HCA"]
    tests = [run.scores("twin").query("split == 'test'") for run in runs]
    each = [metrics.auc(table.score.to_numpy(), table.same.to_numpy()) for table in tests]
    found = over_seeds(runs, "twin", "auc", 200)
    assert found.value == pytest.approx(np.mean(each), abs=1e-9)
    assert (found.seeds, found.families) == (5, 30)
    assert found.low < found.value < found.high
    assert over_seeds(runs, "hard_twin", "auc") is None


def test_the_ablation_names_every_combination_and_leaves_gaps_empty(rows):
    frame = ablation_table(rows, "cpu", 100).frame()
    twin = frame[frame.quantity == "twin AUC"]
    assert list(twin.label) == ["plain ViT, class token", "+ HCA"]  # nothing is invented for rows without runs
    hard = frame[frame.quantity == "hard twin accuracy"].set_index("label")
    assert hard.published["+ FAAM"] == 58.9
    assert hard.ours.isna().all()  # these runs have no such protocol
    assert set(hard.index) == {label for label, row in ABLATION.items() if row}


def test_claims_are_judged_on_paired_differences(rows):
    frame = claims_table(rows, "plain ViT, class token", {"HCA helps": "+ HCA", "FAAM helps": "+ FAAM"}, "cpu").frame()
    assert list(frame.claim) == ["HCA helps"]
    assert list(frame.verdict) == [HOLDS]
    few = {label: runs[:1] for label, runs in rows.items()}
    judged = claims_table(few, "plain ViT, class token", {"HCA helps": "+ HCA"}, "cpu").frame()
    assert list(judged.verdict) == [CANNOT_TELL]


def test_cues_that_nobody_scored_are_left_out(rows):
    table = cue_table(rows, 100)
    assert list(table.row.unique()) == ["plain ViT, class token", "+ HCA"]
    assert list(table.cue.unique()) == ["all cues, visible"]


def test_no_run_and_runs_on_other_pairs_are_refused(rows):
    with pytest.raises(InputError, match="no run"):
        over_seeds([], "twin", "auc")
    with pytest.raises(InputError, match=r"'\+ FAAM' has no run"):
        claims_table(rows, "+ FAAM", {"HCA helps": "+ HCA"}, "cpu")
    first = rows["+ HCA"][0]
    other = make_run("other", 9, pairs=pair_list(40), config=first.record["config"])
    with pytest.raises(InputError, match="scored other pairs of twin"):
        over_seeds([first, other], "twin", "auc")
    with pytest.raises(InputError, match="are two records of seed 0"):
        over_seeds([first, rows["plain ViT, class token"][0]], "twin", "auc")
    with pytest.raises(InputError, match="are of different configurations"):
        over_seeds([first, rows["plain ViT, class token"][1]], "twin", "auc")


def test_claims_told_together_are_widened_and_say_what_could_have_been_shown(rows):
    claims = {"HCA helps": "+ HCA", "HCA helps, said again": "+ HCA"}
    alone, both = (claims_table(rows, "plain ViT, class token", claims, "cpu", together=t) for t in (False, True))
    assert all(b.low < a.low and b.high > a.high for a, b in zip(alone.rows[:1], both.rows[:1], strict=True))
    assert "widened by Holm's method over 2 claims" in str(both)
    assert "widened" not in str(alone)
    assert "would have been shown with a chance of 80 %" in alone.to_html()


def test_a_row_that_is_not_finished_is_marked_and_nothing_is_told_of_it(rows):
    said = {"train_accuracy": 0.6, "ended": True, "control": {"twin@nothing": [0.5, 0.4, 0.6]}}
    runs = [make_run("cut", seed, 2.0, extra={"finished": said}) for seed in range(5)]
    table = claims_table(rows | {"+ FAAM": runs}, "plain ViT, class token", {"FAAM helps": "+ FAAM"}, "cpu")
    assert table.rows[0].verdict == "cannot tell"
    assert "FAAM helps ‡" in table.to_html()
    assert "‡ FAAM helps is not finished: of other training code; fits 0.60" in str(table)
    assert "+ FAAM ‡" in str(ablation_table({"+ FAAM": runs}, "cpu", 50))
