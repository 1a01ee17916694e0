import csv
from functools import cache

import pytest

from twinlib import config, paths
from twinlib.config.recipe import OTHER, meant, plan, recipe, value_of

FILE = paths.package_dir() / "experiments/recipes.csv"
ROWS = list(csv.DictReader(FILE.read_text(encoding="utf-8").splitlines()))
NAMES = config.experiments()


@cache
def full(name):
    return config.load(name, "full")


@cache
def shown(name):
    return recipe(full(name))


def base_of(name):
    """The experiment that another one changes; itself if none."""
    lines = (paths.package_dir() / f"experiments/{name}.yaml").read_text().splitlines()
    return next((line.removeprefix("base: ") for line in lines if line.startswith("base: ")), name)


@pytest.mark.parametrize("name", NAMES)
def test_full_is_the_papers_value_or_says_why_not(name):
    """Only what an experiment itself changes goes without a reason of its own."""
    lines = shown(name)
    assert len({line.setting for line in lines}) == len(lines) > 0
    for line in lines:
        ours = value_of(full(name), line.setting)
        assert line.ours in (str(ours), f"{ours:g}" if isinstance(ours, float) else "")
        assert (line.why == "") == (line.paper == line.ours)
        if line.why == OTHER:
            assert ours != value_of(full(base_of(name)), line.setting) or name.startswith("ahan_")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['experiments'][:20]}-{row['setting']}")
def test_a_line_is_some_experiments_value_or_its_reason_begins_with_it(row):
    """So a reason cannot outlive its value; a pattern that fits nothing is a mistake."""
    for pattern in row["experiments"].split():
        assert any(meant(pattern, name) for name in NAMES), pattern
    lines = [line for name in NAMES if meant(row["experiments"], name) for line in shown(name)]
    whys = {line.why for line in lines if line.setting == row["setting"]}
    assert row["why"].partition(": ")[2] in whys


def test_an_experiment_shows_the_lines_of_its_paper():
    lines = {line.setting: line for line in shown("ahan_random")}
    assert {"model.hca.scales", "train.lr", "sampler.ratio"} <= set(lines)
    assert lines["train.lr"].why == ""
    assert lines["loss.s"].why == "usual in the field"
    assert (lines["model.pair.partner"].ours, lines["model.pair.partner"].why) == ("random", OTHER)


def test_another_profile_is_named_as_the_reason():
    lines = {line.setting: line for line in recipe(config.load("ahan", "cpu"))}
    assert (lines["data.size"].ours, lines["data.size"].why) == ("112", "profile cpu")


def test_a_reason_for_another_value_is_not_given_for_what_set_changed():
    lines = {line.setting: line for line in recipe(config.load("ahan", "full", ("data.name=faces", "train.lr=1e-3")))}
    assert (lines["data.name"].ours, lines["data.name"].why) == ("faces", OTHER)
    assert (lines["train.lr"].ours, lines["train.lr"].why) == ("0.001", OTHER)


def test_an_experiment_of_no_paper_has_no_table(tmp_path):
    (tmp_path / "mine.yaml").write_text("model: {name: vit}\n")
    assert "\n" not in plan(config.load(str(tmp_path / "mine.yaml"), "full"))


def test_epochs_and_steps_of_the_papers():
    assert config.load("ahan", "full").train.steps == 100 * 6336 // 256
    miao = config.load("miao", "full")
    assert miao.train.steps * (miao.train.batch // 3) == 10 * 1711  # whole triplets, none left out
    assert "295 steps of 1 x 174 images" in plan(miao)
