import dataclasses
import json

import pytest
from run_factory import make_run, pair_list

from twinlib.study.board import GUESS, Board, job_of
from twinlib.study.rows import Row
from twinlib.study.status import hours, plan, summary, todo
from twinlib.train.locks import claim
from twinlib.train.lookup import portable, read_manifest
from twinlib.version import TRAINING


@pytest.fixture(autouse=True)
def results(monkeypatch, tmp_path, smoke_set):
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path))


@pytest.fixture
def manifest(smoke_set):
    return read_manifest(smoke_set).sha256


SET = ("data.name=smoke", "train.trunk=null", "train.passes=1000", "train.warmup=0", "evaluate.sets=[]")
VIT = Row("1", "ablation", "vit", "cpu", "vit", SET, (0, 1), (), "vit", None, ())
AHAN = dataclasses.replace(VIT, name="ahan", experiment="ahan", tuning="ahan")
LATER = dataclasses.replace(VIT, part="5", title="data", name="more", overrides=(*SET, "data.families=8"), seeds=(0,))
SAME = dataclasses.replace(VIT, part="4b", name="vit again", seeds=(0,))


def done(
    row, seed, manifest, accuracy=0.95, skill=2.0, twice=False, training=TRAINING, wall_s=100.0, control=(0.4, 0.6)
):
    """A record of a row and seed whose scores are made up."""
    e = row.of(seed, twice)
    said = {"train_accuracy": accuracy, "ended": True, "passes": 1000, "control": {"twin@nothing": [0.5, *control]}}
    return make_run(
        row.experiment, seed, skill, pair_list(), config=portable(e.as_dict()), key=portable(e.key()),
        manifest=manifest, training=training, wall_s=wall_s, extra={"finished": said},
    )  # fmt: skip


def names(jobs):
    return [str(job) for job in jobs]


def test_jobs_come_part_by_part_and_within_a_part_seed_by_seed():
    board = Board([VIT, AHAN, LATER])
    assert names(board.jobs) == ["vit seed 0", "ahan seed 0", "vit seed 1", "ahan seed 1", "more seed 0"]


def test_what_is_done_running_and_missing(manifest):
    run = done(VIT, 0, manifest)
    board = Board([VIT, AHAN]).look()
    with claim(job_of(AHAN, 0).claim):
        assert [board.state(job) for job in board.jobs] == ["done", "running", "missing", "missing"]
        text = summary(board, 2)
        assert "running: ahan seed 0 (process" in text
    assert board.runs[job_of(VIT, 0)].folder == run.folder
    assert names(todo(board, board.jobs, ("missing",))) == ["ahan seed 0", "vit seed 1", "ahan seed 1"]
    assert "not finished: vit: 1 of 2 seeds; not tuned" in text


def test_a_run_that_two_rows_share_is_trained_and_counted_once(manifest):
    board = Board([VIT, SAME]).look()
    assert names(todo(board, board.jobs, ("missing",))) == ["vit seed 0", "vit seed 1"]
    done(VIT, 0, manifest)
    board.look()
    assert [board.state(job) for job in board.jobs] == ["done", "missing", "done"]


def test_a_row_that_did_not_fit_is_run_for_twice_as_long_and_then_judged_by_what_that_moves(manifest):
    board = Board([dataclasses.replace(VIT, tuned=())])
    for seed in (0, 1):
        done(VIT, seed, manifest, accuracy=0.7)
    board.look()
    assert names(board.jobs)[-1] == "vit seed 0 (twice the images)"
    assert board.misses(board.rows[0]) == ["fits 0.70 of its training images; not run for twice as long"]
    done(VIT, 0, manifest, accuracy=0.8, skill=2.005, twice=True)
    assert board.look().misses(board.rows[0]) == []
    done(VIT, 0, manifest, accuracy=0.8, skill=2.4, twice=True)
    assert "twice the images move its twin AUC by +0.0" in board.look().misses(board.rows[0])[0]


def test_records_that_do_not_count_are_refused_by_name_and_left_where_they_are(manifest):
    pilot, edited, old = (
        done(VIT, 0, manifest, training=None),
        done(VIT, 1, manifest),
        done(LATER, 0, manifest, training=1),
    )
    (edited.folder / "run.json").write_text(json.dumps(edited.record | {"wall_s": 1.0}))
    with pytest.warns(UserWarning, match=rf"{old.folder.name} is of version 1 of the training code"):
        board = Board([VIT, LATER]).look()
    assert [board.state(job) for job in board.jobs] == ["refused", "refused", "missing"]
    text = summary(board)
    assert f"refused: vit seed 0: {pilot.folder.name} is a pilot" in text
    assert f"{edited.folder.name}/run.json was edited" in text
    assert todo(board, board.jobs, ("missing",)) == [job_of(LATER, 0)]


def test_the_hours_left_are_those_that_the_row_took_else_its_part_else_a_guess(manifest):
    board = Board([VIT, AHAN, LATER])
    assert board.look().seconds(job_of(AHAN, 0)) == pytest.approx(1000 * GUESS)
    done(VIT, 0, manifest, wall_s=100.0)
    board.look()
    assert [board.seconds(job_of(row, 0)) for row in (VIT, AHAN, LATER)] == [100.0, 100.0, 100.0]
    done(AHAN, 0, manifest, wall_s=300.0)
    assert [board.look().seconds(job_of(row, 1)) for row in (VIT, AHAN)] == [100.0, 300.0]
    assert board.seconds(job_of(LATER, 0)) == 200.0
    assert board.seconds(job_of(VIT, 0, twice=True)) == 200.0
    assert plan(board, 2).splitlines()[-1] == "3 runs, 10 min of one core, 5 min on 2"
    assert hours(3 * 3600) == "3.0 h"


def test_a_control_away_from_chance_and_a_record_of_other_code_are_told(manifest):
    for seed in (0, 1):
        done(dataclasses.replace(VIT), seed, manifest, control=(0.52, 0.6))
    assert "control twin@nothing is not at chance" in Board([VIT]).look().misses(VIT)


def test_a_row_whose_trunk_is_not_there_is_told_once_and_holds_up_nothing():
    blocked = dataclasses.replace(VIT, name="oak", overrides=(*SET, "train.trunk=oak"))
    board = Board([blocked, AHAN]).look()
    assert names(todo(board, board.jobs, ("missing",))) == ["ahan seed 0", "ahan seed 1"]
    [told] = [line for line in summary(board).splitlines() if line.startswith("refused")]
    assert told.startswith("refused: oak seed 0 and 1 more: train.trunk: 'oak' is unknown")
