import builtins
import os

import cv2
import numpy as np
import pandas as pd
import pytest
from skimage import data

from twinlib.errors import InputError
from twinlib.faces import align
from twinlib.faces.detect import landmarks
from twinlib.faces.detect.landmarks import FaceMeshDetector, prominence
from twinlib.faces.find import find_faces, read_faces


@pytest.fixture(scope="module")
def detector():
    with FaceMeshDetector() as detector:
        yield detector


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    return data.astronaut()  # public domain, part of the scikit-image wheel


@pytest.fixture(scope="module")
def whole(detector, astronaut):
    return detector.detect(astronaut)


def test_astronaut_is_found_where_she_is(whole):
    assert (whole.found, whole.faces, whole.attempt, whole.reason) == (True, 1, "whole", "")
    # pupils, nose tip and mouth corners read by eye off the enlarged picture
    by_eye = [(203, 100), (247, 103), (223, 126), (202, 139), (245, 140)]
    np.testing.assert_allclose(align.five_points(whole.landmarks), by_eye, atol=4)


def test_same_picture_same_points_whatever_came_before(detector, astronaut, whole):
    detector.detect(np.ascontiguousarray(astronaut[:200, 120:300]))
    again = detector.detect(astronaut)
    np.testing.assert_array_equal(again.landmarks, whole.landmarks)


@pytest.mark.parametrize(("rows", "columns"), [((0, 512), (80, 370)), ((0, 256), (0, 512)), ((40, 170), (160, 290))])
def test_shape_and_frame_of_the_picture_hardly_matter(detector, astronaut, whole, rows, columns):
    part = np.ascontiguousarray(astronaut[slice(*rows), slice(*columns)])
    moved = detector.detect(part).landmarks + np.array([columns[0], rows[0]])
    assert np.linalg.norm(moved - whole.landmarks, axis=1).mean() < 1.5  # her eyes are 40 px apart


def test_large_picture_gives_the_same_points_in_its_own_pixels(detector, astronaut, whole):
    large = cv2.resize(astronaut, (2048, 2048), interpolation=cv2.INTER_CUBIC)
    found = detector.detect(large)
    assert np.linalg.norm(found.landmarks / 4 - whole.landmarks, axis=1).mean() < 1


def on_grey(astronaut: np.ndarray, side: int) -> np.ndarray:
    canvas = np.full((512, 512, 3), 127, np.uint8)
    canvas[-side:, -side:] = cv2.resize(astronaut, (side, side), interpolation=cv2.INTER_AREA)
    return canvas


@pytest.mark.parametrize(("share", "attempt"), [(0.5, "half"), (0.2, "quarter")])
def test_small_faces_are_found_in_windows(detector, astronaut, whole, share, attempt):
    side = int(512 * share)
    found = detector.detect(on_grey(astronaut, side))
    assert (found.attempt, found.faces) == (attempt, 1)
    expected = whole.landmarks * share + 512 - side
    assert np.linalg.norm(found.landmarks - expected, axis=1).mean() < 2


def test_nothing_is_found_in_textures(detector):
    for picture in (data.brick(), data.grass(), data.gravel(), data.coffee(), np.zeros((50, 70, 3), np.uint8)):
        rgb = np.ascontiguousarray(np.broadcast_to(picture.reshape(*picture.shape[:2], -1), (*picture.shape[:2], 3)))
        found = detector.detect(rgb)
        assert (found.found, found.faces, found.attempt, found.reason) == (False, 0, "", "no face found")
        assert np.isnan(found.landmarks).all()


def test_of_several_faces_the_largest_central_one_is_taken_and_said(detector, astronaut, whole):
    small = cv2.resize(astronaut[:300, 80:380], (150, 150), interpolation=cv2.INTER_AREA)
    both = astronaut[:300, 60:400].copy()
    both[150:, :100] = small[:, 20:120]
    found = detector.detect(both)
    assert (found.faces, found.reason) == (2, "largest central of 2 faces")
    assert np.linalg.norm(found.landmarks + np.array([60, 0]) - whole.landmarks, axis=1).mean() < 2


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (1, 500), (300, 20_000), (20_000, 60)])
def test_odd_shapes_are_looked_at(detector, shape):
    assert not detector.detect(np.full((*shape, 3), 90, np.uint8)).found


def test_a_face_at_the_end_of_a_long_strip(detector, astronaut, whole):
    strip = np.full((512, 3000, 3), 127, np.uint8)
    strip[:, -512:] = astronaut
    found = detector.detect(strip)
    assert np.linalg.norm(found.landmarks - [3000 - 512, 0] - whole.landmarks, axis=1).mean() < 1.5


@pytest.mark.parametrize("window", [(0, 0, 2000, 2000), (-500, -500, 2500, 2500), (100, 40, 400, 340), (-9, -9, 3, 3)])
def test_pixels_of_a_window_know_where_they_are_from(window):
    columns, rows = np.meshgrid(np.arange(2000) / 10, np.arange(1001) / 5)
    picture = np.stack([columns, rows, np.full_like(rows, 255)], axis=-1).round().astype(np.uint8)
    pixels, factor, offset = landmarks._cut(picture, window)
    assert pixels.shape[0] <= landmarks.LONGEST
    y, x = np.nonzero(pixels[..., 2] == 255)
    back = np.column_stack([x, y]) * factor + offset
    np.testing.assert_allclose(back[:, 0] / 10, pixels[y, x, 0], atol=1)
    np.testing.assert_allclose(back[:, 1] / 5, pixels[y, x, 1], atol=1)


def box(x0: float, y0: float, side: float) -> np.ndarray:
    points = np.full((478, 2), (x0, y0), float)
    points[0] += side
    return points


def test_prominence_weighs_size_against_distance():
    faces = np.stack([box(40, 40, 20), box(0, 0, 20), box(0, 0, 60)])
    score = prominence(faces, 100, 100)
    # by hand: centred 20; its middle 40√2 of 50√2 away: 20 · 0.2; 60 with its middle 20√2 away: 60 · 0.6
    np.testing.assert_allclose(score, [20, 4, 36])


def test_a_face_in_two_windows_counts_once():
    faces = np.stack([box(0, 0, 20), box(2, 1, 21), box(50, 50, 20)])
    np.testing.assert_array_equal(landmarks._distinct(faces), faces[[1, 2]])


def test_windows_cover_the_picture():
    for width, height in ((640, 480), (300, 1000), (512, 512)):
        seen = np.zeros((height, width), int)
        for _, windows in list(landmarks._looks(width, height))[2:]:
            for x0, y0, x1, y1 in windows:
                assert 0 <= x0 < x1 <= width
                assert 0 <= y0 < y1 <= height
                seen[y0:y1, x0:x1] += 1
        assert seen.min() >= 2  # by the halves and by the quarters


def test_mediapipe_says_nothing_on_standard_error(astronaut, capfd):
    with FaceMeshDetector() as fresh:
        fresh.detect(on_grey(astronaut, 256))
    os.write(2, b"still open")
    assert capfd.readouterr().err == "still open"


def test_missing_mediapipe_names_the_extra(monkeypatch):
    real = builtins.__import__

    def without(name, *rest, **named):
        if name == "mediapipe":
            raise ImportError(name)
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InputError, match=r"pip install 'twinlib\[landmarks\]'"):
        FaceMeshDetector()


@pytest.mark.data
def test_real_photographs(shared_data, tmp_path):
    """60 photographs of LFW: found, and the five points where another detector saw them."""
    summary = find_faces(shared_data / "lfw" / "lfw112_folds01-07.zip", tmp_path, limit=60)
    assert summary.found >= 59  # all of 5,367 were found when this was written
    result = read_faces(tmp_path)
    given = pd.read_csv(shared_data / "lfw" / "landmarks5_folds01-07.csv").set_index("image")
    columns = [f"{point}{axis}_112" for point in ("le", "re", "no", "ml", "mr") for axis in ("x", "y")]
    wanted = given.loc[result.frame["image"], columns].to_numpy().reshape(-1, 5, 2)
    points = np.stack([align.five_points(one) for one in result.landmarks])
    assert np.nanmedian(np.linalg.norm(points - wanted, axis=2)) < 2  # 1.4 over all


@pytest.mark.slow
def test_rendered_faces_are_found_where_they_are(tmp_path):
    """The renderer knows where its landmarks are; the detector never sees that."""
    syntwins = pytest.importorskip("syntwins")
    none = syntwins.Families(mz=0, dz=0, sibling=0, images=1)
    families = syntwins.Families(mz=4, dz=0, sibling=0, images=4)
    config = syntwins.SetConfig(name="tiny", train=families, validation=none, test=none, seed=3)
    folder = syntwins.synthesise(config, tmp_path / "tiny", workers=1)
    summary = find_faces(folder, workers=1)
    assert summary.images == 32
    assert summary.found >= 30  # 240 of 240 in the set `smoke` when this was written
    found = read_faces(folder).landmarks[:, :468]
    with np.load(folder / "truth.npz") as truth:
        true = truth["landmarks"]
    eyes = np.linalg.norm(true[:, 33] - true[:, 263], axis=1)
    error = np.median(np.linalg.norm(found - true, axis=2), axis=1) / eyes
    assert np.nanmedian(error) < 0.04  # 0.028 in `smoke`
