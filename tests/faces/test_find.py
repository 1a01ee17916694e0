import json
import zipfile

import cv2
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from skimage import data

from twinlib import files
from twinlib.data.manifest import read_manifest
from twinlib.errors import InputError
from twinlib.faces import align, faceparts
from twinlib.faces.detect.upright import UprightMesh
from twinlib.faces.find import find_faces, read_faces

NAMES = ("faces.csv", "faces.npz", "crops.npy", "faces.json")


def fill(folder) -> list[str]:
    """Photographs of every outcome: found, two faces, none, unreadable (four ways)."""
    folder.mkdir()
    astronaut = data.astronaut()
    Image.fromarray(astronaut).save(folder / "whole.png")
    Image.fromarray(astronaut[:300, 80:380]).save(folder / "near.jpg")
    Image.fromarray(np.rot90(astronaut)).save(folder / "turned.jpg", exif=orientation(6))
    Image.fromarray(np.hstack([astronaut[:300, 80:380]] * 2)).save(folder / "two.jpg")
    Image.fromarray(data.coffee()).save(folder / "coffee.jpg")
    (folder / "empty.jpg").touch()
    (folder / "text.png").write_text("no photograph")
    (folder / "half.jpg").write_bytes((folder / "near.jpg").read_bytes()[:4000])
    (folder / "dangling.png").symlink_to(folder / "gone.png")
    return "coffee.jpg dangling.png empty.jpg half.jpg near.jpg text.png turned.jpg two.jpg whole.png".split()


def orientation(value: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = value
    return exif


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """The step on photographs, in this process, two images a part."""
    root = tmp_path_factory.mktemp("faces")
    images = fill(root / "photos")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("twinlib.parts.resumed.CHUNK", 2)
        summary = find_faces(root / "photos", root / "out", workers=1, strict=False)
    return root, images, summary


def test_every_image_keeps_its_row(done):
    root, images, summary = done
    frame = read_faces(root / "out").frame
    assert frame["image"].tolist() == images
    status = dict(zip(frame["image"], frame["status"], strict=True))
    assert {name for name in images if status[name] == "unreadable"} == {
        "dangling.png",
        "empty.jpg",
        "half.jpg",
        "text.png",
    }
    assert [name for name in images if status[name] == "not_found"] == ["coffee.jpg"]
    assert (summary.images, summary.found, summary.not_found, summary.unreadable, summary.several) == (9, 4, 1, 4, 1)
    assert "4 of 9 faces found (44.44%), 1 not found, 4 unreadable, 1 with several faces" in str(summary)


def test_reasons_are_told_without_folder_names(done):
    root, _, _ = done
    frame = read_faces(root / "out").frame.set_index("image")
    assert frame.loc["empty.jpg", "reason"].startswith("empty.jpg is empty")
    assert frame.loc["coffee.jpg", "reason"] == "no face found"
    assert frame.loc["two.jpg", "reason"] == "largest central of 2 faces"
    assert (frame.loc["whole.png", ["reason", "faces", "attempt"]] == ["", 1, "whole"]).all()
    assert not frame["reason"].str.contains(str(root), regex=False).any()


def test_crops_matrix_boxes_and_landmarks_belong_together(done):
    root, images, _ = done
    result = read_faces(root / "out")
    i = images.index("whole.png")
    # by a second way: OpenCV's own least-squares similarity of the five points, and its warp
    five = align.five_points(result.landmarks[i])
    matrix = cv2.estimateAffinePartial2D(five, align.TEMPLATE_112, method=cv2.LMEDS)[0]
    assert np.abs(align.transform(five, result.matrix[i]) - align.TEMPLATE_112).max() < 6
    assert np.abs(matrix - result.matrix[i])[:, :2].max() < 0.15
    crop = cv2.warpAffine(data.astronaut(), result.matrix[i], (112, 112), borderMode=cv2.BORDER_REPLICATE)
    np.testing.assert_allclose(result.crops[i].astype(int), crop, rtol=0, atol=1)  # the matrix was rounded when stored
    points = align.transform(result.landmarks[i], result.matrix[i])
    np.testing.assert_allclose(result.boxes[i], align.region_boxes(points, 112), atol=1e-5)


def test_orientation_makes_no_difference(done):
    root, images, _ = done
    result = read_faces(root / "out")
    turned, whole = images.index("turned.jpg"), images.index("whole.png")
    assert np.linalg.norm(result.landmarks[turned] - result.landmarks[whole], axis=1).mean() < 1


def test_without_a_face_canonical_boxes_and_the_middle_of_the_picture(done):
    root, images, _ = done
    result = read_faces(root / "out")
    found = (result.frame["status"] == "found").to_numpy()
    np.testing.assert_array_equal(result.canonical, ~found)
    np.testing.assert_array_equal(np.isnan(result.landmarks).all((1, 2)), ~found)
    np.testing.assert_allclose(result.boxes[~found], np.broadcast_to(align.CANONICAL_BOXES, (5, 4, 4)), atol=1e-6)
    assert align.valid_boxes(result.boxes).all()
    coffee, empty = images.index("coffee.jpg"), images.index("empty.jpg")
    middle = data.coffee()[:, 100:500]
    expected = cv2.resize(middle, (112, 112), interpolation=cv2.INTER_AREA).astype(float)
    assert np.abs(result.crops[coffee] - expected).mean() < 8
    assert not result.crops[empty].any()
    assert np.isnan(result.matrix[empty]).all()


def test_finished_work_is_taken_as_it_is(done, monkeypatch):
    root, _, _ = done
    before = {name: (root / "out" / name).stat().st_mtime_ns for name in NAMES}
    monkeypatch.setattr(faceparts, "UprightMesh", None)  # any work would fail
    summary = find_faces(root / "photos", root / "out", strict=False)
    assert summary.reused
    assert (summary.found, summary.unreadable) == (4, 4)
    assert before == {name: (root / "out" / name).stat().st_mtime_ns for name in NAMES}
    assert sorted(path.name for path in (root / "out").iterdir()) == sorted(NAMES)


def test_interrupted_work_is_resumed_to_the_same_bytes(done, tmp_path, monkeypatch):
    root, _, _ = done
    monkeypatch.setattr("twinlib.parts.resumed.CHUNK", 2)
    seen = []

    class Stops(UprightMesh):
        def detect(self, image):
            seen.append(image.shape)
            if len(seen) == 4:
                raise KeyboardInterrupt
            return super().detect(image)

    with monkeypatch.context() as patch:
        patch.setattr(faceparts, "UprightMesh", Stops)
        with pytest.raises(KeyboardInterrupt):
            find_faces(root / "photos", tmp_path, workers=1)
    assert not (tmp_path / "faces.json").exists()
    with pytest.raises(InputError, match="twinlib landmarks"):
        read_faces(tmp_path)
    assert find_faces(root / "photos", tmp_path, workers=1, strict=False).found == 4
    for name in NAMES:
        assert (tmp_path / name).read_bytes() == (root / "out" / name).read_bytes(), name


def test_other_settings_and_other_photographs_are_done_anew(done, tmp_path):
    root, _, _ = done
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.write(root / "photos" / "near.jpg", "near.jpg")
    assert find_faces(tmp_path / "z.zip", tmp_path / "out", size=64).found == 1
    assert read_faces(tmp_path / "out").crops.shape == (1, 64, 64, 3)
    assert not find_faces(tmp_path / "z.zip", tmp_path / "out", size=112).reused
    assert read_faces(tmp_path / "out").crops.shape == (1, 112, 112, 3)
    with zipfile.ZipFile(tmp_path / "z.zip", "a") as archive:
        archive.write(root / "photos" / "empty.jpg", "empty.jpg")
    assert find_faces(tmp_path / "z.zip", tmp_path / "out", strict=False).images == 2


@pytest.fixture
def dataset(done, tmp_path):
    """A data set of two images with its result."""
    root, _, _ = done
    folder = tmp_path / "set"
    (folder / "images").mkdir(parents=True)
    for name in ("near.jpg", "coffee.jpg"):
        (folder / "images" / name).write_bytes((root / "photos" / name).read_bytes())
    rows = {"image": ["z", "a"], "path": ["images/near.jpg", "images/coffee.jpg"], "subject": "s-a", "family": "s"}
    pd.DataFrame(rows | {"split": "train", "relation": "single"}).to_csv(folder / "manifest.csv", index=False)
    find_faces(folder)
    return folder


def test_data_set_result_follows_its_manifest(dataset):
    result = read_faces(dataset)
    assert result.frame["image"].tolist() == ["z", "a"]
    assert result.frame["status"].tolist() == ["found", "not_found"]
    record = json.loads((dataset / "aligned" / "faces.json").read_text())
    assert record["manifest_sha256"] == read_manifest(dataset).sha256
    assert record["npz_sha256"] == files.sha256(dataset / "aligned" / "faces.npz")
    assert record["detector"]["name"] == "mediapipe FaceMesh"


def test_stale_partial_and_damaged_results_are_refused(dataset):
    with (dataset / "manifest.csv").open("a") as file:
        file.write("b,images/near.jpg,s-a,s,train,single\n")
    with pytest.raises(InputError, match=r"another manifest\.csv.*Run `twinlib landmarks set`"):
        read_faces(dataset)
    find_faces(dataset, limit=2)
    with pytest.raises(InputError, match="wanted 3 rows everywhere"):
        read_faces(dataset)
    find_faces(dataset)
    (dataset / "aligned" / "faces.npz").write_bytes(b"damaged")
    with pytest.raises(InputError, match="not the file that"):
        read_faces(dataset)
    assert not find_faces(dataset).reused
    crops = (dataset / "aligned" / "crops.npy").read_bytes()
    for damaged in (crops[: len(crops) // 2], b"", b"damaged"):
        (dataset / "aligned" / "crops.npy").write_bytes(damaged)
        with pytest.raises(InputError, match=r"crops\.npy is damaged.*Remove it and run `twinlib landmarks set`"):
            read_faces(dataset)
    (dataset / "aligned" / "crops.npy").unlink()
    with pytest.raises(InputError, match=r"crops\.npy does not exist"):
        read_faces(dataset)


def test_photographs_are_left_alone(done, tmp_path, monkeypatch):
    root, _, _ = done
    monkeypatch.setenv("TWINLIB_BUILD", str(tmp_path))
    summary = find_faces(root / "photos" / "near.jpg")
    assert summary.folder == tmp_path / "data" / "near" / "aligned"
    assert not (root / "photos" / "aligned").exists()
    assert read_faces(tmp_path / "data" / "near").frame["image"].tolist() == ["near.jpg"]


def test_refusals(done, tmp_path):
    root, _, _ = done
    with pytest.raises(InputError, match="at least 16"):
        find_faces(root / "photos", tmp_path, size=4)
    with pytest.raises(InputError, match="does not exist"):
        find_faces(tmp_path / "nowhere", tmp_path)


def test_too_many_unreadable_images_are_an_error_once_the_result_is_written(done):
    root = done[0]  # where the result is there already
    with pytest.raises(InputError, match=r"4 of 9 images cannot be read.*dangling\.png does not exist"):
        find_faces(root / "photos", root / "out")
    assert len(read_faces(root / "out").frame) == 9
