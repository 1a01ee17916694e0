import numpy as np
import pytest
from run_factory import make_run, pair_list

from twinlib.errors import InputError
from twinlib.measure import metrics
from twinlib.records.ablation import ABLATION, ablation_table, claims_table, cue_table, over_seeds
from twinlib.records.published import CANNOT_TELL, HOLDS


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
