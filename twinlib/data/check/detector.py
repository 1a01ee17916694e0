"""What the face detector finds in a data set: found or not, how large, how turned, how frontal."""

from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float

from twinlib.data.check.facts import crop_sharpness
from twinlib.data.check.findings import Finding, finding, quantiles
from twinlib.data.check.inventory import Inventory
from twinlib.faces import align
from twinlib.faces.faceparts import STATUS, Five
from twinlib.faces.find import Faces, find_faces, read_faces

EYES_112 = float(np.linalg.norm(align.TEMPLATE_112[1] - align.TEMPLATE_112[0]))
SMALL_EYES = 24.0  # px between the eyes: below it the 112 px crop is blown up by half. Our choice.
TURNED = 45.0  # degrees of yaw from which half of a face is hidden. Our choice.


@dataclass(frozen=True)
class Alignment:
    """The detector's results in the order of the inventory.

    Attributes:
        table: status, face_reason, faces, attempt, eyes_px (distance in the photograph), crop_sharpness, yaw, pitch,
            roll (degrees), frontness; a row for each image.
        faces: the stored result.
        rows: row of `faces` for each row of the table.
        canonical: the boxes are the canonical ones, as nothing better is known.
    """

    table: pd.DataFrame
    faces: Faces
    rows: np.ndarray
    canonical: np.ndarray

    @property
    def found(self) -> np.ndarray:
        """Which images have a face."""
        return (self.table["status"] == "found").to_numpy()

    def numbers(self) -> dict[str, Any]:
        """Counts, shares and quantiles, as JSON."""
        found, n = self.table[self.found], max(int(self.found.sum()), 1)
        measured = {name: quantiles(found[name].to_numpy(float)) for name in MEASURED}
        return {
            **{status: int((self.table["status"] == status).sum()) for status in STATUS},
            "several": int((self.table["faces"] > 1).sum()),
            "given_points": int((self.table["attempt"] == "given").sum()),
            "canonical_boxes": int(self.canonical.sum()),
            "symmetric_share": round(float((found["frontness"] > SYMMETRIC).sum()) / n, 4),
            "symmetric_wanted": list(WANTED),
            "turned_share": round(float((found["yaw"].abs() > TURNED).sum()) / n, 4),
            "measured": measured,
        }

    def findings(self, names: np.ndarray) -> list[Finding]:
        """What to know or to mend.

        Args:
            names: of the images.
        """
        found, t = self.found, self.table
        small, turned = found & (t["eyes_px"] < SMALL_EYES), found & (t["yaw"].abs() > TURNED)
        several = [f"{name}: {t['face_reason'][i]}" for i, name in enumerate(names) if t["faces"][i] > 1]
        kept = "They keep a crop of the middle and canonical boxes, flagged, and take no part in training."
        shown = [
            finding("pictures without a face that is found", "warning", names[t["status"] == "not_found"], kept),
            finding("pictures with several faces", "warning", several, "Cut out the right one if it is another."),
            finding(
                f"faces with less than {SMALL_EYES:g} px between the eyes", "warning", names[small], "Look at them."
            ),
            finding(f"faces turned by more than {TURNED:g}°", "note", names[turned], "Half of the face is hidden."),
        ]
        share = float((t["frontness"][found] > SYMMETRIC).mean()) if found.any() else 0.0
        if share < WANTED[0]:
            what = f"only {share:.0%} of the faces are seen from the front (frontness above {SYMMETRIC:g})"
            remedy = f"SymFace's authors ask for {WANTED[0]:.0%} to {WANTED[1]:.0%} at the least."
            shown.append(Finding(what, "note", int(found.sum()), remedy, ()))
        return [one for one in shown if one.count]


MEASURED = ("eyes_px", "crop_sharpness", "yaw", "pitch", "roll", "frontness")


def alignment(
    inventory: Inventory, source: Path, out: Path, workers: int | None = None, points: Five | None = None
) -> Alignment:
    """Run the detector, or read what it found before.

    Args:
        inventory: what there is.
        source: where.
        out: folder of the detector's results.
        workers: processes.
        points: given points, used instead of the detector.

    Raises:
        InputError: see `find_faces`.
    """
    follow = inventory.photos.follow_links
    find_faces(source, out, workers=workers, points=points, follow_links=follow, strict=False)  # too many: a finding
    faces = read_faces(source if out == source / "aligned" else out)
    wanted = inventory.photos.images if inventory.form == "manifest" else inventory.photos.paths
    place = pd.Series(np.arange(len(faces.frame)), index=faces.frame["image"])
    rows = place.reindex(wanted).to_numpy(int)
    frame = faces.frame.iloc[rows].reset_index(drop=True)
    turned = poses(faces)[rows]
    table = pd.DataFrame(
        {
            **{name: frame[name] for name in ("status", "faces", "attempt")},
            "face_reason": frame["reason"],
            "eyes_px": _eyes(faces)[rows],
            "crop_sharpness": crop_sharpness(faces.crops)[rows],
            **dict(zip(("yaw", "pitch", "roll"), turned.T, strict=True)),
            "frontness": frontness(faces)[rows],
        }
    )
    table.loc[table["status"] != "found", list(MEASURED)] = np.nan
    return Alignment(table, faces, rows, faces.canonical[rows])


def _eyes(faces: Faces) -> np.ndarray:
    """Distance of the eyes in the photograph, px: that of the template divided by the scale of the crop."""
    scale = np.linalg.norm(faces.matrix[:, :, 0].astype(np.float64), axis=1)  # of a similarity: length of its column
    return EYES_112 * faces.crops.shape[1] / 112 / np.where(scale > 0, scale, np.nan)


SYMMETRIC = 0.2  # SymFace's τ: frontness above which a face counts as symmetric; the nose is 2 px beside the middle
WANTED = (0.20, 0.30)  # SymFace's authors ask for this share of such faces, at the least

Points = Float[np.ndarray, "P 2"]


def angles(landmarks: Points) -> Float[np.ndarray, "3"]:
    """Yaw, pitch and roll in degrees, signs as in a rendered set's manifest; NaN where there are no points.

    A weak-perspective camera is fitted to a mean head by least squares; its two rows, made orthonormal, are the
    rotation. Good to a few degrees: the face is not the mean head, and nearness bends it.

    Args:
        landmarks: points of FaceMesh, all finite; or only the five that `align.five_points` reads.
    """
    head = _head()
    if np.isfinite(landmarks[: len(head)]).all():
        points = landmarks[: len(head)].astype(np.float64)
    else:
        points, head = align.five_points(landmarks.astype(np.float64)), _five(head)
    if not np.isfinite(points).all():
        return np.full(3, np.nan)
    A = np.linalg.lstsq(head - head.mean(0), points - points.mean(0), rcond=None)[0].T
    x = A[0] / np.linalg.norm(A[0])
    y = A[1] - (A[1] @ x) * x
    y = y / np.linalg.norm(y)
    z = np.cross(x, y)
    return np.degrees([-np.arctan2(x[2], z[2]), np.arcsin(np.clip(-y[2], -1, 1)), -np.arctan2(y[0], y[1])])


def poses(faces: Faces) -> Float[np.ndarray, "N 3"]:
    """`angles` of every image; NaN where no face was found."""
    return np.stack([angles(points) for points in faces.landmarks]) if len(faces.landmarks) else np.zeros((0, 3))


def frontness(faces: Faces) -> Float[np.ndarray, " N"]:
    """`align.frontness` of every image, in its crop; 0 where no face was found."""
    five = [align.five_points(points.astype(np.float64)) for points in faces.landmarks]
    moved = [align.transform(points, matrix) for points, matrix in zip(five, faces.matrix, strict=True)]
    columns = np.array(moved).reshape(-1, 5, 2)[:, :3, 0].T
    rho = align.frontness(*columns, width=faces.crops.shape[1])
    return np.where(faces.frame["status"] == "found", rho, 0.0)


@cache
def _head() -> Float[np.ndarray, "468 3"]:
    """The mean head of the renderer, x to the right and y downwards in the image, z away from the camera."""
    with resources.files("syntwins.mesh").joinpath("base.npz").open("rb") as file, np.load(file) as stored:
        return stored["V"].astype(np.float64) * (1, -1, -1)


def _five(head: Float[np.ndarray, "468 3"]) -> Float[np.ndarray, "5 3"]:
    """The five points of `align.five_points` on the mean head."""
    return np.stack([head[list(points)].mean(0) for points in align.FIVE])
