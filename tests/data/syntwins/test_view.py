import numpy as np

from twinlib.data.syntwins import regions as at
from twinlib.data.syntwins.camera import rotation
from twinlib.data.syntwins.mesh import head
from twinlib.data.syntwins.view import LIT, face_hull, look_at

SIZE, SCALE = 120, 6.0
FACE = head().mean[: at.FACE]


def seen_from(matrix):
    """Landmarks of the mean face, px, and the function that projects."""
    axes = (matrix.T @ [[SCALE, 0], [0, -SCALE], [0, 0]]).T
    see = lambda points: (points @ axes.T + SIZE / 2, np.ones(len(points), bool))  # noqa: E731
    return axes, see


def test_axes_are_those_of_the_camera():
    for yaw in (0.0, 35.0):
        axes, see = seen_from(rotation(yaw, 0.0, 0.0))
        picture = np.full((SIZE, SIZE, 3), 0.5, np.float32)
        view = look_at(picture, see(FACE)[0], FACE, see)
        np.testing.assert_allclose(view.axes, axes, atol=1e-6)
        np.testing.assert_allclose(view.towards, np.cross(axes[1], axes[0]) / SCALE**2, atol=1e-6)


def test_light_is_read_from_the_skin():
    """A face lit from its left is bright there; an evenly lit one tells no direction."""
    _, see = seen_from(np.eye(3))
    landmarks = see(FACE)[0]
    even = look_at(np.full((SIZE, SIZE, 3), 0.5, np.float32), landmarks, FACE, see)
    assert abs(even.to_light[0]) < 0.05
    ramp = np.repeat(np.linspace(0.3, 0.7, SIZE, dtype=np.float32)[None, :, None], SIZE, 0).repeat(3, 2)
    lit = look_at(ramp, landmarks, FACE, see)
    assert lit.to_light[0] > 0.2
    left, right = lit.lit(np.array([[1.0, 0, 0], [-1.0, 0, 0]]))
    assert left > 1.2 * right
    assert set(LIT) < set(range(at.FACE))


def test_the_hull_holds_every_landmark():
    landmarks = seen_from(np.eye(3))[1](FACE)[0]
    hull, inside = face_hull(landmarks, SIZE), (landmarks > 3).all(1) & (landmarks < SIZE - 3).all(1)
    x, y = np.round(landmarks[inside]).astype(int).T
    assert np.percentile(hull[y, x], 5) == 1  # corners end within a pixel
    assert hull[0, 0] == hull[0, -1] == 0
