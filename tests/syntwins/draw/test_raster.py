import numpy as np

from syntwins.draw.raster import rasterise, vertex_normals


def draw(points, faces, size, two_sided=False):
    depth, triangle = np.zeros((size, size), np.float32), np.full((size, size), -1, np.int32)
    weights = np.zeros((size, size, 2), np.float32)
    rasterise(points, faces.astype(np.int32), np.full(len(faces), two_sided), depth, triangle, weights)
    return depth, triangle, weights


def draw_slowly(points, faces, size):
    """Every pixel centre against every triangle, by signs of three cross products."""
    nearest, number = np.zeros((size, size)), np.full((size, size), -1)
    cross = lambda p, q: p[0] * q[1] - p[1] * q[0]  # noqa: E731
    for y, x in np.ndindex(size, size):
        p = np.array([x + 0.5, y + 0.5])
        for f, face in enumerate(faces):
            a, b, c = points[face, :2]
            w = np.array([cross(b - p, c - p), cross(c - p, a - p), cross(a - p, b - p)])
            if (w < 0).all() or (w > 0).all():
                depth = (w / w.sum()) @ points[face, 2]
                if depth > nearest[y, x]:
                    nearest[y, x], number[y, x] = depth, f
    return nearest, number


def test_agrees_with_a_slow_reference():
    rng = np.random.default_rng(0)
    points = np.column_stack([rng.uniform(-3, 27, (36, 2)), rng.uniform(0.01, 0.02, 36)])
    faces = rng.permutation(36).reshape(12, 3)
    depth, triangle, _ = draw(points, faces, 24, two_sided=True)
    nearest, number = draw_slowly(points, faces, 24)
    np.testing.assert_array_equal(triangle, number)
    np.testing.assert_allclose(depth, nearest, rtol=1e-5)


def test_weights_are_perspective_correct():
    distance = np.array([50.0, 100.0, 80.0])
    points = np.column_stack([[1, 18, 6], [2, 5, 19], 1 / distance])
    _, triangle, weights = draw(points, np.array([[0, 1, 2]]), 20, two_sided=True)
    y, x = np.argwhere(triangle == 0)[20]
    w = np.append(weights[y, x], 1 - weights[y, x].sum())
    # Weighted corners in space, projected again, must land on the pixel's centre.
    space = w @ np.column_stack([points[:, :2] * distance[:, None], distance])
    np.testing.assert_allclose(space[:2] / space[2], [x + 0.5, y + 0.5], atol=1e-4)


def test_back_faces_are_culled_unless_two_sided():
    points = np.array([[2.0, 2, 0.01], [12, 3, 0.01], [5, 14, 0.01]])
    faces = np.array([[0, 1, 2]])
    seen = [(draw(points, f, 16, two)[1] >= 0).any() for f in (faces, faces[:, ::-1]) for two in (False, True)]
    assert seen == [False, True, True, True]


def test_normals_of_a_sphere_point_outwards():
    octahedron = np.array([[0, 2, 4], [2, 1, 4], [1, 3, 4], [3, 0, 4], [2, 0, 5], [1, 2, 5], [3, 1, 5], [0, 3, 5]])
    points = np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1.0]])
    normals = np.zeros((6, 3))
    vertex_normals(points, octahedron.astype(np.int32), normals)
    np.testing.assert_allclose(normals, points, atol=1e-9)
