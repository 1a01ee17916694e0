"""Renderer truth as a training *target* of the trunk, for training families only. It is never an input."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from twinlib.data.manifest import Manifest
from twinlib.data.rendered import head
from twinlib.errors import InputError
from twinlib.faces.align import transform
from twinlib.faces.find import Faces

POINTS = 468  # rendered landmarks
MARKS = 24  # visible marks an image, at most


@dataclass(frozen=True)
class Targets:
    """Where the renderer put things, in crops of the training split.

    Attributes:
        points: landmarks, in [0, 1] of the crop.
        marks: visible moles and scars, in [0, 1] of the crop; NaN where there are fewer.
        mirror: landmark at the mirror image of each landmark.
    """

    points: Float[np.ndarray, "N 468 2"]
    marks: Float[np.ndarray, "N 24 2"]
    mirror: Int[np.ndarray, " 468"]


def targets(manifest: Manifest, faces: Faces, rows: Int[np.ndarray, " N"]) -> Targets:
    """Targets of some training images.

    Args:
        manifest: a rendered data set.
        faces: its detector output; the truth is carried into the detector's crops.
        rows: rows of the manifest, all of the training split.

    Raises:
        InputError: if a row is of another split, or the set has no `truth.npz`.
    """
    if set(manifest.images["split"].astype(str).to_numpy()[rows]) - {"train"}:
        raise InputError("a trunk learns from training families only; found rows of another split.")
    file = manifest.root / "truth.npz"
    if not file.is_file():
        raise InputError(f"{file} is missing: a trunk needs a rendered data set, e.g. `twinlib synth study`.")
    with np.load(file) as truth:
        landmarks, image, xy = (truth[name] for name in ("landmarks", "seen_image", "seen_xy"))
        freckle = truth["mark_kind_names"].tolist().index("freckle")  # too many and too faint to be told one by one
        visible = truth["seen_visible"] & (truth["mark_kind"][truth["seen_mark"]] != freckle)
    side = faces.crops.shape[1]
    points = np.stack([transform(landmarks[row], faces.matrix[row]) for row in rows]) / side
    marks = np.full((len(rows), MARKS, 2), np.nan)
    for i, row in enumerate(rows):
        first, last = np.searchsorted(image, (row, row + 1))
        seen = xy[first:last][visible[first:last]][:MARKS]
        marks[i, : len(seen)] = transform(seen, faces.matrix[row]) / side
    return Targets(points.astype(np.float32), marks.astype(np.float32), head().mirror[:POINTS])
