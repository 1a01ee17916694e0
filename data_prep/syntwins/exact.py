"""Filters whose results are the same on every processor, because a picture must be.

OpenCV adds float32 in an order, and with fused multiplications, that depend on the processor. In float64 two processors
differ in the sixteenth digit, which the rounding to float32 drops. Functions here take and return float32. For the same
reason kernels of this package are compiled without `fastmath`, and sines and exponentials are taken in float64.
"""

from typing import no_type_check

import cv2
import numpy as np
from jaxtyping import Float, UInt8
from numba import njit

ACROSS, DIAGONAL, KNIGHT = 1.0, 1.4, 2.1969  # lengths of the steps of `distance`, cells; Borgefors' 5 × 5 mask


def blur(image: np.ndarray, sigma: int | float) -> np.ndarray:
    """Gaussian blur; sigma in px."""
    return cv2.GaussianBlur(image.astype(float), (0, 0), sigma).astype(np.float32)


def resize(image: np.ndarray, shape: tuple[int, int], how: int) -> np.ndarray:
    """Image of another shape (rows, columns); `how` is `cv2.INTER_AREA` or `cv2.INTER_CUBIC`."""
    return cv2.resize(image.astype(float), shape[::-1], interpolation=how).astype(np.float32)


def enlarge(image: Float[np.ndarray, "H W"], shape: tuple[int, int]) -> Float[np.ndarray, "R C"]:
    """Image of a larger shape (rows, columns), linear between the centres of pixels, as `cv2.INTER_LINEAR`."""
    for new, old in zip(shape, image.shape, strict=True):  # rows first; each turn puts the other axis in front
        place = np.clip((np.arange(new) + 0.5) * old / new - 0.5, 0, old - 1)
        first = np.minimum(place.astype(int), old - 2)
        part = (place - first)[:, None]
        image = (image[first] * (1 - part) + image[first + 1] * part).T
    return image.astype(np.float32)


def look_up(image: np.ndarray, column: np.ndarray, row: np.ndarray, border: int = cv2.BORDER_CONSTANT) -> np.ndarray:
    """Image at places between its pixels, linear in between."""
    return cv2.remap(image.astype(float), column, row, cv2.INTER_LINEAR, borderMode=border).astype(np.float32)


def shift(image: np.ndarray, x: float, y: float, border: int = cv2.BORDER_CONSTANT) -> np.ndarray:
    """Image moved by so many px to the right and down."""
    matrix = np.array([[1, 0, x], [0, 1, y]])
    return cv2.warpAffine(image.astype(float), matrix, image.shape[::-1], borderMode=border).astype(np.float32)


def distance(inside: UInt8[np.ndarray, "H W"]) -> Float[np.ndarray, "H W"]:
    """Distance of each cell from the nearest one that is 0, in cells.

    OpenCV's `distanceTransform` measures so too, but its last digits depend on the library that it was built with.

    Source:
        G. Borgefors, Distance transformations in digital images, 1986.
    """
    out = np.zeros(inside.shape)
    _chamfer(inside, out)
    return out.astype(np.float32)


@njit(cache=True)
@no_type_check
def _chamfer(inside, out):
    """Paths of steps to a neighbour, a diagonal one or a knight's move away: once downwards, once back."""
    height, width = inside.shape
    steps = ((0, -1, ACROSS), (-1, 0, ACROSS), (-1, -1, DIAGONAL), (-1, 1, DIAGONAL),
             (-2, -1, KNIGHT), (-2, 1, KNIGHT), (-1, -2, KNIGHT), (-1, 2, KNIGHT))  # fmt: skip
    for way in (1, -1):
        for n in range(height * width):
            y, x = divmod(n if way == 1 else height * width - 1 - n, width)
            if inside[y, x]:
                nearest = np.inf if way == 1 else out[y, x]
                for dy, dx, length in steps:
                    j, i = y + way * dy, x + way * dx
                    if 0 <= j < height and 0 <= i < width:
                        nearest = min(nearest, out[j, i] + length)
                out[y, x] = nearest
