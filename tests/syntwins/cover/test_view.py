import numpy as np
import pytest

from syntwins import Nuisance
from syntwins.cover.view import face_hull, first_order, look_at
from syntwins.mesh import regions as at
from syntwins.mesh.camera import rotation
from syntwins.mesh.head import head

SIZE, SCALE = 120, 6.0
FACE = head().mean[: at.FACE]
FRONT = np.array([0.0, 0.0, 1.0])


def seen_from(matrix):
    """Landmarks of the mean face, px, and the function that projects."""
    axes = (matrix.T @ [[SCALE, 0], [0, -SCALE], [0, 0]]).T
    see = lambda points: (points @ axes.T + SIZE / 2, np.ones(len(points), bool))  # noqa: E731
    return axes, see


def test_axes_are_those_of_the_camera():
    for yaw in (0.0, 35.0):
        axes, see = seen_from(rotation(yaw, 0.0, 0.0))
        view = look_at(SIZE, see(FACE)[0], FACE, first_order(Nuisance(), FRONT), see)
        np.testing.assert_allclose(view.axes, axes, atol=1e-6)
        np.testing.assert_allclose(view.towards, np.cross(axes[1], axes[0]) / SCALE**2, atol=1e-6)


def test_first_order_light_has_the_mean_and_the_slope_of_a_lit_sphere():
    """Against the lamp's and the sky's light on ten thousand normals, fitted to 1 and n by least squares."""
    normals = np.random.default_rng(0).standard_normal((10_000, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    lamp = np.array([0.6, 0.0, 0.8])
    falls = 0.4 + 1.3 * np.maximum(0, normals @ lamp)
    fitted = np.linalg.lstsq(np.column_stack([np.ones(len(normals)), normals]), falls, rcond=None)[0]
    light = first_order(Nuisance(light=1.3, ambient=0.4), lamp)
    np.testing.assert_allclose(light / light[0], fitted / fitted[0], atol=0.02)


def test_ordinary_light_is_one_and_exposure_scales_it():
    ordinary = first_order(Nuisance(), FRONT)
    assert 0.8 < ordinary @ [1, *FRONT] < 1.6
    np.testing.assert_allclose(first_order(Nuisance(exposure=2.0), FRONT), 2 * ordinary)


def test_surfaces_towards_the_lamp_are_brighter():
    _, see = seen_from(np.eye(3))
    view = look_at(SIZE, see(FACE)[0], FACE, first_order(Nuisance(), np.array([0.8, 0.0, 0.6])), see)
    assert view.to_light[0] > 0.2
    left, right = view.lit(np.array([[1.0, 0, 0], [-1.0, 0, 0]]))
    assert left > 1.5 * right
    even = look_at(SIZE, see(FACE)[0], FACE, first_order(Nuisance(), FRONT), see)
    assert even.to_light[0] == pytest.approx(0)


def test_the_hull_holds_every_landmark():
    landmarks = seen_from(np.eye(3))[1](FACE)[0]
    hull, inside = face_hull(landmarks, SIZE), (landmarks > 3).all(1) & (landmarks < SIZE - 3).all(1)
    x, y = np.round(landmarks[inside]).astype(int).T
    assert np.percentile(hull[y, x], 5) == 1  # corners end within a pixel
    assert hull[0, 0] == hull[0, -1] == 0
