import json
import re
import sys

import pandas as pd
import pytest
import torch

from syntwins import SETS
from syntwins.sets.dataset import set_hash
from twinlib import config, files, paths
from twinlib.data.manifest import read_manifest
from twinlib.errors import InputError
from twinlib.measure import metrics
from twinlib.records import runs
from twinlib.train import loop  # noqa: F401
from twinlib.train.pretraining.start import trunk_file
from twinlib.train.run import resolve_device, run
from twinlib.train.stored import pretrained
from twinlib.train.stored.embedding import network
from twinlib.train.stored.origin import located

QUICK = ("train.passes=96", "train.warmup=0")


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


def test_the_trained_network_can_be_loaded_by_folder_and_by_the_id_of_its_run(quick):
    folder = paths.build_dir() / "checkpoints" / quick.record["hashes"]["run"][:16]
    assert (folder / "config.json").is_file()  # before anything asks for it
    assert located(quick.folder.name) == folder
    assert files.sha256(folder / "model.safetensors") == quick.record["extra"]["weights_after"]
    name, settings = pretrained.read_settings(folder / "config.json")
    assert (name, settings) == ("vit", config.load("vit", "smoke", QUICK).model)
    for net in (pretrained.load(folder), network(quick.folder.name, None, None)):
        assert sum(p.numel() for p in net.parameters()) == quick.record["parameters"]


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
    wanted = "twinlib run vit --profile cpu --seed 3 --set data.name=smoke train.passes=96 train.warmup=0"
    with pytest.raises(InputError, match=re.escape(wanted)):
        run("vit", "cpu", "cpu", 3, ("data.name=smoke", *QUICK))


def test_a_record_of_a_named_set_is_found_where_the_set_is_not_rendered(quick, smoke_set, tmp_path, monkeypatch):
    record = json.loads((quick.folder / "run.json").read_text())
    assert record["extra"]["set_hash"] == set_hash(SETS["smoke"])
    experiment = config.load("vit", "cpu", ("data.name=smoke", *QUICK))
    weights = files.sha256(trunk_file(experiment.train.trunk))
    hashes = record["hashes"] | {"config": files.hash_of(experiment.key()), "weights": weights}
    folder = tmp_path / "results/runs/made"
    runs.write_run(record | {"hashes": hashes}, quick.metrics(), {"twin": quick.scores("twin")}, folder=folder)
    monkeypatch.setenv("TWINLIB_BUILD", str(tmp_path / "nothing-here"))
    assert run("vit", "cpu", "cpu", 0, ("data.name=smoke", *QUICK)).folder == folder
    with pytest.raises(InputError, match="no record of 'vit'"):
        run("vit", "cpu", "cpu", 0, ("data.name=smoke", "train.passes=192", "train.warmup=0"))


def test_an_unknown_trunk_is_refused_before_anything_is_trained(smoke_set):
    with pytest.raises(InputError, match="'oak' is unknown"):
        run("vit", "smoke", "cpu", overrides=(*QUICK, "train.trunk=oak"))


def test_a_run_starts_from_a_weight_file_and_its_record_names_no_place(smoke_set, tmp_path, monkeypatch):
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path / "results"))
    torch.manual_seed(5)
    net = config.MODELS.build(config.load("vit", "smoke").model)
    torch.save(net.backbone.state_dict(), tmp_path / "mine.pth")
    record = run("vit", "smoke", "cpu", overrides=(*QUICK, f"train.trunk={tmp_path / 'mine.pth'}")).record
    assert record["init"] == "file: mine.pth"
    assert record["config"]["train"]["trunk"] == "mine.pth"
    assert record["hashes"]["weights"] == files.sha256(tmp_path / "mine.pth")
    assert str(tmp_path) not in json.dumps(record["config"])


def test_a_gpu_that_is_not_there_and_an_unknown_device_are_refused():
    with pytest.raises(InputError, match="torch sees no GPU"):
        resolve_device("cuda")
    with pytest.raises(InputError, match="'tpu' is unknown; known: auto, cpu, cuda"):
        resolve_device("tpu")
    assert resolve_device("auto") == "cpu"


def test_a_network_that_cannot_be_built_is_refused_before_a_set_is_rendered(monkeypatch):
    monkeypatch.setattr("twinlib.train.run.Records.of", lambda records, experiment: None)
    monkeypatch.setattr("twinlib.train.run.prepare", lambda *given: pytest.fail("rendered first"))
    for name, settings, match in (
        ("ahan", ("model.image_size=100", "data.size=100"), r"model\.image_size 100 must be .*nearest: 96 and 112"),
        ("transfg", ("model.stride=17",), r"model\.stride in 1 … 16"),
        ("local_global", ("model.backbone=resnet5",), "'resnet5' is no network of timm"),
    ):
        with pytest.raises(InputError, match=match):
            run(name, "smoke", overrides=settings)


def test_each_picture_is_embedded_once_whatever_lists_it_is_in(smoke_set, tmp_path, monkeypatch):
    """Scored pictures once for all protocols, training pictures once for the accuracy; no picture in both."""
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path / "results"))
    seen = []
    for place in ("twinlib.models.features",):
        whole = sys.modules[place].embed

        def counted(model, crops, rows, *rest, whole=whole):
            seen.extend(rows)
            return whole(model, crops, rows, *rest)

        monkeypatch.setattr(f"{place}.embed", counted)
    record = run("vit", "smoke", "cpu", overrides=(*QUICK, "data.families=4"))
    assert len(record.protocols()) >= 3
    assert len(seen) == len(set(seen)) > 100
