import numpy as np
import pytest

from syntwins.cover.canvas import Canvas, bump, colours, lay, raster, runs, smooth_noise, spline

SQUARE = np.array([[10.0, 12.0], [30.0, 12.0], [30.0, 20.0], [10.0, 20.0]])


def drawn(alpha, rgb=(1.0, 0.5, 0.0)):
    layer = np.zeros((*alpha.shape, 4), np.float32)
    lay(layer, alpha, colours(np.array(rgb)), alpha, alpha)
    return layer


def test_a_filled_shape_keeps_its_place_and_its_area():
    canvas = Canvas(SQUARE, 48)
    opacity, paint = canvas.shrink(drawn(canvas.fill([SQUARE])))
    assert opacity.shape == (48, 48)
    assert opacity.sum() == pytest.approx(20 * 8, rel=0.15)  # OpenCV counts the samples on the outline
    y, x = np.nonzero(opacity > 0.5)
    assert (x.mean(), y.mean()) == pytest.approx((19.5, 15.5), abs=0.6)
    np.testing.assert_allclose(paint, opacity[..., None] * [1, 0.5, 0], atol=1e-6)


def test_a_curve_inside_a_curve_is_a_hole():
    canvas = Canvas(SQUARE, 48)
    inner = SQUARE.mean(0) + 0.5 * (SQUARE - SQUARE.mean(0))
    ring, whole = canvas.fill([SQUARE, inner]), canvas.fill([SQUARE])
    assert ring.sum() == pytest.approx(0.75 * whole.sum(), rel=0.15)


def test_thin_strokes_are_faint_and_hidden_ones_are_not_drawn():
    line, canvas = np.linspace([4.0, 20.0], [40.0, 20.0], 12), Canvas(np.array([[0.0, 10.0], [47.0, 30.0]]), 48)
    everywhere = np.ones(12, bool)
    thin, thick = (canvas.stroke(line, everywhere, width).sum() for width in (0.25, 2.0))
    assert 4 < thick / thin < 16
    assert canvas.stroke(line, ~everywhere, 2.0).max() == 0


def test_paint_lies_over_paint():
    layer = drawn(np.full((2, 2), 0.5, np.float32), (1, 1, 1))
    lay(layer, np.full((2, 2), 0.5, np.float32), colours(np.zeros(3)), layer[..., 0], layer[..., 0])
    np.testing.assert_allclose(layer[..., 0], 0.75)
    np.testing.assert_allclose(layer[..., 1:], 0.25)


def test_two_visible_points_are_a_speck():
    visible = np.array([1, 1, 0, 1, 1, 1, 0, 0, 1, 1, 1, 1], bool)
    assert [(run.start, run.stop) for run in runs(visible)] == [(3, 6), (8, 12)]


def test_the_nearest_triangle_wins():
    points = np.array([[0, 0, 1], [8, 0, 1], [0, 8, 1], [0, 0, 2], [8, 0, 2], [0, 8, 2]], float)
    triangle, weights = raster(points, np.array([[0, 1, 2], [3, 4, 5]], np.int32), (8, 8))
    assert set(np.unique(triangle)) == {-1, 1}
    assert weights[triangle == 1].min() >= 0


def test_the_spline_goes_through_its_knots():
    knots = np.array([0.0, 3.0, 1.0, 2.0])
    np.testing.assert_allclose((spline(4, 31) @ knots)[::10], knots, atol=1e-12)


def test_noise_and_bump_have_the_size_that_they_say():
    noise = smooth_noise(np.random.default_rng(0), (40, 40), (200, 200))
    assert 0.5 < noise.std() < 1.1
    assert bump(np.array([0.0, 2.0, 10.0])) == pytest.approx([1, 0.04, 0], abs=1e-3)
