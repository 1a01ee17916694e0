import numpy as np

from twinlib.data.syntwins import parts


def test_every_part_uses_all_its_vertices_but_poles():
    for part in (parts.eyeball(), parts.teeth(), parts.ear(), parts.neck()):
        assert set(part.faces.ravel().tolist()) == set(range(len(part.points)))
        assert len(part.material) == len(part.faces)


def test_the_eyeball_is_a_unit_sphere_looking_at_the_camera():
    points = parts.eyeball().points
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 1)
    np.testing.assert_allclose(np.hypot(*parts.eyeball_angles().T), np.arccos(points[:, 2]), atol=1e-7)


def test_the_back_edge_of_the_ear_stands_off_the_head():
    ear = parts.ear().points[-20:]  # its rim
    assert ear[ear[:, 2].argmin(), 0] > ear[ear[:, 2].argmax(), 0] + 0.5
