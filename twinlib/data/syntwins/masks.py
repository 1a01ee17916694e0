"""Where on the texture lips, lashes, brows, beard, wrinkles and hair lie: painted once from the landmarks.

Masks are drawn on the reference texture of 1024 × 640 texels and shrunk to the size in use.
"""

from functools import lru_cache

import cv2
import numpy as np
from jaxtyping import Float

from twinlib.data.syntwins import regions as at
from twinlib.data.syntwins.mesh import TEXTURE_Y, head

WIDTH, HEIGHT = 1024, 640  # reference texture: 0.05 cm a texel across at the cheeks, 0.04 cm down
FIXED_POINT = 4  # OpenCV draws at 1/16 px when coordinates carry four binary digits


def texels(ids: list[int] | int) -> Float[np.ndarray, "*N 2"]:
    """Position of landmarks on the reference texture."""
    return head().uv[np.asarray(ids)] * [WIDTH - 1, HEIGHT - 1]


def fixed(points: np.ndarray) -> np.ndarray:
    """Coordinates as OpenCV's fixed-point integers."""
    return np.round(np.asarray(points) * 2**FIXED_POINT).astype(np.int32)


def _blur(canvas: np.ndarray, sigma: float) -> np.ndarray:
    return cv2.GaussianBlur(canvas.astype(np.float32) / 255, (0, 0), sigma)


def _polygon(ids: list[int], sigma: float) -> np.ndarray:
    canvas = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.fillPoly(canvas, [fixed(texels(ids))], 255, cv2.LINE_AA, FIXED_POINT)
    return _blur(canvas, sigma)


def _lines(paths: list[list[int]], thickness: int, canvas: np.ndarray | None = None) -> np.ndarray:
    canvas = np.zeros((HEIGHT, WIDTH), np.uint8) if canvas is None else canvas
    for ids in paths:
        cv2.polylines(canvas, [fixed(texels(ids))], False, 255, thickness, cv2.LINE_AA, FIXED_POINT)
    return canvas


def _left_to_right(ids: list[int]) -> list[int]:
    return [ids[i] for i in np.argsort(head().uv[ids, 0])]


def _blob(centre: np.ndarray, sx: float, sy: float, angle: float = 0.0) -> np.ndarray:
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    x, y = x - centre[0], y - centre[1]
    c, s = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    return np.exp(-((c * x + s * y) ** 2) / (2 * sx * sx) - (c * y - s * x) ** 2 / (2 * sy * sy))


def _blobs(ids: list[int], sx: float, sy: float) -> np.ndarray:
    return np.max([_blob(texels(i), sx, sy) for i in ids], 0)


def _nostrils() -> np.ndarray:
    right, left = texels([97, 98, 60]).mean(0), texels([326, 327, 290]).mean(0)
    return np.maximum(
        _blob(right + np.array([1, -1]), 4.2, 2.4, 0.35), _blob(left + np.array([-1, -1]), 4.2, 2.4, -0.35)
    )


def _lashes() -> np.ndarray:
    upper = [[33, *at.LID_UPPER_R, 133], [263, *at.LID_UPPER_L, 362]]
    lower = [[33, *at.LID_LOWER_R, 133], [263, *at.LID_LOWER_L, 362]]
    upper_lines = _lines([_left_to_right(ids) for ids in upper], 3)
    lower_lines = _lines([_left_to_right(ids) for ids in lower], 1)
    return _blur(upper_lines, 1.0) + 0.5 * _blur(lower_lines, 1.2)


@lru_cache(2)
def masks(width: int) -> dict[str, np.ndarray]:
    """Masks by name, float32 (width * 5/8, width), about [0, 1]; `y` (cm) and `theta` (radians) of each texel."""
    height = width * HEIGHT // WIDTH
    full = {
        "lips": _polygon(at.LIPS_OUTER, 1.3),
        "lip_line": _polygon(at.LIPS_INNER_LOWER + at.LIPS_INNER_UPPER[::-1], 1.2),
        "cheeks": _blobs([50, 280, 117, 346], 26.0, 20.0),
        "nose": _blobs([1, 4, 48, 278], 10.0, 10.0),
        "eyes": _blobs([159, 386, 145, 374], 16.0, 10.0),
        "under_eyes": _blobs([230, 450, 119, 348], 16.0, 6.0),
        "nostrils": _nostrils(),
        "lashes": _lashes(),
        "crease": _blur(_lines([_left_to_right(at.CREASE_R), _left_to_right(at.CREASE_L)], 1), 1.4),
        "beard": cv2.GaussianBlur(_polygon(at.BEARD, 6.0), (0, 0), 5),
        "wrinkles": _blur(_lines(at.WRINKLES_FINE, 1, _lines(at.WRINKLES_STRONG, 2)), 1.6),
    }
    small = {name: cv2.resize(m, (width, height), interpolation=cv2.INTER_AREA) for name, m in full.items()}
    theta = (np.arange(width) / (width - 1) - 0.5) * 2 * np.pi
    y = TEXTURE_Y[1] - np.arange(height) / (height - 1) * (TEXTURE_Y[1] - TEXTURE_Y[0])
    small["theta"], small["y"] = np.meshgrid(theta.astype(np.float32), y.astype(np.float32))
    return small
