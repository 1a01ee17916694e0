import numpy as np
import pytest
from PIL import Image
from skimage import data

from twinlib.errors import InputError
from twinlib.faces import align, faceparts
from twinlib.faces.faceparts import FaceStep


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


def test_without_need_no_detector_is_made(folder, monkeypatch):
    monkeypatch.setattr(faceparts, "UprightMesh", None)
    with FaceStep(folder, 112, {"brick.png": align.TEMPLATE_112}) as step:
        row = step.row("brick.png")
    assert (str(row["status"]), str(row["attempt"]), bool(row["canonical"])) == ("found", "given", True)
    np.testing.assert_allclose(row["matrix"], [[1, 0, 0], [0, 1, 0]], atol=1e-5)


def test_of_upright_pictures_facemesh_alone_finds_the_same(smoke_set):
    from twinlib.data.manifest import is_rendered, read_manifest

    paths = list(read_manifest(smoke_set).images["path"][:6])
    with FaceStep(smoke_set, 112, upright=True) as fast, FaceStep(smoke_set, 112) as careful:
        for path in paths:
            one, other = fast.row(path), careful.row(path)
            for name in ("status", "landmarks", "matrix", "crop", "boxes", "canonical"):
                np.testing.assert_array_equal(one[name], other[name], err_msg=f"{path}: {name}")
    assert is_rendered(smoke_set)
    assert not is_rendered(smoke_set / "images")
