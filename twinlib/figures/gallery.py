"""Faces on pages: contact sheets and families, and which faces a page may show."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float, UInt8
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from twinlib import files
from twinlib.errors import InputError
from twinlib.faces.align import REGIONS
from twinlib.figures.style import PALETTE, figure

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


def contact_sheet(
    images: Sequence[UInt8[np.ndarray, "H W 3"]],
    rows: Sequence[str],
    columns: int,
    what: str,
    boxes: Float[np.ndarray, "N R 4"] | None = None,
    of: str = "rendered faces",
) -> tuple[Figure, str]:
    """Images in rows, each row with its name on the left.

    Args:
        images: RGB bytes, row by row.
        rows: name of each row.
        columns: images in a row.
        what: what the sheet shows, for the alternative text.
        boxes: region boxes in [0, 1] to draw over each image, in the order eyes, nose, mouth, jaw.
        of: what the images are, for the alternative text.

    Returns:
        The figure and its alternative text.

    Raises:
        InputError: if there are not rows × columns images.
    """
    if len(images) != len(rows) * columns:
        raise InputError(f"contact_sheet needs {len(rows)} × {columns} images (rows × columns), got {len(images)}.")
    fig, axes = figure(1.05 * columns + 0.8, 1.05 * len(rows), len(rows), columns)
    for i, ax in enumerate(axes.ravel()):
        ax.imshow(images[i])
        ax.set(xticks=[], yticks=[])
        ax.grid(False)
        ax.spines[:].set_visible(False)
        if boxes is not None:
            _draw_boxes(ax, boxes[i], images[i].shape[1], images[i].shape[0])
        if i % columns == 0:
            ax.set_ylabel(rows[i // columns], rotation=0, ha="right", va="center", fontsize=8)
    drawn = ", with the detector's region boxes drawn over them" if boxes is not None else ""
    return fig, f"{what}: {len(rows)} rows ({', '.join(rows)}) of {columns} {of}{drawn}."


def _draw_boxes(ax: Axes, boxes: Float[np.ndarray, "R 4"], width: int, height: int) -> None:
    from matplotlib.patches import Rectangle

    for k, (x0, y0, x1, y1) in enumerate(boxes * [width, height, width, height]):
        ax.add_patch(
            Rectangle((x0 - 0.5, y0 - 0.5), x1 - x0, y1 - y0, fill=False, edgecolor=PALETTE[k], label=REGIONS[k])
        )
