"""Drawing at several samples a pixel: where masks and glasses are made before they are laid over the picture."""

from typing import no_type_check

import cv2
import numpy as np
from jaxtyping import Float, UInt8
from numba import njit
from scipy.interpolate import CubicSpline

from syntwins.draw.raster import rasterise
from syntwins.exact import resize
from syntwins.paint.masks import FIXED_POINT, fixed

SAMPLES = 2  # samples a pixel, along x and along y, of masks and glasses
Layer = tuple[np.ndarray, np.ndarray]  # opacity (S, S) and opacity times colour (S, S, 3), display values in [0, 1]


class Canvas:
    """A part of the image at `SAMPLES` samples a pixel: where a layer is drawn before it is shrunk."""

    def __init__(self, points: Float[np.ndarray, "N 2"], size: int) -> None:
        """The box around points (px) and two pixels more."""
        first = np.clip(np.floor(points.min(0)).astype(int) - 2, 0, size - 1)
        last = np.clip(np.ceil(points.max(0)).astype(int) + 2, first + 1, size)
        self.size, self.first, self.last = size, first, last
        self.shape = (int(last[1] - first[1]) * SAMPLES, int(last[0] - first[0]) * SAMPLES)

    def place(self, pixels: Float[np.ndarray, "N 2"]) -> Float[np.ndarray, "N 2"]:
        """Pixels of the image on this canvas, origin at the corner of its first sample."""
        return (pixels - self.first) * SAMPLES

    def fill(self, polygons: list[np.ndarray]) -> Float[np.ndarray, "H W"]:
        """Area between closed curves (px; a curve inside another one is a hole), 0 to 1."""
        canvas = np.zeros(self.shape, np.uint8)
        cv2.fillPoly(canvas, [fixed(self.place(p) - 0.5) for p in polygons], 255, cv2.LINE_AA, FIXED_POINT)
        return canvas.astype(np.float32) / 255

    def stroke(self, spots: Float[np.ndarray, "N 2"], visible: np.ndarray, width: float) -> Float[np.ndarray, "H W"]:
        """Visible pieces of a curve; points and `width` in px of the image."""
        canvas: UInt8[np.ndarray, "H W"] = np.zeros(self.shape, np.uint8)
        thick = max(1, round(width * SAMPLES))
        spots = fixed(self.place(spots) - 0.5)
        for run in runs(visible):
            cv2.polylines(canvas, [spots[run]], False, 255, thick, cv2.LINE_AA, FIXED_POINT)
        return canvas.astype(np.float32) * (min(1.0, width * SAMPLES / thick) / 255)  # thinner than a sample: fainter

    def shrink(self, drawn: Float[np.ndarray, "H W 4"]) -> Layer:
        """Layer of the whole image from what was drawn here: opacity and opacity times colour."""
        layer = np.zeros((self.size, self.size, 4), np.float32)
        (x0, y0), (x1, y1) = self.first, self.last
        layer[y0:y1, x0:x1] = resize(drawn, (int(y1 - y0), int(x1 - x0)), cv2.INTER_AREA)
        return np.ascontiguousarray(layer[..., 0]), layer[..., 1:]


def runs(visible: np.ndarray) -> list[slice]:
    """Stretches of at least three visible points; shorter ones are specks between strands of hair."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], visible.astype(np.int8), [0]])))
    return [slice(a, b) for a, b in edges.reshape(-1, 2).tolist() if b - a > 2]


def raster(points: np.ndarray, faces: np.ndarray, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Nearest triangle at each pixel, from either side, and its weights; points (N, 3) in px and nearness > 0."""
    triangle, weights = np.full(shape, -1, np.int32), np.zeros((*shape, 2), np.float32)
    rasterise(points.astype(float), faces, np.ones(len(faces), bool), np.zeros(shape, np.float32), triangle, weights)
    return triangle, weights


@njit(cache=True)
@no_type_check
def lay(layer, alpha, rgb, first, second):
    """Put paint of opacity `alpha` (H, W) on a layer; its colour is rgb[0] + first · rgb[1] + second · rgb[2]."""
    for y in range(layer.shape[0]):
        for x in range(layer.shape[1]):
            a = alpha[y, x]
            if a > 0:
                layer[y, x, 0] += a * (1 - layer[y, x, 0])
                for k in range(3):
                    paint = rgb[0, k] + first[y, x] * rgb[1, k] + second[y, x] * rgb[2, k]
                    layer[y, x, 1 + k] += a * (min(max(paint, 0.0), 1.0) - layer[y, x, 1 + k])


def colours(*rgb: np.ndarray | list[float]) -> Float[np.ndarray, "3 3"]:
    """Colours for `lay`, black where none is given."""
    table = np.zeros((3, 3))
    table[: len(rgb)] = rgb
    return table


def smooth_noise(rng: np.random.Generator, cells: tuple[int, int], shape: tuple[int, int]) -> np.ndarray:
    """Standard normal at `cells` (rows, columns), smooth in between."""
    return resize(rng.standard_normal(cells).astype(np.float32), shape, cv2.INTER_CUBIC)


def spline(knots: int, count: int) -> Float[np.ndarray, "P K"]:
    """Matrix from equally spaced knots to `count` points of the natural cubic spline through them."""
    return CubicSpline(np.arange(knots), np.eye(knots), bc_type="natural")(np.linspace(0, knots - 1, count))


def bump(x: np.ndarray) -> np.ndarray:
    """1 at 0, nearly 0 beyond 2."""
    low = 1 / (1 + x * x)
    return low * low
