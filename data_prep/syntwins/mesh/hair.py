"""The hair line and the shape of the hair: a shell around the skull and, for longer styles, hanging locks."""

import math
from functools import lru_cache

import numpy as np
from jaxtyping import Float
from scipy.interpolate import PchipInterpolator

from syntwins.exact import blur, distance, look_up
from syntwins.mesh.head import AXIS_Z, SKULL_CENTRE, TEXTURE_Y, head
from syntwins.paint.palette import Palette

SHORT, CHIN, SHOULDER, CROPPED = range(4)
CURTAIN_LENGTH = {CHIN: 12.0, SHOULDER: 19.0}  # below the eyes, cm

# Height of the hair line around the head: forehead, temples, sideburn, over the ear, behind it, nape.
LINE_ANGLE = np.radians([0, 15, 28, 40, 48, 54, 60, 66, 71, 75, 78, 81, 84, 87, 91, 97, 102, 107, 113, 125, 145, 180])
LINE_Y = np.array(
    [5.9, 5.85, 5.7, 5.3, 4.5, 3.5, 2.6, 1.9, 1.2, 0, -1.5, -2.5, -1.9, 0.4, 1.9, 2.0, 1.3, -1.2, -4, -6, -7.5, -8]
)
LINE_FREE = np.interp(LINE_ANGLE, np.radians([0, 48, 75]), [1, 1, 0])  # how far the subject's own shift reaches
LINE_TEMPLES = np.interp(LINE_ANGLE, np.radians([0, 16, 34, 48, 66]), [0, 0.3, 1, 1, 0])
MALE_TEMPLES = 0.35  # cm that men recede more
LONG_Y = np.interp(
    LINE_ANGLE, np.radians([0, 25, 34, 42, 50, 56, 62, 70, 84, 180]), [9, 7, 5.6, 4.2, 2.4, 0.5, -2, -4.5, -7, -9]
)

MAP_SHAPE = (201, 384)  # rows, columns of the map of distances; its cells are 0.12 cm wide and high
ROOT_CM = 3.0  # the hair reaches its full thickness this far inside the hair line
AROUND_CM = 7.6  # radius at which angles around the head become lengths
PART_ANGLE, PART_END = 0.30, -4.0  # the side part: its angle at the forehead, where it ends at the crown (z, cm)
CHEEK_Y = (-8.0, -4.0, 1.0)
CHEEK_IDS = [[58, 288, 172, 397], [123, 352, 147, 376], [127, 356, 162, 389]]  # landmarks at these heights
EAR_ANGLE = 1.75  # where hanging hair makes room for the ears, radians
CURTAIN_TOP = 8.0  # where the locks at the face begin, hidden under the shell, cm


def hairline(theta: Float[np.ndarray, " N"], palette: Palette) -> Float[np.ndarray, " N"]:
    """Height of the hair line, cm, at angles around the head (0 = front)."""
    recession = palette.temples + MALE_TEMPLES * (palette.sex == "male")
    line = LINE_Y + LINE_FREE * palette.hairline + LINE_TEMPLES * recession
    if palette.hair_style in CURTAIN_LENGTH:  # under hanging locks the scalp's hair goes on over temples and ears
        line = np.minimum(line, LONG_Y)
    turn = np.linspace(0, math.pi, 241)
    side = palette.parting * np.sin(2 * theta) * np.interp(np.abs(theta), LINE_ANGLE, LINE_FREE)
    return np.interp(np.abs(theta), turn, PchipInterpolator(LINE_ANGLE, line)(turn)) + side


@lru_cache(16)
def depth_map(palette: Palette) -> Float[np.ndarray, "201 384"]:
    """Distance from the hair line on the unrolled head, cm, positive where hair grows; laid out like the texture."""
    rows, columns = MAP_SHAPE
    theta = (np.arange(columns) / (columns - 1) - 0.5) * 2 * math.pi
    y = np.linspace(TEXTURE_Y[1], TEXTURE_Y[0], rows)
    haired = (y[:, None] > hairline(theta, palette)).astype(np.uint8)
    cell = 2 * math.pi * AROUND_CM / (columns - 1)
    within, outside = (distance(side) for side in (haired, 1 - haired))
    depth = blur((within - outside) * np.float32(cell), 1.0)
    depth.setflags(write=False)  # shared by all callers
    return depth


def part_angle(palette: Palette) -> float:
    """Where the hair is parted, radians from the front: on the side of the higher hair line."""
    return math.copysign(PART_ANGLE, palette.parting)


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
    scalp, theta, depth = _scalp(palette)
    x, y, z = (skin[scalp] - SKULL_CENTRE).T
    a, b = rng.uniform(0, 2 * math.pi, 2)
    lumps = 0.09 * np.sin(3 * theta + a) + 0.07 * np.sin(0.8 * y + 2 * theta + b)
    rise = depth * depth * (3 - 2 * depth) * _thickness(y, palette, volume) * (1 + lumps)
    if palette.hair_style != CROPPED:
        off_part = (x - math.copysign(2.4, palette.parting)) / 0.7  # a furrow along the part
        rise *= 1 - 0.45 * np.exp(-off_part * off_part) * (z > PART_END - SKULL_CENTRE[2])
    rise /= np.sqrt(x * x + y * y + z * z)
    haired = skin.copy()
    haired[scalp] += np.stack([x * rise, y * rise, z * rise], 1)
    return haired


@lru_cache(16)
def _scalp(palette: Palette) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vertices that carry hair, their angle around the head and the share of the hair's full thickness, [0, 1]."""
    mean_head = head()
    column, row = (mean_head.uv.T * [[MAP_SHAPE[1] - 1], [MAP_SHAPE[0] - 1]]).astype(np.float32)
    depth = look_up(depth_map(palette), column, row)[:, 0] / ROOT_CM
    depth[mean_head.in_mouth > 0] = 0
    scalp = np.flatnonzero(depth > 0)
    return scalp, 2 * math.pi * (mean_head.uv[scalp, 0] - 0.5), np.minimum(depth[scalp], 1).astype(float)


def _thickness(y: Float[np.ndarray, " N"], palette: Palette, volume: float) -> Float[np.ndarray, " N"]:
    """Thickness of the hair, cm, at heights above the skull's centre: more at the crown, short hair less below it."""
    crown = 1 + 0.3 * np.clip((y - 4) / 4, 0, 1)
    if palette.hair_style == CROPPED:
        return 0.22 * volume * crown
    sides = np.interp(y, [-2, 4], [0.45, 1]) if palette.hair_style == SHORT else 1.0
    return volume * crown * sides


def curtain(
    palette: Palette, volume: float, skin: Float[np.ndarray, "V 3"], grid: Float[np.ndarray, "N 5"]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Long hair in locks hanging around the head, open at the face.

    It lies on the subject's own temples, cheeks and jaw, both halves alike: of asymmetry it shows nothing (0.002 cm).

    Args:
        palette: style CHIN or SHOULDER.
        volume: thickness, cm.
        skin: vertices of the head's fine mesh, cm.
        grid: of `parts.curtain_grid`.

    Returns:
        Vertices, cm, their texture positions and ambient visibility.
    """
    middle, across, q, chance, inner = grid.T
    inner = inner > 0
    frontal = np.clip((np.radians(115) - np.abs(middle)) / np.radians(60), 0, 1)
    length = CURTAIN_LENGTH[palette.hair_style] + 2.4 * (chance - 0.5) - 0.5 * inner
    top = CURTAIN_TOP - 3.5 * (1 - frontal) - 2.5 * inner  # behind, the shell covers the skull
    y = top - q * (top + length)

    # Locks fall from nearer the face, sway a little, and taper towards root and tip.
    swept = np.radians(34) * frontal * np.clip(1 - (CURTAIN_TOP - y) / 9.5, 0, 1) ** 2
    rooted = 1 - 0.6 * frontal * np.clip((y - 3) / 4, 0, 1)
    tip = np.clip((q - 0.72) / 0.28, 0, 1) ** 2
    taper = rooted * (1 - (0.35 + 0.5 * chance) * tip * (1 - inner))
    sway = 0.03 * np.sin(0.35 * y + 2 * (middle + across)) * np.clip((CURTAIN_TOP - y) / 20, 0, 1)
    angle = middle - np.sign(middle) * swept + across * taper + sway + 0.08 * (chance - 0.5) * tip

    radius = _hanging_radius(angle, y, np.clip((top + 2.5 * inner - y) / 5.5, 0, 1), volume, frontal)
    half = np.abs(across) / np.abs(across).max()
    radius += (0.15 + 0.25 * chance) * (1 - half * half) * taper - 0.2 * inner  # neighbours meet at their edges
    if palette.hair_style == CHIN:
        radius -= 0.9 * np.clip((q - 0.6) / 0.4, 0, 1) ** 2  # the tips turn in
    radius *= np.interp(y, CHEEK_Y, _fullness(skin))
    points = np.stack([np.sin(angle) * radius, y, AXIS_Z + np.cos(angle) * radius], 1)
    u = (middle + across) / (2 * np.pi) + 0.5
    shade = (0.8 - 0.35 * inner) * (1 - 0.35 * np.clip(half, 0, 1) ** 2)
    return points, np.stack([u - np.floor(u), 0.15 * q + 0.02], 1), shade


def _fullness(skin: Float[np.ndarray, "V 3"]) -> Float[np.ndarray, "3"]:
    """How far jaw, cheeks and temples lie from the head's axis, times the mean head's distance; both sides together."""
    own, mean = (np.hypot(points[CHEEK_IDS, 0], points[CHEEK_IDS, 2] - AXIS_Z) for points in (skin, head().mean))
    return (own / mean).mean(1)


def _hanging_radius(
    angle: Float[np.ndarray, " N"],
    y: Float[np.ndarray, " N"],
    emerged: Float[np.ndarray, " N"],
    volume: float,
    frontal: Float[np.ndarray, " N"],
) -> Float[np.ndarray, " N"]:
    """Distance of hanging hair from the head's axis, cm: on the skull above, then straight down, closer in front."""
    skull = np.interp(np.abs(angle), np.radians([45, 60, 70, 90, 110, 140, 180]), [8.4, 7.9, 7.6, 7.4, 7.5, 8.3, 9.3])
    upper = np.sqrt(1 - (np.clip(y - 1.2, 0, 8) / 8.2) ** 2)
    over = 0.25 + volume * (0.2 + 0.75 * emerged * emerged * (3 - 2 * emerged))
    over *= 0.3 + 0.7 * np.clip((np.abs(angle) - 0.75) / 0.6, 0, 1)  # close to temple and cheek in front
    over += 0.3 * frontal * np.clip(y / 5, 0, 1)
    over += (1.45 - 0.45 * volume) * np.exp(-(((np.abs(angle) - EAR_ANGLE) / 0.2) ** 2) - ((y + 1.5) / 3.5) ** 2)
    below = np.clip(-y / 11, 0, 1.6)
    return skull * upper + over - below * (0.5 + 0.5 * frontal * frontal)
