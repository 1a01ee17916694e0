"""Aligned crops of any images: as they are, by MediaPipe, or by five given points."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, UInt8

from twinlib.data.text.filenames import printable
from twinlib.errors import InputError
from twinlib.faces.align import CANONICAL_BOXES, aligned, similarity, template, warp
from twinlib.faces.images import RGB, fault, read_image

Align = Literal["none", "landmarks", "points"]


@dataclass(frozen=True)
class Crop:
    """One crop.

    Attributes:
        pixels: RGB.
        boxes: eyes, nose, mouth, jaw as (x0, y0, x1, y1) in [0, 1]; the canonical ones where no detector looked.
        found: whether there was a face; True where the image is taken as it is.
    """

    pixels: UInt8[np.ndarray, "S S 3"]
    boxes: Float[np.ndarray, "4 4"]
    found: bool


def whole(pixels: UInt8[np.ndarray, "H W 3"], name: str, size: int) -> UInt8[np.ndarray, "S S 3"]:
    """An image that is an aligned crop already.

    Raises:
        InputError: if it has another size.
    """
    if pixels.shape[:2] != (size, size):
        found = f"{pixels.shape[1]} × {pixels.shape[0]}"
        raise InputError(
            f"{name} has {found} px; this network takes aligned crops of {size} × {size} px. Add --align landmarks."
        )
    return pixels


def by_points(
    pixels: UInt8[np.ndarray, "H W 3"], points: Float[np.ndarray, "5 2"], size: int
) -> UInt8[np.ndarray, "S S 3"]:
    """Crop with five points (eyes, nose tip, mouth corners, in px of the image) laid on the template.

    Raises:
        InputError: if the points do not determine a similarity.
    """
    return warp(pixels, similarity(points, template(size)), size)


def by_detector(pixels: UInt8[np.ndarray, "H W 3"], size: int, detect: Callable) -> Crop:
    """Crop around the face that a detector finds; the middle of the image where it finds none.

    Args:
        pixels: the image, RGB.
        size: side of the crop, px.
        detect: `UprightMesh.detect`, or `FaceMeshDetector.detect` for upright photographs.
    """
    detection = detect(pixels)
    crop = aligned(pixels, detection.landmarks if detection.found else None, size)
    return Crop(crop.crop, crop.boxes, detection.found)


def crops_of(
    names: list[str],
    read: Callable[[str], bytes],
    size: int,
    align: Align = "none",
    points: dict[str, Float[np.ndarray, "5 2"]] | None = None,
) -> Iterator[Crop]:
    """Crops of encoded images, one at a time.

    Args:
        names: of the images, in the order wanted.
        read: name -> encoded image.
        size: side of the crops, px.
        align: none takes crops as they are, landmarks runs MediaPipe, points takes those given.
        points: five points of each image, px, for `align="points"`.

    Raises:
        InputError: images cannot be read (the first three and their number are named), or one is no crop of this size
            or has no points.
    """
    if align == "landmarks":
        from twinlib.faces.detect.upright import UprightMesh

        with UprightMesh() as detector:
            for _, pixels in _readable(names, read):
                yield by_detector(pixels, size, detector.detect)
        return
    for name, pixels in _readable(names, read):
        if align == "none":
            yield Crop(whole(pixels, name, size), CANONICAL_BOXES, True)
            continue
        if points is None or name not in points:
            raise InputError(f"{name} has no five points. Complete the table or use --align landmarks.")
        yield Crop(by_points(pixels, points[name], size), CANONICAL_BOXES, True)


def _readable(names: list[str], read: Callable[[str], bytes]) -> Iterator[tuple[str, RGB]]:
    """Names and pixels; at the first image that cannot be read, the others are looked at to say how many there are."""
    for i, name in enumerate(names):
        try:
            pixels = read_image(read(name), printable(name))
        except InputError as error:
            if len(names) == 1:
                raise
            bad = [str(error), *(reason for other in names[i + 1 :] if (reason := _fault(other, read)))]
            raise InputError(
                f"{len(bad)} of {len(names)} images cannot be read. The first: {' '.join(bad[:3])} Mend or remove them."
            ) from error
        yield name, pixels


def _fault(name: str, read: Callable[[str], bytes]) -> str:
    try:
        return fault(read(name), printable(name))
    except InputError as error:
        return str(error)
