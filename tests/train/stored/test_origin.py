import json

import pytest
from run_factory import make_run

from twinlib import config, files, paths
from twinlib.errors import InputError
from twinlib.records.runs import write_run
from twinlib.train.stored.origin import located, of_run
from twinlib.train.stored.pretrained import load
from twinlib.train.stored.trained import halved


def test_a_path_comes_first_then_what_is_bundled(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "package_dir", lambda: tmp_path)
    folder = tmp_path / "weights" / "small"
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"")
    assert located("small") == folder
    assert located(folder) == folder
    with pytest.raises(InputError, match=r"large does not exist and is no bundled model \(bundled: small\)"):
        located("large")


def test_a_run_stands_for_the_network_it_trained(tmp_path, monkeypatch):
    monkeypatch.setenv("TWINLIB_BUILD", str(tmp_path / "build"))
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path / "results"))
    (tmp_path / "w").write_bytes(b"weights")
    settings = {"model_name": "vit", "model": {"width": 32}}
    run = make_run(config=settings, extra={"weights_after": files.sha256(tmp_path / "w")})
    with pytest.raises(InputError, match="is here, but not the weights"):
        located(run.folder.name)
    folder = tmp_path / "build/checkpoints" / run.record["hashes"]["run"][:16]
    folder.mkdir(parents=True)
    (tmp_path / "w").rename(folder / "model.safetensors")
    assert located(run.folder.name) == of_run(run.folder.name) == folder
    assert json.loads((folder / "config.json").read_text()) == settings
    assert of_run("nothing") is None


def test_weights_that_a_record_keeps_stand_for_its_network(tmp_path, monkeypatch):
    monkeypatch.setenv("TWINLIB_BUILD", str(tmp_path / "build"))
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path / "results"))
    settings = {"image_size": 112, "patch": 16, "width": 32, "depth": 1, "heads": 2, "embedding": 16, "stem": "conv"}
    net = config.MODELS.build(config.ViT(**settings))
    run = make_run(config={"model_name": "vit", "model": settings}, extra={"weights_after": "0"})
    kept = write_run(run.record, run.metrics(), {"twin": run.scores("twin")}, beside={"model.safetensors": halved(net)})
    assert located(kept.folder.name) == kept.folder
    assert type(load(kept.folder)) is type(net)
    (kept.folder / "model.safetensors").write_bytes(b"")
    with pytest.raises(InputError, match="not what this record was written with"):
        located(kept.folder.name)


def test_a_folder_with_a_record_in_it_is_a_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path / "results"))
    run = make_run()
    assert of_run(str(run.folder)) is None
    assert located(str(run.folder)) == run.folder


def test_the_hub_is_asked_for_an_owner_and_a_name_only(monkeypatch):
    asked = []

    def snapshot_download(name, revision, local_files_only, allow_patterns):
        asked.append((name, revision, local_files_only, allow_patterns))
        raise OSError("offline")

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot_download)
    with pytest.raises(InputError, match=r"owner/name is neither here .* nor to be had from the hub \(offline\)"):
        located("owner/name", "v1", True)
    assert asked == [("owner/name", "v1", True, ["model.safetensors", "config.json", "calibration.json"])]
    for name in ("some/where/else", "a/b.safetensors", "../up"):
        with pytest.raises(InputError, match="does not exist"):
            located(name)
    assert len(asked) == 1
