import numpy as np

from syntwins.mesh.camera import CENTRE, camera_at, rotation, turn


def test_rotations_are_rotations_in_the_stated_order():
    matrix = rotation(20.0, -10.0, 30.0)
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(
        matrix, rotation(0.0, 0.0, 30.0) @ rotation(0.0, -10.0, 0.0) @ rotation(20.0, 0.0, 0.0), atol=1e-12
    )
    assert rotation(30.0, 0.0, 0.0)[0, 2] > 0  # yaw > 0 turns the face to the image's right


def test_the_head_stays_in_the_middle_and_its_size_does_not_depend_on_the_distance():
    for distance in (70.0, 130.0):
        matrix = rotation(35.0, 10.0, 5.0)
        camera = camera_at(distance, matrix, 160)
        np.testing.assert_allclose(camera.project(turn(CENTRE[None], matrix))[0, :2], [80, 80])
        x, y = camera.shift
        beside = camera.project(np.array([[x, y, 0.0], [x + 1.0, y, 0.0]]))
        assert abs(beside[1, 0] - beside[0, 0] - 160 * 0.0455) < 1e-9


def test_nearer_points_have_a_larger_inverse_depth():
    camera = camera_at(100.0, np.eye(3), 160)
    near, far = camera.project(np.array([[0, 0, 5.0], [0, 0, -5.0]]))[:, 2]
    assert near > far
