import json
import re

import pandas as pd
import pytest

from twinlib import config
from twinlib.data.manifest import read_manifest
from twinlib.errors import InputError
from twinlib.evaluate import metrics
from twinlib.train.run import pair_lists, resolve_device, run

QUICK = ("train.passes=96",)


@pytest.fixture
def quick(smoke_set, tmp_path, monkeypatch):
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path / "results"))
    return run("vit", "smoke", "cpu", overrides=QUICK)


def test_a_record_holds_all_that_its_numbers_came_from(quick, smoke_set):
    record = json.loads((quick.folder / "run.json").read_text())
    assert record["config"] == json.loads(json.dumps(config.load("vit", "smoke", QUICK).as_dict()))
    assert record["hashes"]["manifest"] == read_manifest(smoke_set).sha256
    assert record["extra"]["images"] == len(read_manifest(smoke_set).images)
    table = quick.metrics().set_index(["protocol", "metric"])
    scores = quick.scores("twin").query("split == 'test'")
    assert table.value["twin", "auc"] == pytest.approx(
        metrics.auc(scores.score.to_numpy(), scores.same.to_numpy()), abs=1e-6
    )


def test_scores_are_of_validation_and_test_only(quick):
    for protocol in quick.protocols():
        assert set(quick.scores(protocol)["split"]) == {"validation", "test"}


def test_a_record_is_found_not_made_again_unless_fresh(quick):
    stamp = (quick.folder / "run.json").stat().st_mtime_ns
    assert run("vit", "smoke", "cpu", overrides=QUICK).folder == quick.folder
    assert (quick.folder / "run.json").stat().st_mtime_ns == stamp
    again = run("vit", "smoke", "cpu", overrides=QUICK, fresh=True)
    assert (again.folder / "run.json").stat().st_mtime_ns > stamp
    pd.testing.assert_frame_equal(again.scores("twin"), quick.scores("twin"))


def test_smoke_writes_nothing_into_results(quick, tmp_path):
    assert not (tmp_path / "results").exists()


def test_a_missing_record_names_the_command(smoke_set, tmp_path, monkeypatch):
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path))
    wanted = "twinlib run vit --profile cpu --seed 3 --set data.name=smoke train.passes=96"
    with pytest.raises(InputError, match=re.escape(wanted)):
        run("vit", "cpu", "cpu", 3, ("data.name=smoke", *QUICK))


def test_every_model_gets_the_same_pairs(smoke_set):
    manifest = read_manifest(smoke_set)
    one, other = pair_lists(manifest, 6), pair_lists(manifest, 6)
    assert set(one) == {"twin", "general", "sibling"}
    for name in one:
        pd.testing.assert_frame_equal(one[name], other[name])


def test_a_gpu_that_is_not_there_and_an_unknown_device_are_refused():
    with pytest.raises(InputError, match="torch sees no GPU"):
        resolve_device("cuda")
    with pytest.raises(InputError, match="'tpu' is unknown; known: auto, cpu, cuda"):
        resolve_device("tpu")
    assert resolve_device("auto") == "cpu"
