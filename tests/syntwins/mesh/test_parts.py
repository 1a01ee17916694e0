import numpy as np

from syntwins.mesh import parts


def test_every_part_uses_all_its_vertices_but_poles():
    for part in (parts.eyeball(), parts.teeth(), parts.ear(), parts.neck()):
        assert set(part.faces.ravel().tolist()) == set(range(len(part.points)))
        assert len(part.material) == len(part.faces)


def test_the_eyeball_is_a_unit_sphere_looking_at_the_camera():
    points = parts.eyeball().points
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 1)
    np.testing.assert_allclose(np.hypot(*parts.eyeball_angles().T), np.arccos(points[:, 2]), atol=1e-7)


def test_the_back_edge_of_the_ear_stands_off_the_head():
    ear = parts.ear().points.reshape(-1, parts.EAR_COLUMNS, 3)[parts.EAR_RINGS.argmax()]  # its outline
    assert ear[ear[:, 2].argmin(), 0] > ear[ear[:, 2].argmax(), 0] + 0.5


def test_the_ear_has_a_rim_around_a_dark_hollow():
    rings = parts.ear().points.reshape(len(parts.EAR_RINGS), parts.EAR_COLUMNS, 3)
    shade = parts.ear_shade().reshape(rings.shape[:2])
    behind = rings[8, :, 2].argmin()
    hollow, rim = rings[1, behind], rings[8, behind]
    assert rim[0] > hollow[0] + 0.8
    assert shade[8, behind] > 2 * shade[1, behind]
    brows, nose = 2.2, -4.7
    assert rings[..., 1].max() < brows
    assert abs(rings[..., 1].min() - nose) < 0.5


def test_the_ears_triangles_look_outwards():
    ear = parts.ear()
    a, b, c = ear.points[ear.faces[: 2 * parts.EAR_COLUMNS * 6]].transpose(1, 0, 2)  # inside of the rim
    assert np.cross(b - a, c - a).sum(0)[0] > 0


def test_vertices_belong_to_locks_that_differ():
    grid, part = parts.curtain_grid()
    assert set(part.faces.ravel().tolist()) == set(range(len(grid)))
    outer = grid[grid[:, 4] == 0]
    assert len(np.unique(outer[:, 3])) == len(np.unique(outer[:, 0])) > 20
    np.testing.assert_allclose(outer[:, 1].sum(), 0, atol=1e-9)
