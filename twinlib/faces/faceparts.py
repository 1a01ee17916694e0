"""The landmark step on one photograph: from its pixels, or given points, to crop, matrix, boxes and outcome."""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import numpy as np
from jaxtyping import Float

from twinlib.data.readers.names import Names
from twinlib.data.text import words
from twinlib.data.text.filenames import nfc, plain
from twinlib.data.text.table_files import read_table
from twinlib.errors import InputError
from twinlib.faces import align
from twinlib.faces.detect.landmarks import POINTS, Detection, FaceMeshDetector
from twinlib.faces.detect.upright import UprightMesh
from twinlib.faces.images import RGB
from twinlib.faces.photos import PhotoReader
from twinlib.parts.resumed import Columns, Row, stacked

STATUS = ("found", "not_found", "unreadable")
GIVEN = "given"  # in place of the detector's attempt where five points were given

Five = dict[str, Float[np.ndarray, "5 2"]]  # path inside the source -> points, px
Given = Float[np.ndarray, "5 2"] | None  # eyes, nose tip and mouth corners of one photograph


class FaceStep:
    """From one photograph to its row, in a `with` block.

    Args:
        source: data set, folder or zip the photographs are in.
        size: side of the crops, px.
        follow_links: read what links lead to outside the source.
        upright: the pictures are upright and their faces large, so that FaceMesh alone looks: a seventh of the time,
            and the same points.
    """

    def __init__(self, source: Path, size: int, follow_links: bool = False, upright: bool = False):
        self._reader, self._size = PhotoReader(source, follow_links), size
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

    def rows(self, items: Sequence[tuple[str, Given]]) -> Columns:
        """Columns of photographs: paths, each with its five points or None for the detector's."""
        return stacked([self.row(path, five) for path, five in items])

    def row(self, path: str, five: Given = None) -> Row:
        """Everything that is stored of one photograph; a bad one gives a row, too."""
        try:
            image = self._reader.read(path)
        except InputError as error:
            nothing = np.full((2, 3), np.nan), np.zeros((self._size, self._size, 3), np.uint8)
            return _row("unreadable", str(error), *nothing)
        try:
            return self._aligned(image, self._detect(image) if five is None else _placed(five))
        except InputError as error:
            middle = align.aligned(image, None, self._size)
            return _row("not_found", str(error), middle.matrix, middle.crop)

    def _detect(self, image: RGB) -> Detection:
        """The face of a photograph; an InputError gives the reason why there is none."""
        self._detector = self._detector or self._kind()
        detection = self._detector.detect(image)
        if not detection.found:
            raise InputError(detection.reason)
        return detection

    def _aligned(self, image: RGB, detection: Detection) -> Row:
        crop, matrix, boxes, canonical = align.aligned(image, detection.landmarks, self._size)
        row = _row("found", detection.reason, matrix, crop, detection.landmarks, None if canonical else boxes)
        return row | {"faces": np.int64(detection.faces), "attempt": np.str_(detection.attempt)}


def _placed(five: Float[np.ndarray, "5 2"]) -> Detection:
    """Five given points in the places of FaceMesh from which `five_points` takes them again; NaN elsewhere."""
    landmarks = np.full((POINTS, 2), np.nan, np.float32)
    for place, point in zip(align.FIVE, five, strict=True):
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
        InputError: the file is missing or no such table, an image occurs twice, a cell is no number, or the eyes are
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
        raise InputError(f"{file}: image {table['image'][twice].iloc[0]!r} occurs twice. Remove one row.")
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
