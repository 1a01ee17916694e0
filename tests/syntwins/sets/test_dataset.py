import csv
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from syntwins import synthesise
from syntwins.sets import dataset
from twinlib.errors import InputError
from twinlib.files import read_json, sha256


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "manifest.csv").open() as file:
        return list(csv.DictReader(file))


def test_two_workers_give_the_bytes_of_one(tiny, tiny_folder, tmp_path):
    other = synthesise(tiny, tmp_path / "tiny", workers=2)
    assert content(other) == content(tiny_folder)


def test_what_was_rendered_before_a_kill_is_kept_and_the_bytes_are_the_same(tiny, tiny_folder, tmp_path, monkeypatch):
    rendered, original = [], dataset._render_one

    def until_the_third(*job):
        rendered.append(job[3].name)
        if rendered == ["f0000", "f0001", "f0002"]:
            raise KeyboardInterrupt
        return original(*job)

    monkeypatch.setattr(dataset, "_render_one", until_the_third)
    with pytest.raises(KeyboardInterrupt):
        synthesise(tiny, tmp_path / "tiny", workers=1)
    assert not (tmp_path / "tiny/dataset.json").exists()
    folder = synthesise(tiny, tmp_path / "tiny", workers=1)
    assert rendered == ["f0000", "f0001", "f0002", "f0002", "f0003"]
    assert content(folder) == content(tiny_folder)


def test_two_calls_that_join_the_parts_at_once_both_return_the_set(tiny, tiny_folder, tmp_path, monkeypatch):
    """The second one comes to the parts when the first has joined and removed them."""
    original = dataset._assemble

    def late(*given):
        original(*given)
        original(*given)  # as another process would, a moment later

    monkeypatch.setattr(dataset, "_assemble", late)
    folder = synthesise(tiny, tmp_path / "tiny", workers=1)
    assert content(folder) == content(tiny_folder)


def test_a_missing_part_of_an_unfinished_set_is_an_error(tiny, tmp_path, monkeypatch):
    def gone(*_):
        raise FileNotFoundError("parts")

    monkeypatch.setattr(dataset, "_assemble", gone)
    with pytest.raises(FileNotFoundError, match="parts"):
        synthesise(tiny, tmp_path / "tiny", workers=1)


def test_a_finished_set_returns_at_once(tiny, tiny_folder):
    before = content(tiny_folder)
    start = time.perf_counter()
    assert synthesise(tiny, tiny_folder) == tiny_folder
    assert time.perf_counter() - start < 0.2
    assert content(tiny_folder) == before


def test_another_configuration_replaces_the_set(tiny, tiny_folder, tmp_path):
    folder = tmp_path / "tiny"
    shutil.copytree(tiny_folder, folder)
    small = replace(tiny, test=replace(tiny.test, mz=0), validation=replace(tiny.validation, sibling=0))
    synthesise(small, folder, workers=1)
    assert {row["family"] for row in rows(folder)} == {"f0000", "f0001"}
    assert sorted(path.name for path in (folder / "images").iterdir()) == ["f0000-a", "f0000-b", "f0001-a", "f0001-b"]


def test_the_manifest_describes_the_files(tiny, tiny_folder):
    table = rows(tiny_folder)
    assert len(table) == 16
    assert {(row["family"], row["split"], row["relation"]) for row in table} == {
        ("f0000", "train", "mz"),
        ("f0001", "train", "dz"),
        ("f0002", "validation", "sibling"),
        ("f0003", "test", "mz"),
    }
    for row in table:
        assert cv2.imread(str(tiny_folder / row["path"])).shape == (64, 64, 3)
        assert row["image"].startswith(row["subject"])
        assert row["subject"].startswith(row["family"])
    description = read_json(tiny_folder / "dataset.json")
    assert description["manifest_sha256"] == sha256(tiny_folder / "manifest.csv")
    assert description["counts"]["train"] == {"families": {"mz": 1, "dz": 1}, "subjects": 4, "images": 8}


def test_the_truth_stands_in_the_order_of_the_manifest(tiny, tiny_folder):
    table = rows(tiny_folder)
    with np.load(tiny_folder / "truth.npz") as file:
        truth = dict(file)
    assert truth["image"].tolist() == [row["image"] for row in table]
    assert truth["landmarks"].shape == (16, 468, 2)
    assert truth["subject"].tolist() == list(dict.fromkeys(row["subject"] for row in table))
    assert truth["asymmetry"].shape == (8, 468, 3)
    owner = truth["subject"][truth["mark_subject"][truth["seen_mark"]]]
    assert owner.tolist() == [truth["image"][i][:7] for i in truth["seen_image"]]
    assert len(truth["seen_xy"]) == 2 * len(truth["mark_kind"])


def test_refusals(tiny, tmp_path):
    with pytest.raises(InputError, match="smoke"):
        synthesise("nosuch", tmp_path)
    with pytest.raises(InputError, match="workers"):
        synthesise(tiny, tmp_path, workers=0)
    (tmp_path / "holiday.jpg").write_bytes(b"mine")
    with pytest.raises(InputError, match="something else"):
        synthesise(tiny, tmp_path)
    assert (tmp_path / "holiday.jpg").read_bytes() == b"mine"


def test_importing_the_package_is_light():
    code = "import sys, syntwins; print([m for m in ('numba', 'cv2', 'torch') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
