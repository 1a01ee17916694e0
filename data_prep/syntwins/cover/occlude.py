"""Things in front of the face, drawn over the finished picture.

Each occluder returns its opacity and colour, so that the covered share of the face is measured, not guessed. The
shadow that it throws on the skin is part of the picture and covers nothing.
"""

from functools import lru_cache
from typing import no_type_check

import cv2
import numpy as np
from jaxtyping import Float, Int
from numba import njit

from syntwins.cover.canvas import Layer, raster, smooth_noise
from syntwins.cover.glasses import glasses
from syntwins.cover.surgical import surgical_mask
from syntwins.cover.view import See, View, face_hull, look_at
from syntwins.exact import blur, shift
from syntwins.mesh import regions as at
from syntwins.mesh.head import head


def occlude(
    picture: Float[np.ndarray, "S S 3"],
    kind: str,
    level: float,
    landmarks: Float[np.ndarray, "468 2"],
    face: Float[np.ndarray, "468 3"],
    light: Float[np.ndarray, "4"],
    see: See,
    rng: np.random.Generator,
) -> tuple[Float[np.ndarray, "S S 3"], Float[np.ndarray, "S S"]]:
    """Draw one occluder and its shadow on the skin.

    Args:
        picture: display values in [0, 1].
        kind: one of `knobs.OCCLUDERS`.
        level: share of the face that a patch covers.
        landmarks: px.
        face: the same points in the head's frame, cm.
        light: of `view.first_order`, in the head's frame.
        see: projects points of the head's frame and says which are not hidden by the head.
        rng: details of this image's occluder.

    Returns:
        The picture (a new array if there is an occluder) and the occluder's opacity; the shadow is no part of it.
    """
    size = len(picture)
    if kind == "none":
        return picture, np.zeros((size, size), np.float32)
    view = look_at(size, landmarks, face, light, see)
    if kind == "mask":
        opacity, layer = surgical_mask(view, rng)
        away, soft, depth = 0.25, 0.3, 0.5
    elif kind == "patch":
        opacity, layer = patch(view, level, landmarks, rng)
        away, soft, depth = 0.35, 0.4, 0.6
    else:
        opacity, layer = glasses(view, rng, dark=kind == "sunglasses")
        away, soft, depth = 0.5, 0.16, 0.42
    out = np.empty((size, size, 3), np.float32)
    _put_over(picture, _shadow(view, opacity, landmarks, away, soft), np.float32(depth), opacity, layer, out)
    return out, opacity


def covered_share(opacity: Float[np.ndarray, "S S"], hull: Float[np.ndarray, "S S"]) -> float:
    """Share of the face's area under the occluder, [0, 1]."""
    return float((opacity * hull).sum(dtype=float) / max(1e-6, float(hull.sum(dtype=float))))


def _shadow(view: View, opacity: np.ndarray, landmarks: np.ndarray, away: float, soft: float) -> np.ndarray:
    """Shadow of a layer on the face alone, [0, 1]: the layer moved from the light and blurred, both in cm."""
    size = view.size
    x, y = -away * view.unit * view.to_light
    moved = shift(opacity, x, y, cv2.BORDER_REPLICATE)
    skin = raster(np.concatenate([landmarks, np.ones((at.FACE, 1))], 1), _face_triangles(), (size, size))[0] >= 0
    return blur(moved, soft * view.unit) * skin


@lru_cache(1)
def _face_triangles() -> Int[np.ndarray, "T 3"]:
    """Triangles between landmarks."""
    faces = head().control_faces
    return np.ascontiguousarray(faces[(faces < at.FACE).all(1)], np.int32)


@njit(cache=True)
@no_type_check
def _put_over(picture, shadow, depth, opacity, layer, out):
    """Darken a picture by `depth` times the shadow and put a layer over it, into `out`."""
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            left = (1 - depth * shadow[y, x]) * (1 - opacity[y, x])
            for k in range(3):
                out[y, x, k] = picture[y, x, k] * left + layer[y, x, k]


def patch(view: View, level: float, landmarks: np.ndarray, rng: np.random.Generator) -> Layer:
    """Cloth, hand or object that covers exactly `level` of the face: a wavy edge from one side, or a blob."""
    size = view.size
    hull = face_hull(landmarks, size)
    y, x = np.mgrid[:size, :size].astype(float)
    unit = float(np.linalg.norm(landmarks[10] - landmarks[152])) + 1e-6
    angle, waves = rng.uniform(0, 2 * np.pi), rng.uniform(0, 2 * np.pi, 3)
    if rng.random() < 0.5:
        dx, dy = np.cos(angle), np.sin(angle)
        across = (x * dy - y * dx) / unit
        score = (x * dx + y * dy) / unit + 0.04 * np.sin(9 * across + waves[0]) + 0.02 * np.sin(23 * across + waves[1])
    else:
        centre = landmarks[rng.choice([50, 280, 205, 425, 152, 1, 10, 61, 291])]
        a, b = x - centre[0], y - centre[1]
        u, v = (np.cos(angle) * a + np.sin(angle) * b) / unit, (np.cos(angle) * b - np.sin(angle) * a) / unit
        turn = np.arctan2(v, u)
        score = np.hypot(u, 1.6 * v) * (1 + 0.12 * np.sin(3 * turn + waves[0]) + 0.06 * np.sin(5 * turn + waves[1]))
    inside = score[hull > 0.5]
    edge = np.quantile(inside, level) if len(inside) else 0.0
    soft = 1.2 / unit  # about a pixel
    opacity = np.clip((edge - score) / soft + 0.5, 0, 1).astype(np.float32)
    colour = (rng.uniform(0.08, 0.8) + rng.normal(0, 0.08, 3)).astype(np.float32)
    weave = smooth_noise(rng, (12, 12), (size, size))
    shade = (1 + 0.05 * weave) * _rounded(view, opacity)
    return opacity, cv2.merge([opacity * np.clip(tone * shade, 0.02, 1) for tone in colour])


def _rounded(view: View, opacity: np.ndarray) -> np.ndarray:
    """Shade of a cushion with this outline: bright towards the light, dark away from it."""
    height = blur(opacity, 0.7 * view.unit)
    x, y = 0.7 * view.unit * view.to_light
    nearer = shift(height, -x, -y, cv2.BORDER_REPLICATE)
    return 0.75 + 0.25 * height + 0.6 * np.clip(height - nearer, -0.4, 0.4)
