"""The skin and hair of one subject, painted on a cylinder around the head.

Painting is split in two: `paint` draws everything that stays the same for a subject (the slow part), `compose` mixes it
for one age (about a millisecond), because hair greys and wrinkles deepen from image to image.
"""

from dataclasses import dataclass
from typing import no_type_check

import cv2
import numpy as np
from jaxtyping import Float
from numba import njit

from syntwins.identity import Subject
from syntwins.mesh import regions as at
from syntwins.paint.marks import FRECKLE, MOLE, SCAR, Marks, texture_scale
from syntwins.paint.masks import FIXED_POINT, HEIGHT, WIDTH, fixed, masks, texels
from syntwins.paint.palette import SKIN_RGB, Complexion, Palette
from syntwins.paint.strands import hair_mask, hair_rgb, noise, strand_relief

MOLE_RGB = np.array([0.06, 0.03, 0.02], np.float32)


@dataclass(frozen=True, eq=False)
class Layers:
    """Texture of one subject before ageing, float32.

    Attributes:
        skin: linear RGB reflectance without wrinkles, brows, lashes, hair.
        relief: height of pores, moles and scars, arbitrary units.
        wrinkles: depth of the lines at strength 1.
        brows, lashes, hair: opacity, [0, 1].
        strands: relief of the hair.
        shine: factor on the hair's colour.
    """

    skin: Float[np.ndarray, "H W 3"]
    relief: Float[np.ndarray, "H W"]
    wrinkles: Float[np.ndarray, "H W"]
    brows: Float[np.ndarray, "H W"]
    lashes: Float[np.ndarray, "H W"]
    hair: Float[np.ndarray, "H W"]
    strands: Float[np.ndarray, "H W"]
    shine: Float[np.ndarray, "H W"]


def skin_rgb(palette: Palette) -> Float[np.ndarray, "3"]:
    """Linear reflectance of bare skin."""
    low = min(int(palette.tone), len(SKIN_RGB) - 2)
    part = palette.tone - low
    return (SKIN_RGB[low] * (1 - part) + SKIN_RGB[low + 1] * part) * np.array(palette.tint)


def paint(subject: Subject, width: int = 512) -> Layers:
    """Paint everything about a subject that does not change with age.

    Args:
        subject: who.
        width: texels around the head; the height is 5/8 of it. 512 suffices up to 160 px images, 1024 beyond.
    """
    m, skin = masks(width), subject.complexion
    shape = m["y"].shape
    shared, own = np.random.default_rng([skin.shared_seed, 1]), np.random.default_rng([skin.own_seed, 2])
    colour = _base_colour(subject.palette, skin, m, shared, own)
    _paint_features(colour, subject.palette, skin, m, shared, own)
    relief = 0.10 * noise(shared, shape, 6) + 0.12 * noise(own, shape, 2)
    _paint_marks(colour, relief, subject.marks)
    wrinkles = m["wrinkles"] * (1 + 0.35 * noise(shared, shape, 12))
    strands = strand_relief(subject.palette, m, shared)
    hair = hair_mask(subject.palette, m, strands, shared)
    return Layers(
        skin=np.clip(colour, 0.003, 1),
        relief=relief,
        wrinkles=wrinkles,
        brows=_brows(skin, shape),
        lashes=np.clip(m["lashes"] * skin.lashes, 0, 0.95),
        hair=hair,
        strands=strands,
        shine=np.exp(0.45 * strands.astype(float)).astype(np.float32),
    )


def _base_colour(
    palette: Palette,
    skin: Complexion,
    m: dict[str, np.ndarray],
    shared: np.random.Generator,
    own: np.random.Generator,
) -> np.ndarray:
    """Bare skin: tone, blotches, redness, shadows around the eyes."""
    shape = m["y"].shape
    light = 1 + 0.045 * noise(shared, shape, 70) + 0.03 * noise(shared, shape, 25)
    light += 0.03 * skin.blotches * noise(own, shape, 40) + 0.025 * noise(own, shape, 3) + 0.03 * noise(own, shape, 1.5)
    light *= 1 - 0.13 * m["eyes"] - 0.16 * skin.under_eye * m["under_eyes"]
    red = skin.redness * (0.9 * m["cheeks"] + 0.8 * m["nose"]) + 0.06 * noise(shared, shape, 30)
    tone = skin_rgb(palette).astype(np.float32)
    gains = np.array([0.10, -0.12, -0.10], np.float32)
    return np.stack([tone[k] * light * (1 + gains[k] * red) for k in range(3)], -1)


def _mix(colour: np.ndarray, over: np.ndarray, opacity: np.ndarray) -> None:
    """Lay one colour over another, in place."""
    colour += opacity[..., None] * (over - colour)


def _paint_features(
    colour: np.ndarray,
    palette: Palette,
    skin: Complexion,
    m: dict[str, np.ndarray],
    shared: np.random.Generator,
    own: np.random.Generator,
) -> None:
    """Beard shadow, lips, nostrils, lid crease; in place."""
    shape = m["y"].shape
    stubble = (noise(own, shape, 1.3) > 0.1) * np.float32(0.5) + np.float32(0.5)
    if skin.beard:
        _mix(colour, np.array([0.05, 0.045, 0.045], np.float32), 0.55 * skin.beard * m["beard"] * stubble)
    lips = skin_rgb(palette) * [0.84, 0.42, 0.45] * (1 - 0.02 * palette.tone) + np.array([0.06, 0, 0.01]) * skin.lip_red
    lip_noise = 1 + 0.06 * noise(shared, shape, 4) - 0.16 * m["upper_lip"]
    _mix(colour, lips.astype(np.float32) * lip_noise[..., None], 0.88 * m["lips"])
    # Light that leaves a fold has passed through skin: its shadow is red.
    colour *= 1 - m["hollows"][..., None] * np.array([0.34, 0.46, 0.5], np.float32)
    dark = (1 - 0.75 * np.clip(1.4 * m["lip_line"], 0, 1)) * (1 - 0.9 * m["nostrils"]) * (1 - 0.4 * m["crease"])
    colour *= dark[..., None]


def _paint_marks(colour: np.ndarray, relief: np.ndarray, marks: Marks) -> None:
    """Moles (dark, raised), freckles (darker skin), scars (pale, sunk); in place."""
    height, width = relief.shape
    texel = texture_scale(marks.uv) * [width - 1, height - 1]  # texels per cm
    centre = marks.uv * [width - 1, height - 1]
    for i, kind in enumerate(marks.kind):
        reach = np.ceil(4 * marks.sigma[i] * texel[i]).astype(int) + 1
        x0, y0 = np.maximum(centre[i].astype(int) - reach, 0)
        x1, y1 = np.minimum(centre[i].astype(int) + reach + 1, [width, height])
        if x0 >= x1 or y0 >= y1:
            continue
        y, x = np.mgrid[y0:y1, x0:x1].astype(float)
        x, y = (x - centre[i, 0]) / texel[i, 0], (y - centre[i, 1]) / texel[i, 1]  # cm
        c, s = np.cos(marks.angle[i]), np.sin(marks.angle[i])
        narrow = 0.06 if kind == SCAR else marks.sigma[i]
        shape = np.exp(-((c * x + s * y) ** 2) / (2 * marks.sigma[i] ** 2) - (c * y - s * x) ** 2 / (2 * narrow**2))
        opacity = (marks.contrast[i] * shape).astype(np.float32)
        patch, bump = colour[y0:y1, x0:x1], relief[y0:y1, x0:x1]
        if kind == MOLE:
            _mix(patch, MOLE_RGB, opacity)
            bump += (12 * marks.sigma[i] * shape).astype(np.float32)
        elif kind == FRECKLE:
            patch *= 1 - opacity[..., None]
        else:
            patch *= 1 + opacity[..., None] * np.array([0.5, 0.25, 0.25], np.float32)
            bump -= shape.astype(np.float32)


def _brows(skin: Complexion, shape: tuple[int, int]) -> np.ndarray:
    """Opacity of the brows: a few hundred strokes a side."""
    rng = np.random.default_rng([skin.shared_seed, 5])
    canvas = np.zeros((HEIGHT, WIDTH), np.uint8)
    pairs = ((at.BROW_UPPER_R, at.BROW_LOWER_R, 1), (at.BROW_UPPER_L, at.BROW_LOWER_L, -1))
    n = int(260 * skin.brow_density)
    for upper_ids, lower_ids, side in pairs:
        upper, lower = texels(upper_ids), texels(lower_ids)
        along, across = rng.uniform(0, 4, n), rng.uniform(0.05, 1, n)
        i = np.minimum(along.astype(int), 3)
        part = (along - i)[:, None]
        top = upper[i] * (1 - part) + upper[i + 1] * part
        bottom = lower[i] * (1 - part) + lower[i + 1] * part
        taper = np.where(along > 1, 1, 0.35 + 0.65 * along)
        root = top + (bottom - top) * (0.5 + (across - 0.5) * taper * skin.brow_thickness)[:, None]
        direction = np.stack([np.full(n, -side), np.where(along > 2.6, -0.55, -0.15)], 1)
        tip = root + direction * rng.uniform(4, 8, (n, 1))
        for start, end, ink in zip(fixed(root), fixed(tip), rng.integers(120, 255, n).tolist(), strict=True):
            cv2.line(canvas, start.tolist(), end.tolist(), ink, 1, cv2.LINE_AA, FIXED_POINT)
    soft = cv2.GaussianBlur(canvas, (0, 0), 0.8)
    small = cv2.resize(soft, shape[::-1], interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    return np.clip(1.6 * small, 0, 1) * np.float32(0.92)


def compose(layers: Layers, subject: Subject, years: float) -> Float[np.ndarray, "H W 5"]:
    """Texture at one age: linear RGB, hair opacity, relief (float32)."""
    hair = hair_rgb(subject.palette, subject.complexion, years)
    brow = np.minimum(hair, 0.12) * 0.8 + 0.005
    strength = min(2.0, subject.complexion.wrinkles + max(0.0, years - 22) / 50)
    out = np.empty((*layers.relief.shape, 5), np.float32)
    stack = (layers.skin, layers.relief, layers.wrinkles, layers.brows, layers.lashes, layers.hair, layers.strands)
    _compose(*stack, layers.shine, np.float32(strength), brow.astype(np.float32), hair.astype(np.float32), out)
    return out


@njit(cache=True)
@no_type_check
def _compose(skin, relief, wrinkles, brows, lashes, hair, strands, shine, strength, brow_rgb, hair_rgb, out):
    """Wrinkles darken and sink; brows, lashes and hair lie on top, in this order."""
    height, width = relief.shape
    for y in range(height):
        for x in range(width):
            line = strength * wrinkles[y, x]
            fade = 1 - np.float32(0.10) * line
            brow, lash, h, shone = brows[y, x], lashes[y, x], hair[y, x], shine[y, x]
            for k in range(3):
                c = skin[y, x, k] * fade
                if brow:  # most texels have none of the three
                    c += brow * (brow_rgb[k] - c)
                if lash:
                    c += lash * (np.float32(0.012) - c)
                if h:
                    c += h * (hair_rgb[k] * shone - c)
                out[y, x, k] = min(max(c, np.float32(0.003)), np.float32(1))
            out[y, x, 3] = h
            out[y, x, 4] = (relief[y, x] - np.float32(0.9) * line) * (1 - h) + np.float32(0.6) * h * strands[y, x]
