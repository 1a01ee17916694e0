import numpy as np
import pandas as pd
import pytest
import torch
from scipy.spatial.transform import Rotation

from twinlib.data.check import pose
from twinlib.data.manifest import read_manifest
from twinlib.faces import align
from twinlib.faces.find import Faces, read_faces
from twinlib.methods.symface.symface import frontness as in_torch


def seen(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """The mean head, turned by hand and seen from far away."""
    turned = Rotation.from_euler("zxy", [roll, pitch, yaw], degrees=True)
    points = np.full((478, 2), np.nan)
    points[:468] = 80 + 7 * turned.apply(pose._head())[:, :2]
    points[468:] = 80
    return points


@pytest.mark.parametrize("degrees", [(0, 0, 0), (30, 0, 0), (0, -20, 0), (0, 0, 15), (-40, 10, -5)])
def test_angles_of_a_head_turned_by_hand(degrees):
    yaw, pitch, roll = degrees
    found = pose.angles(seen(*degrees))
    np.testing.assert_allclose(np.abs(found), np.abs([yaw, pitch, roll]), atol=0.01)
    five = np.full((478, 2), np.nan)
    places = (align.LEFT_EYE, align.RIGHT_EYE, align.NOSE_TIP, align.MOUTH_CORNERS[:1], align.MOUTH_CORNERS[1:])
    for place, point in zip(places, align.five_points(seen(*degrees)), strict=True):
        five[list(place)] = point
    np.testing.assert_allclose(pose.angles(five), found, atol=0.01)


def test_no_points_no_angles():
    assert np.isnan(pose.angles(np.full((478, 2), np.nan))).all()


def test_angles_follow_those_the_renderer_drew(smoke_set):
    images, faces = read_manifest(smoke_set).images, read_faces(smoke_set)
    found = (faces.frame["status"] == "found").to_numpy()
    for k, (name, least) in enumerate([("yaw", 0.98), ("pitch", 0.6), ("roll", 0.85)]):
        truth, seen_ = images[name].to_numpy()[found], pose.poses(faces)[found, k]
        assert np.corrcoef(truth, seen_)[0, 1] > least, name
    error = np.abs(pose.poses(faces)[found, 0] - images["yaw"].to_numpy()[found])
    assert np.median(error) < 5


def test_frontness_is_that_of_the_loss(smoke_set):
    faces = read_faces(smoke_set)
    five = [align.five_points(points.astype(float)) for points in faces.landmarks]
    moved = np.stack([align.transform(points, matrix) for points, matrix in zip(five, faces.matrix, strict=True)])
    left, right, nose = torch.tensor(moved[:, :3, 0]).T
    np.testing.assert_allclose(pose.frontness(faces), in_torch(left, right, nose).numpy(), atol=1e-6)


def test_frontness_by_hand_and_of_nothing():
    points = np.full((2, 478, 2), np.nan, np.float32)
    places = (align.LEFT_EYE, align.RIGHT_EYE, align.NOSE_TIP, align.MOUTH_CORNERS[:1], align.MOUTH_CORNERS[1:])
    for place, point in zip(places, [(60, 80), (140, 80), (104, 120), (70, 160), (130, 160)], strict=True):
        points[0, list(place)] = point
    frame = pd.DataFrame({"image": ["a", "b"], "status": ["found", "not_found"]})
    nothing = {
        "boxes": np.zeros((2, 4, 4)),
        "canonical": np.ones(2, bool),
        "crops": np.zeros((2, 224, 224, 3), np.uint8),
    }
    faces = Faces(frame, points, np.tile(np.eye(2, 3), (2, 1, 1)), **nothing)
    # 4 px of 224 beside the middle are 2 px of 112: 1 / (1 + 4)
    np.testing.assert_allclose(pose.frontness(faces), [0.2, 0], atol=1e-6)
