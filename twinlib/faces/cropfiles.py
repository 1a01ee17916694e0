"""Aligned crops as picture files, for other people's programs."""

from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from PIL import Image

from twinlib import files
from twinlib.data.text.filenames import printable
from twinlib.errors import InputError
from twinlib.faces.align import REGIONS
from twinlib.faces.faceparts import Five
from twinlib.faces.find import find_faces, read_faces
from twinlib.faces.photos import list_photos
from twinlib.progress import progress


def write_crops(
    source: Path,
    out: Path,
    size: int = 112,
    kind: Literal["png", "jpg"] = "png",
    workers: int | None = None,
    points: Five | None = None,
    follow_links: bool = False,
) -> pd.DataFrame:
    """Write one aligned crop a readable image, in the folders of the source, and `crops.csv` with boxes and outcome.

    Where no face was found the crop is the middle of the picture, and `status` says so. The
    detector's work is resumed if it was interrupted.

    Args:
        source: a data set, a folder or a zip.
        out: folder to write into.
        size: side of the crops, px: 112 for most recognisers, 224 as the paper has it.
        kind: png (exact) or jpg (quality 95).
        workers: processes of the detector.
        points: five given points an image.
        follow_links: see `list_photos`.

    Returns:
        The table: image, crop (file; empty if unreadable), status, reason, canonical, then x0 … y1 of each region.

    Raises:
        InputError: see `find_faces`.
    """
    if source.is_dir() and out.resolve().is_relative_to(source.resolve()):
        raise InputError(f"{out} lies in the source, where crops would count as photographs. Choose another folder.")
    find_faces(source, out / "aligned", size=size, workers=workers, points=points, follow_links=follow_links)
    faces = read_faces(out / "aligned")
    names = [f"{printable(path)}.{kind}" for path in list_photos(source, follow_links=follow_links).paths]
    table = faces.frame[["image", "status", "reason"]].assign(canonical=faces.canonical)
    table.insert(1, "crop", np.where(table["status"] != "unreadable", names, ""))
    corners = [f"{region}_{corner}" for region in REGIONS for corner in ("x0", "y0", "x1", "y1")]
    table[corners] = faces.boxes.reshape(len(table), -1).round(5)
    for i in progress(np.flatnonzero(table["crop"] != ""), int((table["crop"] != "").sum()), "crops", "image"):
        with files.replacing(out / names[i]) as temporary:
            Image.fromarray(faces.crops[i]).save(temporary, quality=95)
    files.write_text(out / "crops.csv", table.to_csv(index=False, lineterminator="\n"))
    return table
