"""Hair on the texture: where it lies, how its strands run, its colour."""

import cv2
import numpy as np
from jaxtyping import Float

from syntwins.exact import enlarge, look_up, resize
from syntwins.mesh.hair import AROUND_CM, CROPPED, SHORT, depth_map, part_angle
from syntwins.paint.masks import HEIGHT, WIDTH
from syntwins.paint.palette import Complexion, Palette

GREY_RGB = np.array([0.33, 0.33, 0.325])


def noise(
    rng: np.random.Generator, shape: tuple[int, int], cell: int | float, across: int | float | None = None
) -> np.ndarray:
    """Cubic noise, standard deviation below 1, one draw per cell (reference texels; `across` = another width)."""
    grid = (max(2, int(HEIGHT / cell + 2)), max(2, int(WIDTH / (across or cell) + 2)))
    draws = rng.standard_normal(grid, dtype=np.float32)
    return resize(draws, shape, cv2.INTER_CUBIC)


def strand_relief(palette: Palette, m: dict[str, np.ndarray], shared: np.random.Generator) -> np.ndarray:
    """Relief of the hair: noise stretched along the strands, which leave the part and bend down to the sides."""
    y, around = m["y"], np.float32(AROUND_CM) * m["theta"][0]
    if palette.hair_style == CROPPED:  # too short to lie in any direction
        return np.float32(0.7) * _stretched(shared, np.broadcast_to(around, y.shape), y, 0.2, 0.5)
    along = around - np.float32(AROUND_CM * part_angle(palette))
    steepest, bend = (1.6, 5.0) if palette.hair_style == SHORT else (3.0, 4.0)
    straight = np.exp(-np.abs(along).astype(float) / bend).astype(np.float32)
    slope = np.float32(steepest) * (1 - straight)
    fallen = np.float32(steepest) * np.abs(along) - np.float32(bend) * slope
    across = y + fallen + np.float32(0.25) * noise(shared, y.shape, 60)
    along = np.broadcast_to(along, y.shape)
    level = 1 / (1 + slope * slope)  # where strands fall steeply, a step down crosses fewer of them
    return (
        np.float32(0.8) * level * _stretched(shared, across, along, 0.16, 2.5)
        + np.float32(0.8) * (1 - level) * _stretched(shared, across, along, 0.4, 1.2)
        + np.float32(0.3) * _stretched(shared, across, along, 1.0, 6.0)
    )


def _stretched(rng: np.random.Generator, across: np.ndarray, along: np.ndarray, wide: float, long: float) -> np.ndarray:
    """Noise over two coordinates (cm), with cells of the given width and length."""
    draws = rng.standard_normal((512, 64), dtype=np.float32)
    rows, columns = across / np.float32(wide), along / np.float32(long)
    return look_up(draws, columns, rows, cv2.BORDER_WRAP)


def hair_mask(
    palette: Palette, m: dict[str, np.ndarray], strands: np.ndarray, shared: np.random.Generator
) -> np.ndarray:
    """Opacity of the hair: a soft edge of single strands; the scalp shines through cropped hair."""
    depth = enlarge(depth_map(palette), m["y"].shape)
    smooth = 0.2 * noise(shared, m["y"].shape, 44)
    if palette.hair_style == CROPPED:
        edge = _smoothstep((depth + smooth + np.float32(0.2) * strands) / np.float32(1.5) + np.float32(0.4))
        return edge * np.clip(0.6 + 0.06 * m["y"] + 0.1 * strands, 0.4, 0.95)
    # Beside the part strands run along the hair line; alone on the forehead they would be arcs.
    ragged = 0.32 * np.clip(np.abs(m["theta"][0] - np.float32(part_angle(palette))) / 0.5, 0.2, 1)
    return _smoothstep(depth + smooth + ragged * strands + np.float32(0.4))


def _smoothstep(x: np.ndarray) -> np.ndarray:
    """0 below 0, 1 above 1, smooth in between."""
    x = np.clip(x, 0, 1)
    return x * x * (3 - 2 * x)


def hair_rgb(palette: Palette, skin: Complexion, years: float) -> Float[np.ndarray, "3"]:
    """Hair colour at an age: grey sets in at 42 generator years and grows, for those who grey, until 72."""
    grey = 0.75 * skin.greying * float(np.clip((years - 42) / 30, 0, 1))
    return np.array(palette.hair_rgb) * (1 - grey) + grey * GREY_RGB
