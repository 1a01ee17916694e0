"""Pages find the runs of a row of the study, and train nothing but a smoke run."""

import pytest
from run_factory import make_run

from twinlib import config, files
from twinlib.errors import InputError
from twinlib.study import row_runs
from twinlib.study.row_runs import every_row, every_seed
from twinlib.study.rows import read_rows
from twinlib.train.lookup import Records, portable
from twinlib.version import TRAINING


@pytest.fixture(autouse=True)
def _results(tmp_path, monkeypatch):
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path / "results"))
    monkeypatch.setenv("TWINLIB_BUILD", str(tmp_path / "build"))


def test_a_row_without_records_is_an_empty_list_and_an_unknown_one_is_named():
    assert every_seed({"AHAN": "ahan", "base": "vit"}, "cpu") == {"AHAN": [], "base": []}
    assert every_row("cpu") == {}
    with pytest.raises(InputError, match="'nobody' is no row of the study; known: vit, "):
        every_seed({"N": "nobody"}, "cpu")


def test_a_row_has_the_runs_of_its_own_settings_in_the_order_of_its_seeds(monkeypatch):
    row = next(row for row in read_rows() if row.name == "vit")
    asked = []

    class Known(Records):
        def of(self, experiment):
            asked.append(experiment)
            return None if experiment.seed == 1 else make_run("vit", experiment.seed, training=TRAINING)

    monkeypatch.setattr("twinlib.study.board.Records", Known)
    found = every_seed({"base": "vit"}, "cpu")["base"]
    assert [run.record["seed"] for run in found] == [0, 2, 3, 4]
    assert {files.hash_of(portable(e.key())) for e in asked} == {
        files.hash_of(portable(row.of(seed).key())) for seed in row.seeds
    }


def test_a_large_profile_takes_the_changes_of_the_row(monkeypatch):
    asked = []

    class Known:
        def __init__(self, profile):
            assert profile == "full"

        def of(self, experiment):
            asked.append(experiment)

    monkeypatch.setattr(row_runs, "Records", Known)
    assert every_seed({"hard": "partner_hard"}, "full") == {"hard": []}
    assert [e.model.pair.partner for e in asked] == ["hard"] * 5
    assert asked[0].train == config.load("ahan", "full").train


def test_smoke_trains_the_first_seed_with_the_changes_of_the_row_but_not_its_data(monkeypatch):
    asked = []
    made = make_run("vit", 0)
    monkeypatch.setattr(row_runs, "run", lambda *given: asked.append(given) or made)
    found = every_seed({"twin": "partner_twin", "places": "asym_vit_places"}, "smoke", "cpu")
    assert found == {"twin": [made], "places": [made]}
    assert asked == [
        ("ahan", "smoke", "cpu", 0, ()),
        ("vit_faam", "smoke", "cpu", 0, ("model.faam.pool=places",)),
    ]


def test_what_smoke_trained_counts_with_the_settings_of_its_row(monkeypatch):
    assert every_row("smoke") == {}
    wanted, made = files.hash_of(config.load("vit", "smoke").key()), make_run("vit", 0, profile="smoke")

    class Known(Records):
        def __init__(self, profile):
            self.runs = [made]

        def of(self, experiment):
            return made if files.hash_of(experiment.key()) == wanted else None

    monkeypatch.setattr(row_runs, "Records", Known)
    assert every_row("smoke")["vit"] == [made]
    assert "ahan" not in every_row("smoke")
