from dataclasses import replace

import numpy as np
import pytest
from seen_photos import portrait, turned

from twinlib.faces.detect.landmarks import POINTS, Detection, FaceMeshDetector
from twinlib.faces.detect.search import find
from twinlib.faces.detect.upright import UprightMesh
from twinlib.faces.detect.yunet import YuNet

cv2 = pytest.importorskip("cv2")
pytest.importorskip("mediapipe")


@pytest.fixture(scope="module")
def mesh():
    with UprightMesh() as made:
        yield made


@pytest.fixture(scope="module")
def wanted():
    with FaceMeshDetector() as detector:
        return detector.detect(portrait())


def test_an_upright_photo_gives_what_face_mesh_gives(mesh, wanted):
    found = mesh.detect(portrait())
    np.testing.assert_array_equal(found.landmarks, wanted.landmarks)
    assert (found.attempt, found.faces, found.reason) == (wanted.attempt, wanted.faces, wanted.reason)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_a_photo_that_was_turned_gives_the_same_points_turned(mesh, wanted, k):
    found = mesh.detect(turned(portrait(), k))
    x, y = found.landmarks.T
    last = 511
    back = {1: (last - y, x), 2: (last - x, last - y), 3: (y, last - x)}[k]
    np.testing.assert_allclose(np.stack(back, 1), wanted.landmarks, atol=0.01)
    assert found.attempt == f"{wanted.attempt}, turned by {90 * (-k % 4)}°"


def test_a_small_face_is_looked_at_in_a_window(mesh, wanted):
    photo = cv2.resize(portrait(), (160, 160), interpolation=cv2.INTER_AREA)
    canvas = np.full((2400, 3600, 3), 127, np.uint8)
    canvas[700:860, 2900:3060] = photo
    found = mesh.detect(canvas)
    np.testing.assert_allclose(found.landmarks, wanted.landmarks * 160 / 512 + [2900, 700], atol=4)


def test_another_face_than_yunets_is_not_taken(monkeypatch, mesh):
    """FaceMesh points at a corner: it is asked again around the face that YuNet saw."""
    asked = []

    def detect(self, image):
        asked.append(image.shape)
        points = np.random.default_rng(0).uniform(0, 40, (POINTS, 2)).astype(np.float32)
        return Detection(points + (0 if len(asked) == 1 else 236), 1, "whole", "")

    monkeypatch.setattr(FaceMeshDetector, "detect", detect)
    found, face = mesh.see(portrait())
    assert asked == [(512, 512, 3), (512, 512, 3)]
    assert found.attempt == "window"
    assert np.linalg.norm(found.landmarks.mean(0) - face.points.mean(0)) < 20


def test_what_yunet_does_not_see_is_asked_as_it_is(monkeypatch, mesh, wanted):
    monkeypatch.setattr(YuNet, "detect", lambda self, window: np.zeros((0, 15)))
    found, face = mesh.see(portrait())
    assert face is None
    np.testing.assert_array_equal(found.landmarks, wanted.landmarks)


def test_rendered_faces_stay_as_they_are(smoke_set):
    """Aligned crops of rendered sets do not change: they are upright, and YuNet knows it."""
    from twinlib.data.manifest import read_manifest
    from twinlib.faces.images import read_image

    paths, detector = read_manifest(smoke_set).images["path"], YuNet()
    turns = [face.turn for path in paths[::8] if (face := find(read_image(smoke_set / path), detector))]
    assert len(turns) >= 10
    assert set(turns) == {0}


def test_nothing_is_found_in_nothing(mesh):
    found = mesh.detect(np.full((90, 120, 3), 127, np.uint8))
    assert not found.found
    assert replace(found).reason == "no face found"
