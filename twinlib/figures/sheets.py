"""Pictures of faces: contact sheets and families side by side. Rendered faces only leave this machine."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, UInt8
from matplotlib.figure import Figure

from twinlib.errors import InputError
from twinlib.faces.align import REGIONS
from twinlib.figures.style import PALETTE, figure


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
    for i, ax in enumerate(np.atleast_1d(axes).ravel()):
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


def _draw_boxes(ax: object, boxes: Float[np.ndarray, "R 4"], width: int, height: int) -> None:
    from matplotlib.patches import Rectangle

    for k, (x0, y0, x1, y1) in enumerate(boxes * [width, height, width, height]):
        ax.add_patch(  # type: ignore[attr-defined]
            Rectangle((x0 - 0.5, y0 - 0.5), x1 - x0, y1 - y0, fill=False, edgecolor=PALETTE[k], label=REGIONS[k])
        )
