import json
import shutil

import pytest
from run_factory import pair_list

from twinlib import config, files
from twinlib.errors import InputError
from twinlib.records import runs, schema
from twinlib.records.comparison import measure
from twinlib.train import lookup
from twinlib.train.lookup import Records, claim_of, key_of, portable, records_dir
from twinlib.version import TRAINING

EXPERIMENT = config.load("vit", "cpu", ("data.name=smoke", "train.trunk=null"))
OTHER = config.load("ahan", "cpu", ("data.name=smoke", "train.trunk=null"))


@pytest.fixture(autouse=True)
def results(monkeypatch, tmp_path, smoke_set):
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path))


def made(smoke_set, training=TRAINING, experiment=EXPERIMENT):
    """A record of the experiment whose scores are made up."""
    manifest = lookup.read_manifest(smoke_set)
    table = runs.score_table(pair_list(), pair_list().same.to_numpy() + 0.1 * pair_list().pair.to_numpy())
    record = schema.new_record(
        name=experiment.name, profile=experiment.profile, dataset="smoke", init="scratch",
        config=portable(experiment.as_dict()), key=portable(experiment.key()), manifest=manifest.sha256, weights=None,
        seed=experiment.seed, device="cpu", parameters=1, wall_s=1.0, training=training,
        extra={"set_hash": files.read_json(smoke_set / "dataset.json")["config_hash"]},
    )  # fmt: skip
    assert record["hashes"]["run"] == key_of(experiment, manifest)
    return runs.write_run(record, measure("twin", table, draws=20), {"twin": table})


def test_a_record_is_found_and_what_differs_in_anything_is_not(smoke_set):
    run = made(smoke_set)
    assert Records("cpu").of(EXPERIMENT).folder == run.folder
    for other in (("train.lr=1.0e-3",), ("train.trunk=small",), ("data.name=default",)):
        experiment = config.load("vit", "cpu", ("data.name=smoke", "train.trunk=null", *other))
        assert Records("cpu").of(experiment) is None
        assert claim_of(experiment) != claim_of(EXPERIMENT)


def test_a_record_of_another_version_of_the_training_code_is_named_and_does_not_count(smoke_set, monkeypatch):
    run = made(smoke_set)
    monkeypatch.setattr(lookup, "TRAINING", TRAINING + 1)
    with pytest.warns(UserWarning, match=rf"{run.folder.name} is of version {TRAINING} of the training code"):
        assert Records("cpu").of(EXPERIMENT) is None


def test_a_pilot_that_names_no_version_counts(smoke_set):
    run = made(smoke_set, training=None)
    assert Records("cpu").of(EXPERIMENT).folder == run.folder


def test_two_records_of_one_run_and_an_edited_one_are_refused_by_name_and_the_rest_goes_on(smoke_set):
    other = config.load("vit", "cpu", ("data.name=smoke", "train.trunk=null", "train.lr=1.0e-3"))
    run, sound = made(smoke_set), made(smoke_set, experiment=other)
    copy = shutil.copytree(run.folder, run.folder.with_name("copy"))
    with pytest.raises(
        InputError, match=rf"copy and {run.folder.name} are two records of one run|{run.folder.name} and copy"
    ):
        Records("cpu").of(EXPERIMENT)
    shutil.rmtree(copy)
    (run.folder / "run.json").write_text(json.dumps(run.record | {"wall_s": 0.1}))
    with pytest.raises(InputError, match=rf"{run.folder.name}/run.json was edited"):
        Records("cpu").of(EXPERIMENT)
    assert Records("cpu").of(other).folder == sound.folder


def test_smoke_has_its_own_folder():
    assert records_dir("smoke").name == "smoke-runs"
    assert records_dir("cpu").name == "runs"
