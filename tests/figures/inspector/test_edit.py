import numpy as np
import pytest

from twinlib.data.manifest import read_manifest
from twinlib.errors import InputError
from twinlib.faces.find import read_faces
from twinlib.faces.images import read_image
from twinlib.figures.inspector import edit

BOXES = np.array([[0.1, 0.2, 0.5, 0.4], [0.3, 0.4, 0.6, 0.7], [0.3, 0.7, 0.7, 0.9], [0.2, 0.8, 0.9, 1.0]])


@pytest.fixture
def face():
    return edit.Face(np.random.default_rng(0).integers(0, 255, (40, 40, 3), np.uint8), BOXES)


def test_flip_moves_pixels_and_boxes_together(face):
    once = edit.flipped(face)
    np.testing.assert_array_equal(once.crop[:, 0], face.crop[:, -1])
    np.testing.assert_allclose(once.boxes[0], [0.5, 0.2, 0.9, 0.4])
    twice = edit.flipped(once)
    np.testing.assert_array_equal(twice.crop, face.crop)
    np.testing.assert_allclose(twice.boxes, face.boxes)


def test_occluder_covers_its_square_and_nothing_else(face):
    covered = edit.occluded(face, 0.5, 0.25, 0.5).crop
    assert (covered[0:20, 10:30] == edit.GREY).all()
    changed = (covered != face.crop).any(axis=2)
    changed[0:20, 10:30] = False
    assert not changed.any()
    np.testing.assert_array_equal(edit.occluded(face, 0.5, 0.5, 0).crop, face.crop)


def test_same_factors_draw_the_same_bytes_and_others_do_not(smoke_set):
    manifest = read_manifest(smoke_set)
    row = manifest.images.iloc[3]
    stored = read_image(manifest.root / row["path"])
    np.testing.assert_array_equal(edit.rerendered(manifest, row["image"]), stored)
    np.testing.assert_array_equal(edit.rerendered(manifest, row["image"], yaw=float(row["yaw"]), marks=1), stored)
    for change in ({"yaw": 40}, {"age_gap": 12}, {"marks": 8}, {"asymmetry_cm": 0.2}):
        assert (edit.rerendered(manifest, row["image"], **change) != stored).any(), change


@pytest.mark.parametrize("name", ["portrait.jpg", "f9999-a-00", "f0000-z-00", "f0000-a-x"])
def test_names_of_other_pictures_are_refused(smoke_set, name):
    with pytest.raises(InputError, match=name):
        edit.rerendered(read_manifest(smoke_set), name)


def test_alignment_is_the_landmark_steps_own(smoke_set):
    manifest, faces = read_manifest(smoke_set), read_faces(smoke_set)
    row = int(np.flatnonzero(faces.frame["status"] == "found")[0])
    face = edit.aligned(manifest.root / manifest.images["path"][row])
    np.testing.assert_array_equal(face.crop, faces.crops[row])
    np.testing.assert_allclose(face.boxes, faces.boxes[row], atol=1e-6)


def test_a_picture_without_a_face_is_flagged():
    face = edit.aligned(np.full((64, 64, 3), 200, np.uint8))
    assert not face.found
    assert face.crop.shape == (112, 112, 3)
