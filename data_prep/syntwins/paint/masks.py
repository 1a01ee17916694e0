"""Where on the texture lips, lashes, brows, beard, wrinkles and hair lie: painted once from the landmarks.

Masks are drawn on the reference texture of 1024 × 640 texels and shrunk to the size in use.
"""

from functools import lru_cache

import cv2
import numpy as np
from jaxtyping import Float

from syntwins.exact import blur, resize
from syntwins.mesh import regions as at
from syntwins.mesh.head import TEXTURE_Y, head

WIDTH, HEIGHT = 1024, 640  # reference texture: 0.05 cm a texel across at the cheeks, 0.04 cm down
FIXED_POINT = 4  # OpenCV draws at 1/16 px when coordinates carry four binary digits


def texels(ids: list[int] | int) -> Float[np.ndarray, "*N 2"]:
    """Position of landmarks on the reference texture."""
    return head().uv[np.asarray(ids)] * [WIDTH - 1, HEIGHT - 1]


def fixed(points: np.ndarray) -> np.ndarray:
    """Coordinates as OpenCV's fixed-point integers."""
    return np.round(np.asarray(points) * 2**FIXED_POINT).astype(np.int32)


def _blur(canvas: np.ndarray, sigma: float) -> np.ndarray:
    return blur(canvas.astype(np.float32) / 255, sigma)


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
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(float)
    x, y = x - centre[0], y - centre[1]
    c, s = np.cos(angle), np.sin(angle)
    blob = np.exp(-((c * x + s * y) ** 2) / (2 * sx * sx) - (c * y - s * x) ** 2 / (2 * sy * sy))
    return blob.astype(np.float32)


def _blobs(ids: list[int], sx: float, sy: float) -> np.ndarray:
    return np.max([_blob(texels(i), sx, sy) for i in ids], 0)


def _nostrils() -> np.ndarray:
    """Two slanted ovals on the underside of the nose; flat-topped, because a hole has an edge."""
    right, left = texels(at.NOSTRIL_R).mean(0), texels(at.NOSTRIL_L).mean(0)
    return np.clip(1.6 * np.maximum(_blob(right, 4.6, 2.3, -0.25), _blob(left, 4.6, 2.3, 0.25)), 0, 1)


def _lashes() -> np.ndarray:
    """Lashes stand above the edge of the upper lid, longest at the outer corner, and thinly below the lower one."""
    canvas = np.zeros((HEIGHT, WIDTH), np.uint8)
    for upper, outer, inner in ((at.LID_UPPER_R, 33, 133), (at.LID_UPPER_L, 263, 362)):
        edge = texels([outer, *upper, inner])
        away = np.sign(edge[0, 0] - edge[-1, 0])
        length = np.linspace(4.4, 1.4, len(edge))[:, None]
        tips = edge + length * np.array([0.5 * away, -1])
        tips[0] += [2.5 * away, 0]
        cv2.fillPoly(
            canvas, [fixed(np.concatenate([edge + np.array([0, 1.5]), tips[::-1]]))], 255, cv2.LINE_AA, FIXED_POINT
        )
    lower = [[33, *at.LID_LOWER_R, 133], [263, *at.LID_LOWER_L, 362]]
    return 1.5 * _blur(canvas, 0.8) + 0.6 * _blur(_lines([_left_to_right(ids) for ids in lower], 1), 1.0)


def _hollows() -> np.ndarray:
    """Where light hardly reaches, which the coarse mesh does not know: folds and furrows of the face."""
    soft = [  # path, width and softness in reference texels, depth
        (at.ALAR_R, 3, 2.2, 0.75),
        (at.ALAR_L, 3, 2.2, 0.75),
        (at.NOSE_BASE, 4, 3.0, 0.55),
        (at.UNDER_LIP, 6, 4.5, 0.5),
        (at.INNER_CORNER_R, 4, 3.0, 0.5),
        (at.INNER_CORNER_L, 4, 3.0, 0.5),
        (at.FOLD_R, 3, 4.5, 0.45),
        (at.FOLD_L, 3, 4.5, 0.45),
        (at.PHILTRUM, 3, 2.5, 0.2),
    ]
    total = np.zeros((HEIGHT, WIDTH), np.float32)
    for path, width, sigma, depth in soft:
        line = _blur(_lines([path], width), sigma)
        total = np.maximum(total, np.float32(depth / float(line.max())) * line)
    return total


@lru_cache(2)
def masks(width: int) -> dict[str, np.ndarray]:
    """Masks by name, float32 (5/8 width, width), about [0, 1], lashes to 1.6; `y` (cm), `theta` (radians) of texels."""
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
        "hollows": _hollows(),
        "upper_lip": _polygon(at.UPPER_LIP, 1.5),
        "crease": _blur(_lines([_left_to_right(at.CREASE_R), _left_to_right(at.CREASE_L)], 2), 1.3),
        "beard": blur(_polygon(at.BEARD, 6.0), 5),
        "wrinkles": _blur(_lines(at.WRINKLES_FINE, 1, _lines(at.WRINKLES_STRONG, 2)), 1.6),
    }
    small = {name: resize(m, (height, width), cv2.INTER_AREA) for name, m in full.items()}
    theta = (np.arange(width) / (width - 1) - 0.5) * 2 * np.pi
    y = TEXTURE_Y[1] - np.arange(height) / (height - 1) * (TEXTURE_Y[1] - TEXTURE_Y[0])
    small["theta"], small["y"] = np.meshgrid(theta.astype(np.float32), y.astype(np.float32))
    return small
