import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.spatial.transform import Rotation
from skimage import data

from twinlib.data.check import detector
from twinlib.data.check.detector import alignment
from twinlib.data.check.inventory import take
from twinlib.data.feed.trainset import train_set
from twinlib.data.manifest import read_manifest
from twinlib.faces import align
from twinlib.faces.faceparts import read_points
from twinlib.faces.find import Faces, read_faces
from twinlib.methods.symface.halves import rho_of


@pytest.fixture(scope="module")
def looked(tmp_path_factory):
    root = tmp_path_factory.mktemp("people")
    astronaut = Image.fromarray(data.astronaut())
    near = astronaut.crop((80, 0, 380, 300))
    for name, image in {
        "a/1.png": near,
        "a/2.jpg": near.resize((150, 150)),
        "b/none.png": Image.fromarray(data.brick()[:200, :200]),
        "b/two.png": Image.fromarray(np.hstack([np.asarray(near)] * 2)),
    }.items():
        (root / name).parent.mkdir(exist_ok=True)
        image.save(root / name)
    (root / "b" / "empty.png").touch()
    inventory = take(root)
    return inventory, alignment(inventory, root, root.parent / f"{root.name}-out")


def test_table_follows_the_inventory(looked):
    inventory, result = looked
    status = dict(zip(inventory.table["image"], result.table["status"], strict=True))
    assert status == {
        "a/1.png": "found", "a/2.jpg": "found", "b/empty.png": "unreadable", "b/none.png": "not_found",
        "b/two.png": "found",
    }  # fmt: skip
    assert result.canonical.tolist() == [False, False, True, True, False]


def test_distance_of_the_eyes_is_that_in_the_photograph(looked):
    result = looked[1]
    for i in (0, 1):
        five = align.five_points(result.faces.landmarks[result.rows[i]].astype(float))
        assert result.table["eyes_px"][i] == pytest.approx(np.linalg.norm(five[1] - five[0]), rel=0.15)
    assert result.table["eyes_px"][1] == pytest.approx(result.table["eyes_px"][0] / 2, rel=0.05)
    assert result.table.loc[2:3, "eyes_px"].isna().all()


def test_numbers_and_findings(looked):
    inventory, result = looked
    n = result.numbers()
    assert (n["found"], n["not_found"], n["unreadable"], n["several"], n["canonical_boxes"]) == (3, 1, 1, 1, 2)
    found = {one.what: one for one in result.findings(inventory.table["image"].to_numpy())}
    assert found["pictures without a face that is found"].examples == ("b/none.png",)
    assert found["pictures with several faces"].examples == ("b/two.png: largest central of 2 faces",)


def test_given_points(tmp_path):
    (tmp_path / "in" / "a").mkdir(parents=True)
    Image.fromarray(data.brick()[:112, :112]).save(tmp_path / "in/a/1.png")
    values = ",".join(str(v) for v in align.TEMPLATE_112.ravel())
    (tmp_path / "five.csv").write_text(f"image,lx,ly,rx,ry,nx,ny,mlx,mly,mrx,mry\na/1.png,{values}\n")
    inventory = take(tmp_path / "in")
    result = alignment(inventory, tmp_path / "in", tmp_path / "out", points=read_points(tmp_path / "five.csv"))
    n = result.numbers()
    assert (n["found"], n["given_points"], n["canonical_boxes"]) == (1, 1, 1)
    assert abs(result.table["roll"][0]) < 3


def seen(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """The mean head, turned by hand and seen from far away."""
    turned = Rotation.from_euler("zxy", [roll, pitch, yaw], degrees=True)
    points = np.full((478, 2), np.nan)
    points[:468] = 80 + 7 * turned.apply(detector._head())[:, :2]
    points[468:] = 80
    return points


@pytest.mark.parametrize("degrees", [(0, 0, 0), (30, 0, 0), (0, -20, 0), (0, 0, 15), (-40, 10, -5)])
def test_angles_of_a_head_turned_by_hand(degrees):
    yaw, pitch, roll = degrees
    found = detector.angles(seen(*degrees))
    np.testing.assert_allclose(np.abs(found), np.abs([yaw, pitch, roll]), atol=0.01)
    five = np.full((478, 2), np.nan)
    places = align.FIVE
    for place, point in zip(places, align.five_points(seen(*degrees)), strict=True):
        five[list(place)] = point
    np.testing.assert_allclose(detector.angles(five), found, atol=0.01)


def test_no_points_no_angles():
    assert np.isnan(detector.angles(np.full((478, 2), np.nan))).all()


def test_angles_follow_those_the_renderer_drew(smoke_set):
    images, faces = read_manifest(smoke_set).images, read_faces(smoke_set)
    found = (faces.frame["status"] == "found").to_numpy()
    for k, (name, least) in enumerate([("yaw", 0.98), ("pitch", 0.6), ("roll", 0.85)]):
        truth, seen_ = images[name].to_numpy()[found], detector.poses(faces)[found, k]
        assert np.corrcoef(truth, seen_)[0, 1] > least, name
    error = np.abs(detector.poses(faces)[found, 0] - images["yaw"].to_numpy()[found])
    assert np.median(error) < 5


def test_frontness_is_that_of_the_loss(smoke_set):
    manifest, faces = read_manifest(smoke_set), read_faces(smoke_set)
    data = train_set(manifest, faces)
    np.testing.assert_allclose(detector.frontness(faces)[data.rows], rho_of(data), atol=1e-6)


def test_frontness_by_hand_and_of_nothing():
    points = np.full((2, 478, 2), np.nan, np.float32)
    places = align.FIVE
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
    np.testing.assert_allclose(detector.frontness(faces), [0.2, 0], atol=1e-6)
