"""A surgical mask: cloth over a surface through the lower face, and its ear loops."""

from functools import lru_cache
from typing import no_type_check

import cv2
import numpy as np
from jaxtyping import Float
from numba import njit

from syntwins.cover.canvas import SAMPLES, Canvas, Layer, bump, colours, lay, raster, smooth_noise, spline
from syntwins.cover.view import View
from syntwins.draw.photograph import GAMMA
from syntwins.draw.raster import vertex_normals
from syntwins.exact import enlarge
from syntwins.mesh import regions as at
from syntwins.mesh.head import head

CLOTH_SIDE = 48, 96  # rows and columns of a surgical mask's cloth
CLOTH_RGB = np.array([[0.9, 0.905, 0.91], [0.66, 0.8, 0.89], [0.19, 0.19, 0.2]])  # display, in ordinary light
# A surgical mask's net: rows from the nose's bridge to under the chin; in a row from the right edge to the middle, each
# point the mean of the landmarks named; the left half mirrors it. A higher top edge hides the face from detectors too.
MASK_NET = (
    ((137,), (123,), (50, 101), (198, 126), (195, 5)),
    ((137, 177), (147,), (205,), (49, 129), (4, 1)),
    ((177,), (213,), (207,), (165,), (164, 0)),
    ((177, 58), (192,), (212,), (182,), (18, 17)),
    ((58,), (172, 136), (150, 149), (176,), (152,)),
)
MASK_STANDS_OFF = np.array(  # cm off these points ...
    [[0.15, 0.15, 0.15, 0.45, 0.3], [0.2, 0.3, 0.6, 0.9, 0.35], [0.2, 0.35, 0.7, 1.2, 1.5],
     [0.2, 0.4, 0.6, 1.0, 1.2], [0.15, 0.3, 0.45, 0.5, 0.45]]
)  # fmt: skip
MASK_OUTWARDS = np.array([[-0.9, 0, 0.3], [-0.6, 0, 0.8], [-0.3, 0, 1], [-0.2, 0, 1], [0, 0, 1]])  # ... this way
MASK_GRID = 15, 29  # rows and columns of the surface through the net
TUCKED = 0.12  # the mask counts as this much deeper (cm) when hair is asked whether it lies in front


def surgical_mask(view: View, rng: np.random.Generator) -> Layer:
    """Surgical mask: cloth over a surface through the lower face, lit like the face, and its ear loops."""
    weights, shift, triangles, cloth_at = _mask_weights()
    # Both halves alike: cloth is cut evenly, and what it hides must not show in it.
    points = weights @ ((view.face + view.face[head().mirror[: at.FACE]] * [-1, 1, 1]) / 2) + shift
    normals = np.zeros_like(points)
    vertex_normals(points, triangles, normals)
    loops = _ear_loops(points, view.face)
    pixels, visible = view.see(np.concatenate([points, *loops]))
    canvas = Canvas(pixels, view.size)
    nearness = points @ view.towards
    corners = np.column_stack([canvas.place(pixels[: len(points)]), 100 + nearness - nearness.min()])
    triangle, inside = raster(corners, triangles, canvas.shape)
    cloth, cord = _cloth(rng)
    bright = 0.94 * view.lit(normals) ** (1 / GAMMA)
    layer = np.zeros((*canvas.shape, 4), np.float32)
    for start in range(len(points), len(pixels), len(loops[0])):
        loop = slice(start, start + len(loops[0]))
        on_cheek = np.cumprod(visible[loop]).astype(bool)  # what comes out of the hair again would be a speck
        string = canvas.stroke(pixels[loop], on_cheek, 0.2 * view.unit)
        lay(layer, string, colours(np.full(3, cord * bright.mean())), string, string)
    values = np.column_stack([cloth_at * [CLOTH_SIDE[1] - 1, CLOTH_SIDE[0] - 1], bright])
    _dress(triangle, inside, triangles, values, cloth, _unhidden(view, points, triangle, inside, triangles), layer)
    return canvas.shrink(layer)


@lru_cache(1)
def _mask_weights() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Mask surface = weights (P, 468) @ landmarks + shift (P, 3); its triangles; cloth positions (P, 2) in [0, 1]."""
    mirror = head().mirror
    rows, columns = len(MASK_NET), 2 * len(MASK_NET[0]) - 1
    net = np.zeros((rows, columns, at.FACE))
    for i, row in enumerate(MASK_NET):
        for j, ids in enumerate(row):
            net[i, j, list(ids)] = 1 / len(ids)
            net[i, -1 - j, mirror[list(ids)]] = 1 / len(ids)
    off = MASK_STANDS_OFF[..., None] * MASK_OUTWARDS
    shift = np.concatenate([off, off[:, -2::-1] * [-1, 1, 1]], 1)
    shift[-1, 1:-1, 1] -= 0.25  # the cloth reaches under the chin
    down, across = spline(rows, MASK_GRID[0]), spline(columns, MASK_GRID[1])
    both = lambda knots: np.einsum("pr,qc,rck->pqk", down, across, knots).reshape(-1, knots.shape[-1])  # noqa: E731
    t, s = np.meshgrid(np.linspace(0, 1, MASK_GRID[0]), np.linspace(0, 1, MASK_GRID[1]), indexing="ij")
    corner = np.arange(t.size).reshape(MASK_GRID)[:-1, :-1].ravel()
    right, below = corner + 1, corner + MASK_GRID[1]
    triangles = np.concatenate([np.stack([corner, below, right], 1), np.stack([right, below, below + 1], 1)])
    return both(net), both(shift), triangles.astype(np.int32), np.stack([s.ravel(), t.ravel()], 1)


def _unhidden(
    view: View, points: np.ndarray, triangle: np.ndarray, inside: np.ndarray, triangles: np.ndarray
) -> Float[np.ndarray, "H W"]:
    """Where a rastered surface is not behind hair or head; asked once a pixel, smooth in between."""
    shape = triangle.shape[0] // SAMPLES, triangle.shape[1] // SAMPLES
    places = np.tile(points[0], (*shape, 1))
    _places(triangle, inside, triangles, points, SAMPLES, places)
    drawn = np.ascontiguousarray(triangle[::SAMPLES, ::SAMPLES]) >= 0
    visible = np.zeros(shape, np.float32)
    visible[drawn] = view.see(places[drawn] - TUCKED * view.towards)[1]
    # The mean over a neighbourhood: single strands of hair would leave specks.
    visible = cv2.blur(visible, (5, 5)) / np.maximum(cv2.blur(drawn.astype(np.float32), (5, 5)), 1e-3)
    # Half seen is a matter of counting, and often exactly so: rounded, lest a processor's last digit decide.
    return np.round(enlarge(visible, triangle.shape), 5)


@njit(cache=True)
@no_type_check
def _places(triangle, weights, faces, points, step, out):
    """Points (V, 3) interpolated at every `step`-th sample of every `step`-th row, into `out`; elsewhere it stays."""
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            f = triangle[y * step, x * step]
            if f >= 0:
                u, v = weights[y * step, x * step, 0], weights[y * step, x * step, 1]
                for k in range(3):
                    a, b, c = points[faces[f, 0], k], points[faces[f, 1], k], points[faces[f, 2], k]
                    out[y, x, k] = c + u * (a - c) + v * (b - c)


@njit(cache=True)
@no_type_check
def _dress(triangle, weights, faces, values, cloth, seen, layer):
    """Lay cloth over a surface where it is seen (H, W), onto `layer` (H, W, 4): opacity and opacity times colour.

    `values` (V, 3): column and row of the cloth (R, C, 3) and brightness at each vertex.
    """
    rows, columns = cloth.shape[0], cloth.shape[1]
    for y in range(triangle.shape[0]):
        for x in range(triangle.shape[1]):
            f = triangle[y, x]
            if f < 0 or seen[y, x] < 0.5:
                continue
            a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
            u, v = weights[y, x, 0], weights[y, x, 1]
            s = values[c, 0] + u * (values[a, 0] - values[c, 0]) + v * (values[b, 0] - values[c, 0])
            t = values[c, 1] + u * (values[a, 1] - values[c, 1]) + v * (values[b, 1] - values[c, 1])
            light = values[c, 2] + u * (values[a, 2] - values[c, 2]) + v * (values[b, 2] - values[c, 2])
            i, j = min(max(int(t), 0), rows - 2), min(max(int(s), 0), columns - 2)
            t, s = t - i, s - j
            layer[y, x, 0] = 1
            for k in range(3):
                top = cloth[i, j, k] + s * (cloth[i, j + 1, k] - cloth[i, j, k])
                low = cloth[i + 1, j, k] + s * (cloth[i + 1, j + 1, k] - cloth[i + 1, j, k])
                layer[y, x, 1 + k] = min(1.0, light * (top + t * (low - top)))


def _ear_loops(points: np.ndarray, face: np.ndarray) -> list[Float[np.ndarray, "N 3"]]:
    """Two cords a side, from the mask's corners over the cheek to behind the ear."""
    grid = points.reshape(*MASK_GRID, 3)
    width = np.abs(face[[234, 454], 0]).mean() / 7.1
    turn = np.linspace(0, 1, 20)[:, None]
    paths = []
    for side, column in ((-1, 0), (1, -1)):
        for row, y in ((1, 0.9), (-2, -3.7)):
            start, end = grid[row, column], np.array([side * 7.25 * width, y, -7.6])
            bow = np.array([side * 0.45, 0, 0]) * np.sin(np.pi * turn)  # clear of the cheek
            paths.append(start + (end - start) * turn + bow)
    return paths


def _cloth(rng: np.random.Generator) -> tuple[Float[np.ndarray, "R C 3"], float]:
    """Cloth of a surgical mask laid flat, display RGB with the shading of its folds; and the cords' grey."""
    s, t, seams = _seams()
    base = CLOTH_RGB[rng.choice(3, p=[0.35, 0.4, 0.25])] * rng.uniform(0.95, 1.03)
    light = 1 + seams + 0.016 * smooth_noise(rng, (5, 9), CLOTH_SIDE) + 0.01 * smooth_noise(rng, (9, 24), CLOTH_SIDE)
    for fold in (0.34, 0.51, 0.68):
        off = t - np.float32(fold + rng.uniform(-0.02, 0.02)) - np.float32(0.02 * rng.uniform(-1, 1)) * s
        # Cloth turns up towards the light before it dips into the fold; pulled open in the middle.
        light += (0.75 + 0.25 * s * s) * (0.05 * bump((off + 0.05) / 0.045) - 0.16 * bump(off / 0.025))
    cord = 0.25 if base.mean() < 0.4 else 0.88
    if rng.random() < 0.2:
        grey, colour = rng.uniform(0.35, 0.8), rng.uniform(-0.12, 0.12, 3)
        return ((grey + colour) * _pattern(rng, s, t) * light[..., None]).astype(np.float32), cord
    return (base.astype(np.float32) * light[..., None]).astype(np.float32), cord


@lru_cache(1)
def _seams() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Across (-1 to 1) and down (0 to 1) of a flat mask, and its shading by the hem and by the wire over the nose."""
    rows, columns = CLOTH_SIDE
    s, t = np.linspace(-1, 1, columns, dtype=np.float32), np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    edge = np.minimum(np.minimum(t, 1 - t) / 0.06, (1 - np.abs(s)) / 0.05)  # 1 at the seam of the hem
    wire = np.clip((0.5 - np.abs(s)) / 0.06, 0, 1)
    light = 0.025 * (edge < 1) - 0.08 * bump((edge - 1) / 0.35)
    return s, t, light + wire * (0.06 * bump((t - 0.035) / 0.02) - 0.08 * bump((t - 0.09) / 0.02))


def _pattern(rng: np.random.Generator, s: np.ndarray, t: np.ndarray) -> Float[np.ndarray, "R C 3"]:
    """Factor of a printed pattern: dots, stripes or checks in a second colour."""
    s, t = s.astype(float), t.astype(float)
    dots = np.sin(8 * np.pi * s) * np.sin(5 * np.pi * t)
    kinds = (np.abs(dots) - 0.55, np.sin(9 * np.pi * t) + 0 * s, np.sign(dots))
    share = np.clip(0.5 + 3 * kinds[rng.integers(3)], 0, 1)[..., None]
    return 1 + share * (rng.uniform(-0.35, 0.3) + rng.uniform(-0.12, 0.12, 3))
