"""What a reader may do to a picture before it is compared again."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, UInt8

from twinlib.data.manifest import Manifest
from twinlib.data.rendered import MEMBERS, find_set, nuisance_of, plan_families, subject_of
from twinlib.errors import InputError
from twinlib.faces import align
from twinlib.faces.detect.upright import UprightMesh
from twinlib.faces.images import Photo, read_image

GREY = 127  # of an occluding square
AGREED = np.array([2, 1, 0, 3])  # a mirrored box has its two x exchanged and taken from 1


@dataclass(frozen=True, eq=False)
class Face:
    """A face as a model sees it.

    Attributes:
        crop: aligned RGB crop.
        boxes: eyes, nose, mouth, jaw as x0, y0, x1, y1 in [0, 1] of the crop.
        found: whether the detector found it; if not, crop and boxes are the canonical ones.
    """

    crop: UInt8[np.ndarray, "S S 3"]
    boxes: Float[np.ndarray, "4 4"]
    found: bool = True


def flipped(face: Face) -> Face:
    """The mirror image; boxes go along."""
    boxes = face.boxes[:, AGREED]
    boxes = np.where([True, False, True, False], 1 - boxes, boxes)
    return replace(face, crop=np.ascontiguousarray(face.crop[:, ::-1]), boxes=boxes)


def occluded(face: Face, x: float | int, y: float | int, side: float | int) -> Face:
    """A grey square over the face; the detector's boxes stay, as it does not look again.

    Args:
        face: to cover.
        x: of the square's middle, in [0, 1] of the crop.
        y: likewise, downwards.
        side: of the square, in [0, 1] of the crop; 0 covers nothing.
    """
    size = len(face.crop)
    x0, y0 = (round((middle - side / 2) * size) for middle in (x, y))
    crop = face.crop.copy()
    crop[max(y0, 0) : max(y0 + round(side * size), 0), max(x0, 0) : max(x0 + round(side * size), 0)] = GREY
    return replace(face, crop=crop)


def aligned(photo: Photo, size: int = 112) -> Face:
    """A face of a photograph, found and aligned as the landmark step does it.

    Args:
        photo: path, bytes, Pillow image or RGB array.
        size: side of the crop, px.

    Raises:
        InputError: if the photograph cannot be read or mediapipe is missing.
    """
    image = read_image(photo)
    with UprightMesh() as detector:
        detection = detector.detect(image)
    crop = align.aligned(image, detection.landmarks if detection.found else None, size)
    return Face(crop.crop, crop.boxes, found=detection.found)


def rerendered(
    manifest: Manifest,
    image: str,
    yaw: float | int | None = None,
    age_gap: float | int | None = None,
    marks: float | int | None = None,
    asymmetry_cm: float | int | None = None,
) -> UInt8[np.ndarray, "P P 3"]:
    """An image of a rendered set, drawn again with other factors; what is not given stays as it was drawn.

    Args:
        manifest: the set that the image belongs to.
        image: its name there.
        yaw: head turn, degrees.
        age_gap: generator years since the subject's youngest image, 0 to 12.
        marks: rate of moles, freckles and scars, 1 = the set's usual one.
        asymmetry_cm: RMS length of the asymmetry field, cm.

    Returns:
        The photograph, RGB.

    Raises:
        InputError: the set is not a named rendered one, or a factor is out of its range.
    """
    from twinlib.data.rendered import render_image

    config = find_set(manifest.root.name)
    asked = {"marks": marks, "asymmetry_cm": asymmetry_cm}
    knobs = replace(config.knobs, **{name: float(value) for name, value in asked.items() if value is not None})
    family, member, number = _parts(image)
    plan = next((plan for plan in plan_families(config) if plan.name == family), None)
    if plan is None:
        raise InputError(f"image {image!r} is of no family of {config.name}. Take one from its manifest.")
    nuisance = nuisance_of(config, plan, MEMBERS.index(member), int(number))
    drawn = {"yaw": yaw, "age_gap": age_gap}
    nuisance = replace(nuisance, **{name: float(value) for name, value in drawn.items() if value is not None})
    subject = subject_of(replace(config, knobs=knobs), plan, MEMBERS.index(member))
    return render_image(subject, nuisance, config.size).pixels


def _parts(image: str) -> tuple[str, str, str]:
    parts = image.split("-")
    if len(parts) != 3 or parts[1] not in MEMBERS or not parts[2].isdigit():
        raise InputError(f"image {image!r} is not named as a rendered one (f0001-a-00). Take one from the manifest.")
    return parts[0], parts[1], parts[2]
