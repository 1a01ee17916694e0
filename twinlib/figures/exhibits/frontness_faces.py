"""SymFace's measure of frontness, drawn on faces."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, UInt8
from matplotlib.figure import Figure

from twinlib.errors import InputError
from twinlib.figures.style import GENUINE, TWIN, figure


def frontness_faces(
    crops: Sequence[UInt8[np.ndarray, "S S 3"]],
    columns: Float[np.ndarray, "N 3"],
    rho: Float[np.ndarray, " N"],
    of: str = "rendered faces",
) -> tuple[Figure, str]:
    """Faces in a row, on each the middle between the eyes (solid) and the nose (dashed), above it ρ.

    Args:
        crops: aligned faces.
        columns: of left eye, right eye and tip of the nose, px of the crop.
        rho: frontness of each.
        of: what the images are, for the alternative text.

    Raises:
        InputError: not as many columns or ρ as faces.
    """
    if not len(crops) == len(columns) == len(rho):
        raise InputError(f"frontness_faces: {len(crops)} faces, {len(columns)} landmarks, {len(rho)} values of ρ.")
    fig, axes = figure(1.05 * len(crops) + 0.2, 1.35, 1, len(crops))
    for ax, crop, (left, right, nose), value in zip(np.atleast_1d(axes), crops, columns, rho, strict=True):
        ax.imshow(crop)
        ax.axvline((left + right) / 2, color=GENUINE, linewidth=1.8)
        ax.axvline(nose, color=TWIN, linewidth=1.8, linestyle=(0, (3, 2)))
        ax.set(xticks=[], yticks=[])
        ax.set_title(f"{value:.2f}", fontsize=9, loc="center")
        ax.grid(False)
        ax.spines[:].set_visible(False)
    said = ", ".join(f"{value:.2f}" for value in rho)
    return fig, f"{len(crops)} {of} with the middle between their eyes and the column of the nose; frontness ρ: {said}."
