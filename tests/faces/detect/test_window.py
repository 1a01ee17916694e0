from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinlib.faces.align import TEMPLATE_112, transform, warp
from twinlib.faces.detect.window import around, cut, share_outside, tiled, turned


@pytest.fixture
def picture():
    return np.random.default_rng(0).integers(0, 256, (37, 53, 3), np.uint8)


@pytest.mark.parametrize("k", range(4))
def test_a_pixel_is_where_the_turned_matrix_says(picture, k):
    height, width = picture.shape[:2]
    identity = np.array([[1.0, 0, 0], [0, 1, 0]])
    other = np.rot90(picture, k)
    for x, y in ((0, 0), (width - 1, 0), (5, 20), (width - 1, height - 1)):
        u, v = transform(np.array([float(x), float(y)]), turned(identity, k, width, height))
        assert (other[round(v), round(u)] == picture[y, x]).all()


@given(st.floats(0.3, 3), st.floats(-60, 60), st.floats(-60, 60), st.sampled_from(["edge", "black"]))
def test_a_window_is_the_warp_of_the_whole_picture(scale, x, y, outside):
    picture = np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)
    matrix = np.array([[scale, 0.1, x], [-0.1, scale, y]])
    if scale < 0.55:  # what is averaged down first depends on where the part begins
        assert cut(picture, matrix, 32, outside).shape == (32, 32, 3)
        return
    whole = warp(picture, matrix, 32, outside).astype(int)
    corners = transform(np.array([[0.0, 0], [80, 0], [0, 60], [80, 60]]), matrix)
    seen = (corners.max(0) > 0).all() and (corners.min(0) < 32).all()
    if seen or outside == "black":
        assert np.abs(cut(picture, matrix, 32, outside).astype(int) - whole).max() <= 2


def test_only_the_part_that_is_shown_is_touched(monkeypatch):
    import twinlib.faces.detect.window as module

    seen = []
    monkeypatch.setattr(module, "warp", lambda part, matrix, side, outside: seen.append(part.shape) or part[:1, :1])
    cut(np.zeros((3000, 4000, 3), np.uint8), np.array([[0.5, 0, -500.0], [0, 0.5, -400]]), 100)
    assert max(seen[0]) < 220


@pytest.mark.parametrize(("width", "height", "scale"), [(400, 300, 1.0), (4000, 300, 0.5), (50, 2000, 1.3)])
def test_tiles_show_every_pixel_and_overlap(width, height, scale):
    side, overlap = 256, 64
    matrices = tiled(width, height, scale, side, overlap)
    shown = np.zeros((height, width), bool)
    y, x = np.mgrid[:height, :width]
    for matrix in matrices:
        at = transform(np.stack([x, y], -1).astype(float), matrix)
        shown |= ((at > -1) & (at < side)).all(-1)
    assert shown.all()
    starts = sorted({round(matrix[0, 2], 6) for matrix in matrices})
    assert all(b - a == pytest.approx(side - overlap) for a, b in pairwise(starts))


def test_one_window_has_the_picture_in_its_middle():
    [matrix] = tiled(100, 60, 2.0, 256, 256)
    np.testing.assert_allclose(transform(np.array([49.5, 29.5]), matrix), [127.5, 127.5])


def test_targets_are_the_crop_in_the_middle():
    points = around(224, 0.5)
    np.testing.assert_allclose(points, TEMPLATE_112 + 56)


@pytest.mark.parametrize(("shift", "share"), [(0, 0), (28, 0.25), (-56, 0.5), (200, 1)])
def test_share_outside(shift, share):
    matrix = np.array([[1.0, 0, shift], [0, 1, 0]])
    assert share_outside(matrix, 112, 112, 112) == pytest.approx(share, abs=0.03)
