"""Five landmarks a photograph from a CSV file, where somebody has measured them before."""

from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float

from twinlib.errors import InputError

# Left eye, right eye, nose tip, left and right mouth corner, as seen in the image; x and y of each.
FORMS = (
    ("lex", "ley", "rex", "rey", "nox", "noy", "mlx", "mly", "mrx", "mry"),
    ("lx", "ly", "rx", "ry", "nx", "ny", "mlx", "mly", "mrx", "mry"),
    ("x1", "y1", "x2", "y2", "x3", "y3", "x4", "y4", "x5", "y5"),
)


def read_points(file: Path, suffix: str = "") -> dict[str, Float[np.ndarray, "5 2"]]:
    """Read five points an image.

    Args:
        file: a CSV table with a column `image` (its path inside the source) and ten columns named as one of `FORMS`.
        suffix: what the ten names end in, where a table holds points in more than one frame (e.g. `_112`).

    Returns:
        Path of an image -> left eye, right eye, nose tip, left and right mouth corner, px of the upright picture.

    Raises:
        InputError: the file is missing or no such table, an image stands twice, a cell is no number, or the eyes are
            on the wrong sides.
    """
    if not file.is_file():
        raise InputError(f"{file} does not exist. Name a CSV table of landmarks.")
    try:
        table = pd.read_csv(file, dtype={"image": str})
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise InputError(f"{file} is not a readable CSV table ({error}). Save it as CSV in UTF-8.") from error
    names = next((form for form in ([f"{n}{suffix}" for n in form] for form in FORMS) if {*form} <= {*table}), None)
    if names is None or "image" not in table:
        wanted = f"image, {', '.join(f'{name}{suffix}' for name in FORMS[0])}"
        raise InputError(f"{file}: wanted columns {wanted}; found {', '.join(map(str, table))}. Rename them.")
    if (twice := table["image"].duplicated()).any():
        raise InputError(f"{file}: image {table['image'][twice.idxmax()]!r} stands twice. Remove one row.")
    numbers = table[names].apply(pd.to_numeric, errors="coerce").to_numpy(np.float64)
    if not (fine := np.isfinite(numbers).all(1)).all():
        raise InputError(f"{file}: row {int(np.argmin(fine)) + 2}: wanted ten numbers. Leave such images out.")
    points = numbers.reshape(-1, 5, 2)
    if (crossed := points[:, 0, 0] > points[:, 1, 0]).mean() > 0.5:
        image = table["image"][int(np.argmax(crossed))]
        raise InputError(f"{file}: the left eye of {image} lies right of the right one. Left is meant in the image.")
    return dict(zip(table["image"].astype(str), points, strict=True))
