import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from twinlib.data import align, faceparts
from twinlib.data.faceparts import FaceStep, make_parts
from twinlib.data.photos import list_photos
from twinlib.errors import InputError


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("photos")
    near = Image.fromarray(data.astronaut()[:300, 80:380])
    for i in range(3):
        near.rotate(10 * i).save(root / f"face{i}.jpg")
    Image.fromarray(data.brick()[:99]).save(root / "brick.png")
    (root / "empty.png").touch()
    return root


def test_rows_of_the_three_outcomes(folder):
    with FaceStep(folder, 64) as step:
        found, brick, empty = (step.row(name) for name in ("face0.jpg", "brick.png", "empty.png"))
    assert [str(row["status"]) for row in (found, brick, empty)] == list(faceparts.STATUS)
    assert {name: row.shape for name, row in found.items()} == {name: row.shape for name, row in empty.items()}
    assert not found["canonical"]
    assert brick["canonical"]
    np.testing.assert_allclose(brick["matrix"], align.centre_crop(512, 99, 64), rtol=1e-6)
    assert empty["crop"].shape == (64, 64, 3)
    assert str(empty["reason"]).startswith("empty.png is empty")


def test_a_face_whose_landmarks_are_useless_counts_as_not_found(folder, monkeypatch):
    def refuse(*points):
        raise InputError("the points coincide")

    with FaceStep(folder, 64) as step:
        monkeypatch.setattr(align, "similarity", refuse)
        row = step.row("face0.jpg")
    assert (str(row["status"]), str(row["reason"])) == ("not_found", "the points coincide")
    assert np.isnan(row["landmarks"]).all()


def test_only_missing_parts_are_made(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(faceparts, "CHUNK", 2)
    photos = list_photos(folder)
    parts = make_parts(photos, 32, tmp_path, None)
    assert [part.name for part in parts] == ["000000.npz", "000001.npz", "000002.npz"]
    parts[0].write_bytes(b"left as it is")
    before = parts[1].read_bytes()
    parts[1].unlink()
    assert make_parts(photos, 32, tmp_path, 1) == parts
    assert parts[0].read_bytes() == b"left as it is"
    assert parts[1].read_bytes() == before


@pytest.mark.slow
def test_two_processes_give_the_same_bytes_as_one(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(faceparts, "CHUNK", 1)
    one, two = (make_parts(list_photos(folder), 112, tmp_path / str(n), n) for n in (1, 2))
    assert len(one) == 5
    assert [part.read_bytes() for part in one] == [part.read_bytes() for part in two]


def die(source: Path, size: int) -> None:
    os._exit(1)


@pytest.mark.slow
def test_a_dead_process_is_told_with_its_remedy(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(faceparts, "CHUNK", 1)
    monkeypatch.setattr(faceparts, "_start", die)
    with pytest.raises(InputError, match=r"died.*fewer workers"):
        make_parts(list_photos(folder), 32, tmp_path, 2)


def test_workers_must_be_positive(folder, tmp_path):
    with pytest.raises(InputError, match="workers: wanted 1 or more, found 0"):
        make_parts(list_photos(folder), 32, tmp_path, 0)
