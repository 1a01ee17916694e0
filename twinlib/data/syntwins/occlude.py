"""Things in front of the face, drawn over the finished picture.

Each occluder returns its opacity and colour, so that the covered share of the face is measured, not guessed.
"""

from collections.abc import Callable

import cv2
import numpy as np
from jaxtyping import Float

from twinlib.data.syntwins import regions as at
from twinlib.data.syntwins.masks import FIXED_POINT, fixed

MASK_RGB = np.array([[0.55, 0.75, 0.9], [0.9, 0.9, 0.92], [0.12, 0.12, 0.13]])

Layer = tuple[np.ndarray, np.ndarray]  # opacity (S, S) and colour (S, S, 3), display values in [0, 1]
See = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]  # head-frame points -> pixels, visibility


def face_hull(landmarks: Float[np.ndarray, "468 2"], size: int) -> Float[np.ndarray, "S S"]:
    """Convex hull of the face in the image, 0 to 1."""
    canvas = np.zeros((size, size), np.uint8)
    cv2.fillPoly(canvas, [cv2.convexHull(fixed(landmarks))], 255, cv2.LINE_AA, FIXED_POINT)
    return canvas.astype(np.float32) / 255


def occlude(
    picture: Float[np.ndarray, "S S 3"],
    kind: str,
    level: float,
    landmarks: Float[np.ndarray, "468 2"],
    face: Float[np.ndarray, "468 3"],
    see: See,
    rng: np.random.Generator,
) -> tuple[Float[np.ndarray, "S S 3"], Float[np.ndarray, "S S"]]:
    """Draw one occluder.

    Args:
        picture: display values in [0, 1].
        kind: one of `knobs.OCCLUDERS`.
        level: share of the face that a patch covers.
        landmarks: px.
        face: the same points in the head's frame, cm.
        see: projects points of the head's frame and says which are not hidden by the head.
        rng: details of this image's occluder.

    Returns:
        The picture and the occluder's opacity, both new arrays.
    """
    size = len(picture)
    if kind == "none":
        return picture, np.zeros((size, size), np.float32)
    if kind == "mask":
        layer = _mask(picture, landmarks, rng)
    elif kind == "patch":
        layer = _patch(size, level, landmarks, rng)
    else:
        layer = _glasses(size, face, see, rng, dark=kind == "sunglasses")
    opacity, colour = layer
    return picture + opacity[..., None] * (colour - picture), opacity


def covered_share(opacity: Float[np.ndarray, "S S"], hull: Float[np.ndarray, "S S"]) -> float:
    """Share of the face's area under the occluder, [0, 1]."""
    return float((opacity * hull).sum() / max(1e-6, float(hull.sum())))


def _mask(picture: np.ndarray, landmarks: np.ndarray, rng: np.random.Generator) -> Layer:
    """Surgical mask: the lower face's outline, shaded like the face below it, with pleats and a hem."""
    size = len(picture)
    canvas = np.zeros((size, size), np.uint8)
    outline = cv2.convexHull(fixed(landmarks[at.SURGICAL]))
    cv2.fillPoly(canvas, [outline], 255, cv2.LINE_AA, FIXED_POINT)
    opacity = canvas.astype(np.float32) / 255
    light = cv2.GaussianBlur(picture.mean(-1), (0, 0), size / 28) * 0.9 + 0.35
    top, chin = landmarks[195], landmarks[152]
    height = float(np.linalg.norm(chin - top)) + 1e-6
    y, x = np.mgrid[:size, :size].astype(np.float32)
    along = ((x - top[0]) * (chin[0] - top[0]) + (y - top[1]) * (chin[1] - top[1])) / height**2
    pleats = 1 - 0.10 * np.exp(-(((along[..., None] - [0.42, 0.55, 0.68]) / 0.02) ** 2)).sum(-1)
    hem = 1 - 0.12 * np.clip(1 - cv2.GaussianBlur(opacity, (0, 0), size / 90), 0, 1)
    colour = MASK_RGB[rng.integers(3)] * (pleats * hem * light)[..., None]
    return opacity, np.clip(colour, 0, 1).astype(np.float32)


def _patch(size: int, level: float, landmarks: np.ndarray, rng: np.random.Generator) -> Layer:
    """Cloth, hand or object that covers exactly `level` of the face: a wavy edge from one side, or a blob."""
    hull = face_hull(landmarks, size)
    y, x = np.mgrid[:size, :size].astype(np.float32)
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
    colour = rng.uniform(0.08, 0.8) + rng.normal(0, 0.08, 3)
    weave = cv2.resize(rng.standard_normal((12, 12)).astype(np.float32), (size, size), interpolation=cv2.INTER_CUBIC)
    shade = (0.72 + 0.28 * cv2.GaussianBlur(opacity, (0, 0), size / 40)) * (1 + 0.05 * weave)
    return opacity, np.clip(colour * shade[..., None], 0.02, 1).astype(np.float32)


def _glasses(size: int, face: np.ndarray, see: See, rng: np.random.Generator, dark: bool) -> Layer:
    """Frame and lenses as curves in space around the eyes, projected like the head."""
    frame_rgb, width = rng.uniform(0.02, 0.3) * rng.uniform(0.6, 1.4, 3), max(1, round(size / rng.uniform(85, 200)))
    power, drop = rng.uniform(2.0, 4.0), rng.uniform(0, 0.25)  # round to square lenses
    t = np.linspace(0, 2 * np.pi, 49)
    bend = lambda s: np.sign(s) * np.abs(s) ** (2 / power)  # noqa: E731 - superellipse
    rims, lens, frame = [], np.zeros((size, size), np.uint8), np.zeros((size, size), np.uint8)
    plane = face[[133, 362, 6], 2].max() + 0.9
    for corner in (at.EYE_CORNERS_R, at.EYE_CORNERS_L):
        cx, cy, _ = face[corner].mean(0)
        x, y = cx * 1.02 + 2.35 * bend(np.cos(t)), cy - 0.25 - drop + 1.8 * bend(np.sin(t))
        rim = np.stack([x, y, plane - 0.03 * x**2], 1)
        rims.append(rim)
        cv2.fillPoly(lens, [fixed(see(rim)[0])], 255, cv2.LINE_AA, FIXED_POINT)
        _stroke(frame, rim, see, width)
    (inner_r, inner_l), y = (rims[0][0], rims[1][24]), rims[0][0][1] + 0.45
    bridge = np.linspace(inner_r, inner_l, 9)
    bridge[:, 1] = y + 0.25 * np.sin(np.linspace(0, np.pi, 9))
    bridge[:, 2] += 0.3 * np.sin(np.linspace(0, np.pi, 9))
    _stroke(frame, bridge, see, width)
    for outer, side in ((rims[0][24], -1), (rims[1][0], 1)):
        temple = np.linspace(outer + np.array([0, 0.5, 0]), [side * 8.0, 0.3, -8.0], 24)
        _stroke(frame, temple, see, width)
    line, glass = frame.astype(np.float32) / 255, lens.astype(np.float32) / 255
    tint = 0.9 if dark else 0.06
    opacity = np.maximum(line, tint * glass)
    grade = np.linspace(0.1, 0.02, size)[:, None, None] if dark else np.full((size, 1, 1), 0.85)
    colour = line[..., None] * frame_rgb + (1 - line[..., None]) * grade
    return opacity, np.clip(colour, 0, 1).astype(np.float32)


def _stroke(canvas: np.ndarray, path: np.ndarray, see: See, width: int) -> None:
    """Draw the visible pieces of a curve in space."""
    pixels, visible = see(path)
    for i in range(len(path) - 1):
        if visible[i] and visible[i + 1]:
            start, end = fixed(pixels[i : i + 2]).tolist()
            cv2.line(canvas, start, end, 255, width, cv2.LINE_AA, FIXED_POINT)
