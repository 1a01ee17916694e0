"""The hair line and the shape of the hair: a shell around the skull and, for longer styles, a curtain."""

import math

import numpy as np
from jaxtyping import Float

from twinlib.data.syntwins.mesh import SKULL_CENTRE, head
from twinlib.data.syntwins.palette import Palette

SHORT, CHIN, SHOULDER, CROPPED = range(4)
CURTAIN_LENGTH = {CHIN: 12.0, SHOULDER: 19.0}  # below the crown's edge, cm

# Height of the hair line around the head: forehead, temples, in front of the ears, behind them, nape.
LINE_ANGLE = np.radians([0, 25, 45, 58, 68, 76, 84, 95, 110, 140, 180])
LINE_Y = np.array([5.6, 5.5, 4.9, 3.6, 1.8, -0.6, -2.2, -1.0, -4, -7, -8])
LINE_FREE = np.array([1, 1, 1, 0.8, 0.5, 0.2, 0, 0, 0, 0, 0])  # how far the subject's own shift reaches
LINE_TEMPLES = np.array([0, 0.5, 1, 1, 0.4, 0.0, 0, 0, 0, 0, 0])
ROOT_CM = 2.6  # the hair reaches its full thickness this far above the hair line


def hairline(theta: Float[np.ndarray, " N"], palette: Palette) -> Float[np.ndarray, " N"]:
    """Height of the hair line, cm, at angles around the head (0 = front)."""
    line = LINE_Y + LINE_FREE * palette.hairline + LINE_TEMPLES * palette.temples
    side = palette.parting * np.sin(2 * theta) * np.interp(np.abs(theta), LINE_ANGLE, LINE_FREE)
    return np.interp(np.abs(theta), LINE_ANGLE, line) + side


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
    theta = 2 * math.pi * (mean_head.uv[:, 0] - 0.5)
    depth = (mean_head.mean[:, 1] - hairline(theta, palette)) / ROOT_CM
    depth[mean_head.in_mouth > 0] = 0
    scalp = np.flatnonzero(depth > 0)
    theta, depth = theta[scalp], np.minimum(depth[scalp], 1)
    x, y, z = (skin[scalp] - SKULL_CENTRE).T
    a, b = rng.uniform(0, 2 * math.pi, 2)
    lumps = 0.22 * np.sin(3 * theta + a) + 0.18 * np.sin(0.8 * y + 2 * theta + b)
    thickness = volume * (0.3 if palette.hair_style == CROPPED else 1.0)
    rise = depth * (2 - depth) * thickness * (1 + lumps) / np.sqrt(x * x + y * y + z * z)
    haired = skin.copy()
    haired[scalp] += np.stack([x * rise, y * rise, z * rise], 1)
    return haired


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
    # The top edge hides under the shell; a fifth of the way down the curtain hangs outside of it.
    out = np.clip(q / 0.2, 0, 1)
    out = 0.78 + 0.22 * out * out * (3 - 2 * out)
    x = np.sin(angle) * (7.9 + 0.7 * volume) * wave * flare * out
    y = 5 - q * (5 + CURTAIN_LENGTH[style])
    z = -7.6 + np.cos(angle) * (9.4 + 0.7 * volume) * wave * out
    x = np.where(y < -8, 0.95 * x, x)
    u = np.arctan2(np.sin(angle), np.cos(angle)) / (2 * np.pi) + 0.5
    return np.stack([x, y, z], 1), np.stack([u, 0.15 * q + 0.02], 1)
