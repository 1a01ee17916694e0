"""From light to file: background, tone curve, blur, noise, JPEG."""

import math
from typing import no_type_check

import cv2
import numpy as np
from jaxtyping import Float, Int8, UInt8
from numba import njit

from syntwins.exact import blur, resize
from syntwins.nuisance import Nuisance

SUPERSAMPLING = 2  # samples a pixel, along x and along y
SMALLEST_BLUR = 0.2  # a blur of a smaller sigma (px) changes nothing that eight bits can show
GAMMA = 2.2


def develop(
    linear: Float[np.ndarray, "H H 3"], part: Int8[np.ndarray, "H H"], nuisance: Nuisance, rng: np.random.Generator
) -> Float[np.ndarray, "S S 3"]:
    r"""Put the background behind the head, average the samples of each pixel, apply tone curve and gamma.

    The curve :math:`1.12\,x (1 + 0.12 x) / (1 + 0.75 x)` keeps highlights from burning out.

    Returns:
        Display values in [0, 1], RGB.
    """
    size = len(part) // SUPERSAMPLING
    spots = resize(rng.uniform(0.75, 1.25, (3, 3)).astype(np.float32), (size, size), cv2.INTER_CUBIC)
    background = (np.array(nuisance.background) ** 1.5).astype(np.float32)
    picture = np.empty((size, size, 3), np.float32)
    _average(linear, part, background, spots, np.float32(nuisance.exposure), picture)
    return picture


@njit(cache=True)
@no_type_check
def _average(linear, part, background, spots, exposure, picture):
    """Mean of each pixel's samples, then exposure, tone curve and gamma, into `picture`."""
    n = linear.shape[0] // picture.shape[0]
    for y in range(picture.shape[0]):
        for x in range(picture.shape[1]):
            for k in range(3):
                total = np.float32(0)
                for j in range(y * n, y * n + n):
                    for i in range(x * n, x * n + n):
                        total += linear[j, i, k] if part[j, i] >= 0 else background[k] * spots[y, x]
                v = total * exposure / (n * n)
                v = v * (1 + np.float32(0.12) * v) / (1 + np.float32(0.75) * v) * np.float32(1.12)
                picture[y, x, k] = math.pow(min(max(v, np.float32(0)), np.float32(1)), np.float32(1 / GAMMA))


def photograph(
    picture: Float[np.ndarray, "S S 3"], nuisance: Nuisance, rng: np.random.Generator
) -> tuple[UInt8[np.ndarray, "S S 3"], bytes]:
    """Blur, noise and JPEG.

    Returns:
        The pixels decoded from the file (RGB) and the file.
    """
    sigma = nuisance.blur * len(picture) / 160
    if sigma > SMALLEST_BLUR:
        picture = blur(picture, sigma)
    grain = rng.standard_normal(picture.shape, dtype=np.float32) * np.float32(nuisance.noise)
    rgb = (np.clip(picture + grain, 0, 1) * 255 + 0.5).astype(np.uint8)
    file = cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, nuisance.jpeg])[1]
    return np.ascontiguousarray(cv2.imdecode(file, cv2.IMREAD_COLOR)[..., ::-1]), file.tobytes()
