import numpy as np
import pytest
from seen_photos import portrait, turned

from twinlib.faces.align import template
from twinlib.faces.detect import search
from twinlib.faces.detect.search import find
from twinlib.faces.detect.yunet import YuNet
from twinlib.verify.recognise.pair_facts import look
from twinlib.verify.recognise.rules import judged

cv2 = pytest.importorskip("cv2")


@pytest.fixture(scope="module")
def detector():
    return YuNet()


@pytest.fixture(scope="module")
def photo():
    return portrait()


@pytest.mark.parametrize("k", range(4))
def test_the_points_follow_a_photo_that_was_turned(detector, photo, k):
    upright, found = find(photo, detector), find(turned(photo, k), detector)
    assert found.turn == -k % 4
    x, y = found.points.T
    last = 511
    back = {0: (x, y), 1: (last - y, x), 2: (last - x, last - y), 3: (y, last - x)}[k]
    np.testing.assert_allclose(np.stack(back, 1), upright.points, atol=1.0)
    assert found.margin > 0.02


@pytest.mark.parametrize("angle", [-60, -30, 30, 60, 135])
def test_any_angle_between_is_found_too(detector, photo, angle):
    matrix = cv2.getRotationMatrix2D((224.0, 120.0), angle, 1.0)
    found = find(cv2.warpAffine(photo, matrix, (512, 512)), detector)
    wanted = find(photo, detector).points @ matrix[:, :2].T + matrix[:, 2]
    np.testing.assert_allclose(found.points, wanted, atol=3.5)


@pytest.mark.parametrize(("side", "shape"), [(112, (700, 1000)), (60, (300, 1500)), (400, (2500, 900))])
def test_a_small_face_in_a_large_picture(detector, photo, side, shape):
    canvas = np.full((*shape, 3), 127, np.uint8)
    small = cv2.resize(photo[:300, 70:370], (side, side), interpolation=cv2.INTER_AREA)
    y, x = shape[0] // 3, shape[1] // 2
    canvas[y : y + side, x : x + side] = small
    found = find(canvas, detector)
    middle = (find(photo, detector).points.mean(0) - [70, 0]) * side / 300 + [x, y]
    np.testing.assert_allclose(found.points.mean(0), middle, atol=0.03 * side)


@pytest.mark.slow
def test_a_face_of_92_px_in_24_megapixels(detector, photo):
    canvas = np.full((4000, 6000, 3), 127, np.uint8)
    canvas[1000:1512, 4000:4512] = photo
    found = find(canvas, detector)
    np.testing.assert_allclose(found.points - np.array([4000, 1000]), find(photo, detector).points, atol=3)


def test_a_face_that_fills_the_picture(detector, photo):
    found = find(photo[60:190, 170:290], detector)
    np.testing.assert_allclose(found.points - np.array([-170, -60]), find(photo, detector).points, atol=3.5)


def test_there_is_no_face(detector):
    noise = np.random.default_rng(0).integers(0, 256, (300, 200, 3), np.uint8)
    for picture in (noise, np.zeros((1, 1, 3), np.uint8), np.full((5, 3000, 3), 200, np.uint8)):
        assert find(picture, detector) is None


@pytest.mark.parametrize("name", ["camera", "cat", "coffee", "rocket", "coins", "brick"])
def test_pictures_without_a_face_have_none_or_it_is_doubted(detector, name):
    data = pytest.importorskip("skimage.data")
    try:
        picture = getattr(data, name)()
    except Exception as error:
        pytest.skip(f"scikit-image has not got {name} here: {error}")
    picture = np.ascontiguousarray(np.broadcast_to(picture.reshape(*picture.shape[:2], -1), (*picture.shape[:2], 3)))
    found = find(picture, detector)
    assert found is None or judged(look(picture, found)[1])[0] or name == "camera"  # whose photographer has a head


def test_of_two_faces_the_larger_central_one_is_taken_and_both_are_counted(detector, photo):
    face = photo[:300, 70:370]
    canvas = np.full((300, 800, 3), 127, np.uint8)
    canvas[:, 300:600] = face
    canvas[100:250, 20:170] = cv2.resize(face, (150, 150), interpolation=cv2.INTER_AREA)
    found = find(canvas, detector)
    assert found.faces == 2
    assert 400 < found.points[:, 0].mean() < 500


def test_large_pictures_are_looked_at_in_windows_of_bounded_size(monkeypatch):
    sides = []

    def blind(self, window):
        sides.append(window.shape[0])
        return np.zeros((0, 15))

    monkeypatch.setattr(YuNet, "detect", blind)
    assert find(np.zeros((5000, 9000, 3), np.uint8), YuNet()) is None
    assert max(sides) == search.TILE
    assert len(sides) % 4 == 0


def test_points_that_coincide_are_replaced_by_the_box(detector, photo):
    found = find(photo, detector)
    matrix = search._upright(search.Found(np.full((5, 2), 230.0), found.box, 0.9), 160, 0.5)
    inside = found.points @ matrix[:, :2].T + matrix[:, 2]
    assert ((inside > 0) & (inside < 160)).all()
    assert np.abs(inside - (template(112) * 80 / 112 + 40)).max() < 40
