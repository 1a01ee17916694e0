"""Compiled kernels: which triangle is seen at which pixel, and vertex normals.

Kernels are compiled by numba on first use and cached beside this file. `no_type_check` keeps run-time shape checking
away from them: numba compiles the plain function.
"""

import math
from typing import no_type_check

from numba import njit


@njit(cache=True)
@no_type_check
def rasterise(points, faces, two_sided, depth, triangle, weights):
    """Nearest triangle at each pixel.

    Args:
        points: (V, 3) float64, x and y in pixels (origin at the top left corner, y down) and inverse depth.
        faces: (T, 3) int32; counter-clockwise from outside before y was turned down.
        two_sided: (T,) bool; others are drawn only when they face the camera.
        depth: (H, W) float32, filled with a value below every inverse depth; receives the largest inverse depth.
        triangle: (H, W) int32, filled with -1; receives triangle numbers.
        weights: (H, W, 2) float32; receives perspective-correct weights of the first two corners.
    """
    height, width = depth.shape
    for f in range(faces.shape[0]):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        ax, ay, bx, by, cx, cy = points[a, 0], points[a, 1], points[b, 0], points[b, 1], points[c, 0], points[c, 1]
        area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
        if abs(area) < 1e-9 or (area > 0 and not two_sided[f]):
            continue
        x_first = max(0, math.ceil(min(ax, bx, cx) - 0.5))
        x_last = min(width - 1, math.floor(max(ax, bx, cx) - 0.5))
        y_first = max(0, math.ceil(min(ay, by, cy) - 0.5))
        y_last = min(height - 1, math.floor(max(ay, by, cy) - 0.5))
        inverse = 1 / area
        for y in range(y_first, y_last + 1):
            for x in range(x_first, x_last + 1):
                dx, dy = x + 0.5 - ax, y + 0.5 - ay
                w1 = (dx * (cy - ay) - (cx - ax) * dy) * inverse
                w2 = ((bx - ax) * dy - dx * (by - ay)) * inverse
                w0 = 1 - w1 - w2
                if w0 < -1e-6 or w1 < -1e-6 or w2 < -1e-6:
                    continue
                q = w0 * points[a, 2] + w1 * points[b, 2] + w2 * points[c, 2]
                if q > depth[y, x]:
                    depth[y, x] = q
                    triangle[y, x] = f
                    weights[y, x, 0] = w0 * points[a, 2] / q
                    weights[y, x, 1] = w1 * points[b, 2] / q


@njit(cache=True)
@no_type_check
def vertex_normals(points, faces, normals):
    """Unit normals, area-weighted mean of the triangles around each vertex, into `normals` (V, 3)."""
    normals[:] = 0
    for f in range(faces.shape[0]):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        ux, uy, uz = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1], points[b, 2] - points[a, 2]
        vx, vy, vz = points[c, 0] - points[a, 0], points[c, 1] - points[a, 1], points[c, 2] - points[a, 2]
        nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        for i in (a, b, c):
            normals[i, 0] += nx
            normals[i, 1] += ny
            normals[i, 2] += nz
    for i in range(normals.shape[0]):
        length = math.sqrt(normals[i, 0] ** 2 + normals[i, 1] ** 2 + normals[i, 2] ** 2) + 1e-12
        for k in range(3):
            normals[i, k] /= length
