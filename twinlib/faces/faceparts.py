"""The landmark step on one photograph: from its pixels to crop, matrix, boxes and outcome."""

from pathlib import Path
from types import TracebackType

import numpy as np
from jaxtyping import Float

from twinlib.errors import InputError
from twinlib.faces import align
from twinlib.faces.detect.landmarks import POINTS, Detection, FaceMeshDetector
from twinlib.faces.detect.upright import UprightMesh
from twinlib.faces.images import RGB
from twinlib.faces.photos import PhotoReader
from twinlib.parts import Row

STATUS = ("found", "not_found", "unreadable")
GIVEN = "given"  # stands for the detector's attempt where five points were handed in

Five = dict[str, Float[np.ndarray, "5 2"]]  # path inside the source -> points, px


class FaceStep:
    """From one photograph to its row, in a `with` block.

    Args:
        source: data set, folder or zip the photographs are in.
        size: side of the crops, px.
        points: eyes, nose tip and mouth corners of some or all photographs; the detector is asked for the others.
        follow_links: read what links lead to outside the source.
        upright: the pictures are upright and their faces large, so that FaceMesh alone is asked: a seventh of the time,
            and the same points.
    """

    def __init__(
        self, source: Path, size: int, points: Five | None = None, follow_links: bool = False, upright: bool = False
    ):
        self._reader, self._size, self._points = PhotoReader(source, follow_links), size, points or {}
        self._kind = FaceMeshDetector if upright else UprightMesh
        self._detector: FaceMeshDetector | UprightMesh | None = None

    def __enter__(self) -> "FaceStep":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reader.__exit__(kind, error, trace)
        if self._detector:
            self._detector.__exit__(kind, error, trace)

    def row(self, path: str) -> Row:
        """Everything that is stored of one photograph; a bad one gives a row, too."""
        try:
            image = self._reader.read(path)
        except InputError as error:
            nothing = np.full((2, 3), np.nan), np.zeros((self._size, self._size, 3), np.uint8)
            return _row("unreadable", str(error), *nothing)
        try:
            return self._aligned(image, _placed(self._points[path]) if path in self._points else self._detect(image))
        except InputError as error:
            matrix = align.centre_crop(image.shape[1], image.shape[0], self._size)
            return _row("not_found", str(error), matrix, align.warp(image, matrix, self._size))

    def _detect(self, image: RGB) -> Detection:
        """The face of a photograph; an InputError gives the reason why there is none."""
        self._detector = self._detector or self._kind()
        detection = self._detector.detect(image)
        if not detection.found:
            raise InputError(detection.reason)
        return detection

    def _aligned(self, image: RGB, detection: Detection) -> Row:
        landmarks = detection.landmarks.astype(np.float64)
        matrix = align.similarity(align.five_points(landmarks), align.template(self._size))
        crop = align.warp(image, matrix, self._size)
        whole = bool(np.isfinite(landmarks).all())  # five points give no boxes
        boxes = align.region_boxes(align.transform(landmarks, matrix), self._size) if whole else None
        row = _row("found", detection.reason, matrix, crop, landmarks, boxes)
        return row | {"faces": np.int64(detection.faces), "attempt": np.str_(detection.attempt)}


def _placed(five: Float[np.ndarray, "5 2"]) -> Detection:
    """Five given points in the places of FaceMesh from which `five_points` takes them again; NaN elsewhere."""
    landmarks = np.full((POINTS, 2), np.nan, np.float32)
    places = (align.LEFT_EYE, align.RIGHT_EYE, align.NOSE_TIP, align.MOUTH_CORNERS[:1], align.MOUTH_CORNERS[1:])
    for place, point in zip(places, five, strict=True):
        landmarks[list(place)] = point
    return Detection(landmarks, 1, GIVEN, "")


def _row(
    status: str,
    reason: str,
    matrix: np.ndarray,
    crop: np.ndarray,
    landmarks: np.ndarray | None = None,
    boxes: np.ndarray | None = None,
) -> Row:
    """A row; without landmarks they are NaN, and the boxes are the canonical ones."""
    return {
        "status": np.str_(status),
        "reason": np.str_(reason),
        "faces": np.int64(0),
        "attempt": np.str_(""),
        "landmarks": (np.full((POINTS, 2), np.nan) if landmarks is None else landmarks).astype(np.float32),
        "matrix": matrix.astype(np.float32),
        "boxes": (align.CANONICAL_BOXES if boxes is None else boxes).astype(np.float32),
        "canonical": np.bool_(boxes is None),
        "crop": crop,
    }
