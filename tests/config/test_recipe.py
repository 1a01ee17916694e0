import csv

import pytest

from twinlib import config, paths
from twinlib.config.recipe import plan, recipe, value_of

FILE = paths.package_dir() / "experiments/recipes.csv"
ROWS = list(csv.DictReader(FILE.read_text(encoding="utf-8").splitlines()))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['experiment']}-{row['setting']}")
def test_full_is_the_papers_value_or_says_why_not(row):
    """A reason begins with our value, so that it cannot outlive it."""
    ours = value_of(config.load(row["experiment"], "full"), row["setting"])
    if row["why"]:
        assert row["why"].startswith(f"{ours:g}: " if isinstance(ours, float) else f"{ours}: ")
    else:
        assert row["paper"] in (str(ours), f"{ours:g}" if isinstance(ours, float) else "")


def test_an_experiment_shows_the_lines_of_what_it_changes():
    shown = {line.setting: line for line in recipe(config.load("ahan", "full"))}
    assert {"model.hca.scales", "train.lr", "sampler.ratio"} <= set(shown)
    assert shown["train.lr"].why == ""
    assert shown["loss.s"].why == "usual in the field"


def test_another_profile_is_named_as_the_reason():
    shown = {line.setting: line for line in recipe(config.load("ahan", "cpu"))}
    assert (shown["data.size"].ours, shown["data.size"].why) == ("112", "profile cpu")


def test_an_experiment_of_no_paper_has_no_table():
    assert "\n" not in plan(config.load("transface", "full"))


def test_epochs_and_steps_of_the_papers():
    assert config.load("ahan", "full").train.steps == 100 * 6336 // 256
    miao = config.load("miao", "full")
    assert miao.train.steps * (miao.train.batch // 3) == 10 * 1711  # whole triplets, none left out
    assert "295 steps of 1 x 174 images" in plan(miao)
