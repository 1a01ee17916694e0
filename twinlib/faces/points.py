"""Five landmarks a photograph from a CSV file, where somebody has measured them before."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from twinlib.data.readers.names import Names
from twinlib.data.text import words
from twinlib.data.text.filenames import nfc, plain
from twinlib.data.text.table_files import read_table
from twinlib.errors import InputError
from twinlib.faces.faceparts import Five

# Left eye, right eye, nose tip, left and right mouth corner, as seen in the image; x and y of each.
FORMS = (
    ("lex", "ley", "rex", "rey", "nox", "noy", "mlx", "mly", "mrx", "mry"),
    ("lx", "ly", "rx", "ry", "nx", "ny", "mlx", "mly", "mrx", "mry"),
    ("x1", "y1", "x2", "y2", "x3", "y3", "x4", "y4", "x5", "y5"),
)


def read_points(file: Path, suffix: str = "") -> Five:
    """Read five points an image.

    Args:
        file: a table with a column `image` (its path inside the source) and ten columns named as one of `FORMS`.
        suffix: what the ten names end in, where a table holds points in more than one frame (e.g. `_112`).

    Returns:
        Path of an image -> left eye, right eye, nose tip, left and right mouth corner, px of the upright picture.

    Raises:
        InputError: the file is missing or no such table, an image stands twice, a cell is no number, or the eyes are
            on the wrong sides.
    """
    if not file.is_file():
        raise InputError(f"{file} does not exist. Name a CSV table of landmarks.")
    read = read_table(file, words.POINTS | {name: () for form in FORMS for name in (f"{n}{suffix}" for n in form)})
    table = read.frame
    names = next((form for form in ([f"{n}{suffix}" for n in form] for form in FORMS) if {*form} <= {*table}), None)
    if names is None or "image" not in table:
        wanted = f"image, {', '.join(f'{name}{suffix}' for name in FORMS[0])}"
        raise InputError(f"{file}: wanted columns {wanted}; found {', '.join(map(str, table))}. Rename them.")
    if (twice := table["image"].duplicated()).any():
        raise InputError(f"{file}: image {table['image'][twice.idxmax()]!r} stands twice. Remove one row.")
    points = read.numbers(names).reshape(-1, 5, 2)
    if (crossed := points[:, 0, 0] > points[:, 1, 0]).mean() > 0.5:
        image = table["image"][int(np.argmax(crossed))]
        raise InputError(f"{file}: the left eye of {image} lies right of the right one. Left is meant in the image.")
    return dict(zip(map(plain, table["image"]), points, strict=True))


def placed(points: Five, images: Sequence[str], paths: Sequence[str]) -> Five:
    """Points of the images of a source, by their paths there.

    Args:
        points: by any name of an image: its id in a manifest, its path, or the end of it.
        images: names of the images.
        paths: their paths, in the same order.

    Raises:
        InputError: no image of the source has points.
    """
    names, by_id = Names(paths), dict(zip(images, paths, strict=True))
    where = {name: by_id.get(nfc(name)) or names.find(name) for name in points}
    found = {path: points[name] for name, path in where.items() if path is not None}
    if points and not found:
        raise InputError(
            f"the points are those of other images, e.g. {next(iter(points))!r}; here is {paths[0]!r}. Name images by "
            "their paths inside the source."
        )
    return found
