"""One row of every network of the comparison chapters trains and is scored; the other rows differ in settings."""

from pathlib import Path

import pandas as pd
import pytest

from twinlib import config
from twinlib.train.run import run

LOADED = {name: config.load(name, "smoke").model_name for name in config.experiments()}
FIRST = {model: name for name, model in reversed(LOADED.items()) if model not in ("vit", "ahan")}
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", FIRST.values(), ids=str)
def test_a_row_of_every_network_trains_under_smoke(name, smoke_set):
    made = run(name, "smoke", "cpu", fresh=True)
    assert made.metrics()["value"].notna().any()
    assert made.record["parameters"] > 0


@pytest.mark.parametrize("profile", ["smoke", "cpu", "full"])
def test_every_experiment_resolves_in_every_profile(profile):
    for name in config.experiments():
        assert config.load(name, profile).key()["name"] == name


def test_all_experiments_together_fit_into_six_minutes_of_a_processor():
    table = pd.read_csv(Path(__file__).parents[2] / "results/benchmarks/peers_smoke.csv")
    assert set(LOADED.values()) <= set(table["network"])
    assert table["processor_s"].sum() < 360
