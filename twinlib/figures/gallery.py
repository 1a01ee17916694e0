"""Which faces a page may show: rendered ones always, photographs of people only where somebody asked for it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from twinlib import files
from twinlib.errors import InputError

GALLERIES = ("synthetic", "local")
SHADE, PAPER = 150, 225  # grey of the drawn head and of its background
# The gate of the book refuses a page that holds this mark, so that it cannot be published by accident.
MARK = 'data-gallery="local"'
NOTICE = f"<p {MARK}><strong>This page shows faces of a private data set. Keep it on this machine.</strong></p>"

Crops = UInt8[np.ndarray, "N S S 3"]


@dataclass(frozen=True)
class Gallery:
    """Pictures that a page may show.

    Attributes:
        crops: faces, or a drawn head for each.
        of: what they are, for the alternative text.
        notice: HTML for the page; empty unless people are shown.
    """

    crops: Crops
    of: str
    notice: str


def rendered(root: Path) -> bool:
    """Whether a data set was made by the renderer of this library, by what its `dataset.json` says."""
    described = root / "dataset.json"
    value = files.read_json(described) if described.is_file() else {}
    return isinstance(value, dict) and value.get("generator_version") is not None


def showable(crops: Crops, root: Path, gallery: str) -> Gallery:
    """The crops themselves if the page may show them, else a drawn head for each.

    Args:
        crops: aligned faces, RGB.
        root: the data set they come from.
        gallery: synthetic (only rendered faces are shown) or local (all are, and the page is marked).

    Raises:
        InputError: for another gallery.
    """
    if gallery not in GALLERIES:
        raise InputError(f"gallery: wanted {' or '.join(GALLERIES)}, found {gallery!r}.")
    if rendered(root):
        return Gallery(crops, "rendered faces", "")
    if gallery == "local":
        return Gallery(crops, "photographs of people", NOTICE)
    heads = np.repeat(_head(crops.shape[1])[None], len(crops), axis=0)
    return Gallery(heads, "drawn heads in place of the photographs, which this page does not hold", "")


def _head(size: int) -> UInt8[np.ndarray, "S S 3"]:
    """A head and shoulders, the same for everybody."""
    y, x = (np.mgrid[:size, :size] + 0.5) / size
    head = ((x - 0.5) / 0.24) ** 2 + ((y - 0.42) / 0.3) ** 2 < 1
    shoulders = ((x - 0.5) / 0.45) ** 2 + ((y - 1.05) / 0.3) ** 2 < 1
    grey = np.where(head | shoulders, SHADE, PAPER).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)
