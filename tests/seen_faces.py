"""Looks for faces in pages: every raster picture of an HTML text, and whether a crop stands in it."""

import base64
import io
import re

import numpy as np
from PIL import Image


def pictures(html: str) -> list[np.ndarray]:
    """Every raster picture inside a page, those inside its drawings included."""
    found = []
    for kind, text in re.findall(r"data:image/(svg\+xml|png|jpe?g|webp);base64,([A-Za-z0-9+/=\s]+)", html):
        decoded = base64.b64decode(text)
        if kind == "svg+xml":
            found += pictures(decoded.decode())
        else:
            found.append(np.asarray(Image.open(io.BytesIO(decoded)).convert("RGB")))
    return found


def holds(picture: np.ndarray, crop: np.ndarray) -> bool:
    """Whether a crop stands somewhere in a picture, at any size: by template matching at several scales.

    An SVG of matplotlib holds its pictures upside down.
    """
    import cv2

    for size in np.geomspace(36, 220, 18).astype(int):
        small = cv2.resize(crop, (int(size), int(size)), interpolation=cv2.INTER_AREA)
        for turned in (picture, np.ascontiguousarray(picture[::-1])):
            fits = min(picture.shape[:2]) >= size
            if fits and cv2.matchTemplate(turned, small, cv2.TM_CCOEFF_NORMED).max() > 0.8:
                return True
    return False
