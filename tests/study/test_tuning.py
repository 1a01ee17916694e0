import dataclasses
import re

import pytest

from twinlib import config, paths
from twinlib.cli.main import main
from twinlib.study import tuning
from twinlib.study.rows import Row, read_rows, read_tuned, read_tuning
from twinlib.study.tuning import POINTS, applied, beyond, edges, quarter, settings, tune

ROW = Row("1", "", "vit", "cpu", "vit", (), (0,), (), "vit", None, ())
OWN = ROW.of(0)


def test_six_settings_around_the_rows_own_each_level_twice():
    assert len(set(POINTS)) == 6
    for levels in zip(*POINTS, strict=True):
        assert sorted(levels) == [-1, -1, 0, 0, 1, 1]
    assert edges((0, 0, 0), POINTS) == [0, 0, 0]  # the row's own settings lie inside


def test_a_level_multiplies_and_a_loss_without_a_margin_leaves_it_out():
    assert settings(OWN, (0, 0, 0)) == {}
    assert settings(OWN, (1, -1, 1)) == {"train.lr": 3e-3, "train.weight_decay": 0.0125, "loss.m": 0.2}
    assert set(settings(config.load("magface", "cpu"), (0, 0, 1))) == {"loss.l_margin", "loss.u_margin"}
    assert settings(config.load("miao", "cpu"), (0, 0, 1)) == {}


def test_a_short_trial_has_a_quarter_of_the_images_and_is_what_its_overrides_say():
    trial = applied(quarter(OWN), {"train.lr": 3e-3, "loss.m": 0.2})
    assert trial == config.load("vit", "cpu", ("train.lr=3e-3", "loss.m=0.2", "train.passes=3000", "train.warmup=5"))


@pytest.fixture
def judged(monkeypatch, tmp_path):
    """A function that sets what validation says of a learning rate, weight decay and margin; and the trials made."""
    monkeypatch.setenv("TWINLIB_BUILD", str(tmp_path))
    trials = []

    def by(function):
        def trial(e):
            trials.append(e)
            return function(
                e.train.lr / OWN.train.lr, e.train.weight_decay / OWN.train.weight_decay, e.loss.m / OWN.loss.m
            )

        monkeypatch.setattr(tuning, "trial", trial)
        return trials

    return by


def test_a_best_inside_is_chosen_after_six_short_trials_and_four_whole_ones(judged, tmp_path):
    trials = judged(lambda lr, decay, margin: 0.8 if (lr, decay, margin) == (1, 1, 1) else 0.5)
    assert tune(ROW, tmp_path / "t.csv") == "vit: its own settings, AUC 0.800 on validation families, 10 tried"
    assert [e.train.passes for e in trials] == [3000] * 6 + [12000] * 4  # and one below the lowest of three
    assert read_tuned(tmp_path / "t.csv") == {"vit": ()}


def test_a_best_rate_at_the_edge_is_followed_on_all_images_until_it_is_inside(judged, tmp_path):
    trials = judged(lambda lr, decay, margin: 1 / (1 + abs(lr - 4)) - 0.001 * (decay != 1) - 0.001 * (margin != 1))
    tune(ROW, tmp_path / "t.csv")
    [chosen] = [line for line in read_tuning(tmp_path / "t.csv").itertuples() if line.chosen]
    assert "train.lr=0.006" in chosen.settings  # 4 times the row's own; 8 times was tried and is worse
    assert chosen.passes == 12000
    assert max(e.train.lr for e in trials) == pytest.approx(8 * OWN.train.lr)
    assert max(e.train.lr for e in trials if e.train.passes == 3000) == pytest.approx(2 * OWN.train.lr)
    assert len({str(e.key()) for e in trials}) == len(trials)  # nothing twice
    assert "lr" not in chosen.edge


def test_decay_and_margin_are_followed_in_short_trials(judged, tmp_path):
    trials = judged(lambda lr, decay, margin: 1 - 0.01 * abs(decay - 16) - 0.001 * abs(lr - 1) - 0.001 * margin)
    tune(ROW, tmp_path / "t.csv")
    [chosen] = [line for line in read_tuning(tmp_path / "t.csv").itertuples() if line.chosen]
    assert "train.weight_decay=0.8" in chosen.settings
    assert {e.train.weight_decay for e in trials if e.train.passes == 12000} == {0.8}


def test_what_lies_beyond_the_range_of_a_setting_is_not_tried(judged, tmp_path):
    trials = judged(lambda lr, decay, margin: margin / 100)
    tune(ROW, tmp_path / "t.csv")
    assert max(e.loss.m for e in trials) == pytest.approx(0.8)  # 1.6 is more than half a turn
    [chosen] = [line for line in read_tuning(tmp_path / "t.csv").itertuples() if line.chosen]
    assert chosen.edge == "margin"


def test_a_best_that_stays_at_the_edge_is_told(judged, tmp_path, capsys):
    judged(lambda lr, decay, margin: lr / 1000)
    tune(ROW, tmp_path / "t.csv")
    [chosen] = [line for line in read_tuning(tmp_path / "t.csv").itertuples() if line.chosen]
    assert "lr" in chosen.edge
    assert re.search(r"warning: vit: the best of \d+ settings lies at the edge of lr", capsys.readouterr().err)


def test_what_lies_beyond_is_one_level_out_a_factor():
    assert beyond((1, 0, -1), POINTS) == [(2, 0, -1), (1, 0, -2)]


def test_tuning_scores_no_test_family_and_trains_nothing_twice(smoke_set, tmp_path, monkeypatch):
    """End to end: the real loop on the smoke set, six trials; the rows then run with what was chosen."""
    monkeypatch.setenv("TWINLIB_BUILD", str(tmp_path / "build"))
    (tmp_path / "build/data").mkdir(parents=True)
    (tmp_path / "build/data/smoke").symlink_to(smoke_set)
    table = tmp_path / "rows.yaml"
    table.write_text('profile: smoke\nparts: {"1": {set: [train.passes=96, train.warmup=0], rows: {vit: {}, other: '
                     "{experiment: vit_grid, tuning: vit}}}}")  # fmt: skip
    from twinlib.train import scoring

    seen = []
    score = scoring.score
    monkeypatch.setattr("twinlib.train.scoring.score", lambda scored, rows, e: seen.append(
        {split for pairs in scored.lists.values() for split in pairs["split"]}) or score(scored, rows, e))  # fmt: skip
    assert main(["study", "--rows", str(table), "--tune", "true", "--processes", "0"]) == 0
    assert seen == [{"validation"}] * len(seen)
    trials = list((paths.build_dir() / "study/tuning").iterdir())
    assert len(trials) == len(seen) >= 6
    tuned = read_tuning(tmp_path / "tuning.csv")
    assert set(tuned["row"]) == {"vit"}
    rows = read_rows(table)
    assert rows[0].tuned == rows[1].tuned == tuple(tuned[tuned.chosen == 1].settings.iloc[0].split())
    tune(dataclasses.replace(rows[0]), tmp_path / "again.csv")
    assert len(seen) == len(trials)  # what was trained is kept
