"""The commands by a scheduler and two workers, one of them killed in the middle: the bytes of a plain run."""

import shutil
import threading
import time

import numpy as np
import pytest
import torch
from dask_processes import dask_cluster

from twinlib import config
from twinlib.cli.main import main
from twinlib.config import MODELS
from twinlib.records.runs import list_runs
from twinlib.train.stored.pretrained import save

pytestmark = pytest.mark.slow
pytest.importorskip("distributed")
TINY = config.MobileFaceNet(image_size=112, width=8, blocks=(1, 1, 1), embedding=16)


def content(folder, *kinds):
    files = [path for kind in kinds for path in sorted(folder.rglob(kind)) if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def kill_once_there_is(folder, pattern, running):
    """Kill a worker as soon as a part is there."""

    def watch():
        until = time.monotonic() + 300
        while not list(folder.rglob(pattern)) and time.monotonic() < until:
            time.sleep(0.05)
        running.kill("worker0")

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread


def test_rendering_landmarks_embedding_and_a_sweep(smoke_set, tmp_path, monkeypatch):
    torch.manual_seed(0)
    save(MODELS.build(TINY), "mobilefacenet", TINY, tmp_path / "net")
    given = ["--align", "landmarks"]
    assert main(["embed", str(smoke_set), str(tmp_path / "plain.npz"), "--weights", str(tmp_path / "net"), *given]) == 0
    monkeypatch.setenv("TWINLIB_BUILD", str(tmp_path / "build"))
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path / "results"))
    monkeypatch.chdir(tmp_path)
    root = tmp_path / "build/data/smoke"
    with dask_cluster(tmp_path) as running:
        there = ["--cluster", running.address]
        killer = kill_once_there_is(root, "parts-*/*.npz", running)
        assert main(["synth", "smoke", *there]) == 0
        killer.join()
        running.worker("worker2")
        assert main(["landmarks", "smoke", *there]) == 0
        assert main(["embed", "smoke", "far.npz", "--weights", "net", *given, *there]) == 0
        quick = "train.passes=96 train.warmup=0"
        assert (
            main(["sweep", "vit", "--seeds", "0,1", "--profile", "smoke", "--device", "cpu", "--set", quick, *there])
            == 0
        )
    pictures = ("*.jpg", "manifest.csv", "truth.npz", "dataset.json")
    assert content(root, *pictures) == content(smoke_set, *pictures)
    assert len(content(root, "*.jpg")) > 50
    assert content(root / "aligned", "*") == content(smoke_set / "aligned", "*")
    with np.load("plain.npz") as plain, np.load("far.npz") as far:
        assert plain["names"].tolist() == far["names"].tolist()
        assert all(np.array_equal(plain[name], far[name]) for name in ("emb", "emb_flip", "found"))
    assert sorted(run.record["seed"] for run in list_runs(tmp_path / "build/smoke-runs")) == [0, 1]
    assert not list(tmp_path.glob(".parts-*"))
    shutil.rmtree(root)
