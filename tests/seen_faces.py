"""Looks for faces in pages: every raster picture of an HTML text or a built folder, and whether a crop stands in it."""

import base64
import binascii
import io
import re
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

PAGES = (".html", ".ipynb", ".svg", ".json", ".js", ".css", ".txt", ".md", ".xml", ".csv")
IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".avif", ".ico")
# Base64 of JPEG, PNG, GIF, RIFF (WebP), TIFF: as data URI or bare, as a notebook keeps the outputs of its cells.
START = r"(?:/9j/|iVBOR|R0lGOD|UklGR|SUkqA|TU0AK)"
RASTER = re.compile(START + r"(?:[A-Za-z0-9+/=]|\\n|\s){200,}")
DRAWING = re.compile(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)")
COLOURS = 3000  # more different ones than a drawn figure of these pages has, fewer than a photograph


def pictures(text: str) -> list[np.ndarray]:
    """Every raster picture inside a page, those inside its drawings included."""
    found = [picture for drawing in DRAWING.findall(text) for picture in pictures(base64.b64decode(drawing).decode())]
    for coded in RASTER.findall(text):
        try:
            stored = base64.b64decode(re.sub(r"\\n|\s", "", coded))
            found.append(np.asarray(Image.open(io.BytesIO(stored)).convert("RGB")))
        except (binascii.Error, UnidentifiedImageError, OSError):
            continue
    return found


def pictures_below(folder: Path) -> list[np.ndarray]:
    """Every raster picture in the files of a folder: as files, and inside pages, sources and scripts."""
    found = []
    for file in sorted(folder.rglob("*")):
        if file.suffix.lower() in IMAGES:
            found.append(np.asarray(Image.open(file).convert("RGB")))
        elif file.suffix.lower() in PAGES:
            found += pictures(file.read_text(encoding="utf-8", errors="replace"))
    return found


def photographic(picture: np.ndarray) -> bool:
    """Whether a picture has as many different colours as a photograph: finds faces at any size, turned or cut."""
    return len(np.unique(picture.reshape(-1, 3), axis=0)) > min(COLOURS, picture.shape[0] * picture.shape[1] // 4)


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
