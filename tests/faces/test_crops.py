import io

import numpy as np
import pytest
from PIL import Image

from twinlib.errors import InputError
from twinlib.faces.align import CANONICAL_BOXES, TEMPLATE_112, five_points, region_boxes, similarity, transform
from twinlib.faces.crops import by_detector, by_points, crops_of, whole
from twinlib.faces.detect.landmarks import POINTS, Detection


def picture(width=120, height=120):
    """A smooth picture: red rises to the right, green downwards."""
    y, x = np.mgrid[:height, :width]
    return np.stack([2 * x, 2 * y, np.full_like(x, 7)], axis=2).astype(np.uint8)


def png(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def test_whole_crops_are_passed_and_others_refused():
    pixels = picture(112, 112)
    assert whole(pixels, "a", 112) is pixels
    with pytest.raises(InputError, match=r"a.png has 120 × 112 px; .* 112 × 112 px. Add --align landmarks"):
        whole(picture(120, 112), "a.png", 112)


def test_points_land_on_the_template():
    shifted = TEMPLATE_112 + np.array([5, 3])
    crop = by_points(picture(), shifted, 112)
    np.testing.assert_array_equal(crop[:100, :100], picture()[3:103, 5:105])


def face(rng):
    """478 points, all of them inside the picture."""
    return (rng.uniform(20, 100, (POINTS, 2))).astype(np.float32)


def test_a_found_face_gives_its_own_boxes():
    landmarks = face(np.random.default_rng(0))
    crop = by_detector(picture(), 112, lambda _: Detection(landmarks, 1, "whole", ""))
    assert crop.found
    assert not np.allclose(crop.boxes, CANONICAL_BOXES)
    assert crop.pixels.shape == (112, 112, 3)
    matrix = similarity(five_points(landmarks).astype(float), TEMPLATE_112)
    np.testing.assert_allclose(crop.boxes, region_boxes(transform(landmarks.astype(float), matrix), 112), atol=1e-6)


def test_without_a_face_the_middle_is_taken_and_flagged():
    nothing = Detection(np.full((POINTS, 2), np.nan, np.float32), 0, "", "no face found")
    crop = by_detector(picture(112, 112), 112, lambda _: nothing)
    assert not crop.found
    np.testing.assert_array_equal(crop.pixels, picture(112, 112))
    np.testing.assert_array_equal(crop.boxes, CANONICAL_BOXES)


def test_crops_come_in_the_order_of_the_names():
    stored = {"a": png(picture(112, 112)), "b": png(255 - picture(112, 112))}
    found = list(crops_of(["b", "a"], stored.__getitem__, 112))
    np.testing.assert_array_equal(found[1].pixels, picture(112, 112))
    assert all(crop.found for crop in found)
    given = list(crops_of(["a"], stored.__getitem__, 112, "points", {"a": TEMPLATE_112}))
    np.testing.assert_array_equal(given[0].pixels, picture(112, 112))
    with pytest.raises(InputError, match="b has no five points"):
        list(crops_of(["b"], stored.__getitem__, 112, "points", {"a": TEMPLATE_112}))
    with pytest.raises(InputError, match="c is not an image"):
        list(crops_of(["c"], lambda _: b"no image", 112))


def test_all_images_that_cannot_be_read_are_counted():
    stored = {"1.png": png(picture(112, 112)), "2.png": b"", "3.png": png(picture(112, 112)), "4.png": b"text"}
    crops = crops_of([*stored], stored.__getitem__, 112)
    assert next(crops).found
    with pytest.raises(
        InputError, match=r"2 of 4 images cannot be read\. The first: 2\.png is empty.*4\.png is not an"
    ):
        list(crops)
    with pytest.raises(InputError, match=r"^2\.png is empty"):
        list(crops_of(["2.png"], stored.__getitem__, 112))
