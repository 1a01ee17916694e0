import numpy as np
import pytest
from seen_photos import portrait, turned

from twinlib.faces.align import TEMPLATE_112, template
from twinlib.faces.detect.search import Found, find
from twinlib.faces.detect.yunet import YuNet
from twinlib.verify.recognise import pair_facts
from twinlib.verify.recognise.pair_facts import look

cv2 = pytest.importorskip("cv2")


def placed(points, **known):
    return Found(points, np.array([0.0, 0, 50, 50]), 0.9, **known)


def test_a_face_on_the_template_is_its_own_crop():
    pixels = np.random.default_rng(0).integers(0, 256, (112, 112, 3), np.uint8)
    crop, seen = look(pixels, placed(TEMPLATE_112, margin=0.1, faces=2))
    np.testing.assert_array_equal(crop, pixels)
    assert seen.span == pytest.approx(112)
    assert (seen.outside, seen.faces, seen.score, seen.margin, seen.turn) == (0, 2, 0.9, 0.1, 0)


@pytest.mark.parametrize("scale", [0.25, 0.5, 2.0])
def test_span_is_the_side_of_the_crop_in_pixels_of_the_photo(scale):
    pixels = np.zeros((300, 300, 3), np.uint8)
    assert look(pixels, placed(TEMPLATE_112 * scale + 20))[1].span == pytest.approx(112 * scale)


@pytest.mark.parametrize(("left", "share"), [(28, 0.25), (56, 0.5)])
def test_what_lies_outside(left, share):
    pixels = np.zeros((112, 112 - left, 3), np.uint8)
    assert look(pixels, placed(TEMPLATE_112 - [left, 0]))[1].outside == pytest.approx(share, abs=0.02)


def test_turned_is_zero_from_the_front_and_one_at_an_eye():
    points = template(112).copy()
    points[2] = points[:2].mean(0) + np.array([0, 20])
    assert pair_facts.turned(points) == pytest.approx(0, abs=0.01)
    points[2] = points[1] + [0, 20]
    assert pair_facts.turned(points) == pytest.approx(1, abs=0.02)
    rotation = np.array([[0.6, -0.8], [0.8, 0.6]])
    assert pair_facts.turned(points @ rotation.T * 3 + 7) == pytest.approx(pair_facts.turned(points))


def test_sharpness_falls_with_blur_but_not_with_contrast():
    photo, detector = portrait(), YuNet()
    found = find(photo, detector)
    sharp = [look(picture, found)[1].sharpness for picture in (photo, photo // 2, cv2.GaussianBlur(photo, (0, 0), 3))]
    assert sharp[1] == pytest.approx(sharp[0], rel=0.1)
    assert sharp[2] < sharp[0] / 10


def test_turn_says_how_the_photo_comes_upright():
    photo, detector = portrait(), YuNet()
    for k in range(4):
        lying = turned(photo, k)
        found = find(lying, detector)
        crop, seen = look(lying, found)
        assert seen.turn == -k % 4
        assert np.abs(crop.astype(int) - look(photo, find(photo, detector))[0]).mean() < 12
