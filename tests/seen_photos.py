"""Photographs of faces for tests: a real portrait, and rendered ones."""

import io

import numpy as np
import pytest
from PIL import Image

FORMATS = {
    "jpg": {"format": "JPEG", "quality": 90},
    "png": {"format": "PNG"},
    "webp": {"format": "WEBP", "quality": 90},
    "bmp": {"format": "BMP"},
    "tiff": {"format": "TIFF"},
    "gif": {"format": "GIF"},
    "jp2": {"format": "JPEG2000"},
    "ppm": {"format": "PPM"},
}


def portrait() -> np.ndarray:
    """The astronaut that scikit-image ships (public domain), 512 × 512 px."""
    return pytest.importorskip("skimage.data").astronaut()


def stored(pixels: np.ndarray, ending: str) -> bytes:
    """A photograph as a file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, **FORMATS[ending])
    return buffer.getvalue()


def turned(pixels: np.ndarray, quarters: int) -> np.ndarray:
    """A photograph that somebody turned, contiguous."""
    return np.ascontiguousarray(np.rot90(pixels, quarters))
