"""The hair line and the shape of the hair: a shell around the skull and, for longer styles, a curtain."""

import math

import numpy as np
from jaxtyping import Float

from twinlib.data.syntwins.identity import Palette
from twinlib.data.syntwins.mesh import AXIS_Z, SKULL_CENTRE, head

SHORT, CHIN, SHOULDER, CROPPED = range(4)
CURTAIN_LENGTH = {CHIN: 12.0, SHOULDER: 19.0}  # below the crown's edge, cm

# Height of the hair line around the head: forehead, temples, in front of the ears, behind them, nape.
LINE_ANGLE = np.radians([0, 25, 45, 58, 68, 76, 84, 95, 110, 140, 180])
LINE_Y = np.array([5.6, 5.5, 4.9, 3.6, 1.8, -0.6, -2.2, -1.0, -4, -7, -8])
LINE_FREE = np.array([1, 1, 1, 0.8, 0.5, 0.2, 0, 0, 0, 0, 0])  # how far the subject's own shift reaches


def hairline(theta: Float[np.ndarray, " N"], palette: Palette) -> Float[np.ndarray, " N"]:
    """Height of the hair line, cm, at angles around the head (0 = front)."""
    return np.interp(np.abs(theta), LINE_ANGLE, LINE_Y + LINE_FREE * palette.hairline)


def shell(
    skin: Float[np.ndarray, "V 3"], palette: Palette, volume: float, rng: np.random.Generator
) -> Float[np.ndarray, "V 3"]:
    """Scalp vertices pushed outwards by the thickness of the hair.

    Args:
        skin: vertices of the head's fine mesh, cm.
        palette: hair line and style.
        volume: thickness, cm.
        rng: of the lumps, which change from image to image.
    """
    mean_head = head()
    theta = np.arctan2(skin[:, 0], skin[:, 2] - AXIS_Z)
    depth = np.clip((mean_head.mean[:, 1] - hairline(theta, palette)) / 1.6, 0, 1)
    depth[mean_head.in_mouth > 0] = 0
    outwards = skin - SKULL_CENTRE
    outwards /= np.sqrt((outwards**2).sum(1, keepdims=True))
    a, b = rng.uniform(0, 2 * math.pi, 2)
    lumps = 0.25 * np.sin(3 * theta + a) + 0.2 * np.sin(0.8 * skin[:, 1] + 2 * theta + b)
    thickness = volume * (0.35 if palette.hair_style == CROPPED else 1.0)
    return skin + outwards * (depth**0.7 * thickness * (1 + lumps))[:, None]


def curtain(style: int, volume: float, grid: Float[np.ndarray, "N 2"]) -> tuple[np.ndarray, np.ndarray]:
    """Long hair hanging around the head, open at the face.

    Args:
        style: CHIN or SHOULDER.
        volume: thickness, cm.
        grid: angle around the head (radians) and fraction from top to tip of each vertex.

    Returns:
        Vertices, cm, and their texture positions.
    """
    angle, q = grid.T
    wave = 1 + 0.05 * np.sin(14 * q + 5 * angle)
    flare = 1 + 0.12 * np.sin(np.clip(1.2 * q, 0, 1) * np.pi)
    x = np.sin(angle) * (8.0 + 0.8 * volume) * wave * flare
    y = 5 - q * (5 + CURTAIN_LENGTH[style])
    z = -7.6 + np.cos(angle) * (9.6 + 0.7 * volume) * wave
    x = np.where(y < -8, 0.95 * x, x)
    u = np.arctan2(np.sin(angle), np.cos(angle)) / (2 * np.pi) + 0.5
    return np.stack([x, y, z], 1), np.stack([u, 0.15 * q + 0.02], 1)
