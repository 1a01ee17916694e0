"""Find a face and its 478 landmarks in a photograph: MediaPipe FaceMesh, offline."""

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from importlib import metadata
from types import ModuleType, TracebackType
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8

from twinlib.errors import InputError

POINTS = 478  # 468 of the face, then 5 of each iris
LONGEST = 1280  # a larger picture is averaged down to this before detection, px: FaceMesh itself looks at 192 px
GREY = 127
MAX_FACES = 10
CONFIDENCE = 0.5
WINDOW_CONFIDENCE = 0.75
MISSING = (
    "finding faces needs mediapipe, which is not installed. "
    "Install it with: pip install 'twinlib[landmarks]' (it needs Python 3.12 or older)."
)

Image = UInt8[np.ndarray, "H W 3"]
Landmarks = Float[np.ndarray, "F 478 2"]
Window = tuple[int, int, int, int]  # x0, y0, x1, y1 in pixels; may reach beyond the image


@dataclass(frozen=True)
class Detection:
    """What was found in one image.

    Attributes:
        landmarks: (x, y) in pixels of the image, float32; all NaN when no face was found. Points may lie outside.
        faces: how many different faces were found.
        attempt: which look found it: `whole`, `padded`, `half`, `quarter`; empty when none did.
        reason: why nothing was found, or which of several faces was taken; empty for exactly one face.
    """

    landmarks: Float[np.ndarray, "478 2"]
    faces: int
    attempt: str
    reason: str

    @property
    def found(self) -> bool:
        """Whether there is a face."""
        return self.faces > 0


class FaceMeshDetector:
    """MediaPipe FaceMesh for single images, to be used in a `with` block.

    Every image is looked at afresh: the result does not depend on what came before. Where the whole picture shows
    nothing, it is tried again with a grey frame (a face that fills the picture), then in overlapping windows of half
    and of a quarter of the side (a face that is small in a large picture). Windows are many and each may be wrong,
    so they ask for more confidence: at 0.5 a cat, a rocket and a cell pass for faces, at 0.75 they do not.

    Raises:
        InputError: if mediapipe is not installed.
    """

    def __init__(self) -> None:
        self._meshes = {CONFIDENCE: _face_mesh(MAX_FACES, CONFIDENCE)}
        self._quiet = False  # the C++ side also chatters until the first face has passed through it

    def __enter__(self) -> "FaceMeshDetector":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for mesh in self._meshes.values():
            mesh.close()

    def detect(self, image: Image) -> Detection:
        """Find the face of a photograph.

        Of several faces the one with the largest size × (1 − distance from the middle / half diagonal) counts, and
        `reason` says so. A face seen in two windows counts once.

        Args:
            image: pixels, RGB.
        """
        height, width = image.shape[:2]
        for attempt, windows in _looks(width, height):
            confidence = CONFIDENCE if len(windows) == 1 else WINDOW_CONFIDENCE
            faces = _distinct(np.concatenate([self._look(image, window, confidence) for window in windows]))
            if len(faces):
                chosen = int(np.argmax(prominence(faces, width, height)))
                several = f"largest central of {len(faces)} faces" if len(faces) > 1 else ""
                return Detection(faces[chosen].astype(np.float32), len(faces), attempt, several)
        return Detection(np.full((POINTS, 2), np.nan, np.float32), 0, "", "no face found")

    def _look(self, image: Image, window: Window, confidence: float) -> Landmarks:
        """Faces in one window, in pixels of the image."""
        pixels, factor, offset = _cut(image, window)
        if confidence not in self._meshes:
            self._meshes[confidence] = _face_mesh(MAX_FACES, confidence)
        with nullcontext() if self._quiet else _silent_stderr():
            result = self._meshes[confidence].process(np.ascontiguousarray(pixels))
        found = result.multi_face_landmarks or []
        self._quiet |= bool(found)
        height, width = pixels.shape[:2]
        faces = np.array([[(p.x * width, p.y * height) for p in face.landmark] for face in found])
        return faces.reshape(-1, POINTS, 2) * factor + offset


def detector_record() -> dict[str, object]:
    """Name, version and default settings of the detector, for the record of a run; mediapipe is not imported.

    Raises:
        InputError: if mediapipe is not installed.
    """
    try:
        version = metadata.version("mediapipe")
    except metadata.PackageNotFoundError as error:
        raise InputError(MISSING) from error
    return {
        "name": "mediapipe FaceMesh",
        "version": version,
        "max_faces": MAX_FACES,
        "confidence": CONFIDENCE,
        "window_confidence": WINDOW_CONFIDENCE,
        "longest_side": LONGEST,
    }


def prominence(faces: Landmarks, width: int, height: int) -> Float[np.ndarray, " F"]:
    """How large and central faces are: side of the box, px, times (1 − distance from the middle / half diagonal)."""
    low, high = faces.min(1), faces.max(1)
    middle = np.array([width, height]) / 2
    distance = np.linalg.norm((low + high) / 2 - middle, axis=1) / np.linalg.norm(middle)
    return np.sqrt(np.prod(high - low, axis=1)) * np.clip(1 - distance, 0, 1)


def _looks(width: int, height: int) -> Iterator[tuple[str, list[Window]]]:
    """Attempts in order: name and windows. All windows are square, as FaceMesh projects squares most exactly."""
    long, short = max(width, height), min(width, height)
    yield "whole", [(0, 0, long, long)]
    frame = long // 4
    yield "padded", [(-frame, -frame, long + frame, long + frame)]
    for name, parts in (("half", 2), ("quarter", 4)):
        side = short // parts
        if side < 64:  # a face in such a window is too small to be of use
            return
        windows = [(x, y, x + side, y + side) for y in _starts(height, side) for x in _starts(width, side)]
        if len(windows) <= 200:  # more come of a strip that is no photograph
            yield name, windows


def _starts(length: int, side: int) -> list[int]:
    """Where windows begin so that they overlap by half or more and end at the edge."""
    steps = -(-2 * (length - side) // side)
    return [round(i * (length - side) / max(steps, 1)) for i in range(steps + 1)]


def _cut(image: Image, window: Window) -> tuple[UInt8[np.ndarray, "S S 3"], np.ndarray, np.ndarray]:
    """Pixels of a window, grey outside the image, at most `LONGEST` wide; factor and offset back to the image."""
    import cv2

    x0, y0, x1, y1 = window
    height, width = image.shape[:2]
    left, top = max(x0, 0), max(y0, 0)
    inside = image[top : min(y1, height), left : min(x1, width)]
    shape = np.array(inside.shape[1::-1])
    side = min(x1 - x0, LONGEST)
    small = np.maximum(np.round(shape * side / (x1 - x0)), 1).astype(int)
    if side == LONGEST:  # shrunk before it is framed: the square around a long strip may not fit into memory
        inside = cv2.resize(inside, small.tolist(), interpolation=cv2.INTER_AREA)
    factor = shape / small
    x, y = (round((edge - start) / (x1 - x0) * side) for edge, start in ((left, x0), (top, y0)))
    frame = (y, max(side - y - inside.shape[0], 0), x, max(side - x - inside.shape[1], 0))
    framed = cv2.copyMakeBorder(inside, *frame, cv2.BORDER_CONSTANT, value=(GREY,) * 3)
    return framed[:side, :side], factor, np.array([left, top]) - factor * (x, y)


def _distinct(faces: Landmarks) -> Float[np.ndarray, "G 478 2"]:
    """Drop faces whose box overlaps an earlier, larger one by more than half of the smaller."""
    low, high = faces.min(1), faces.max(1)
    area = np.prod(high - low, axis=1)
    kept: list[int] = []
    for i in np.argsort(-area, kind="stable"):
        shared = np.clip(np.minimum(high[kept], high[i]) - np.maximum(low[kept], low[i]), 0, None)
        if not (np.prod(shared, axis=1) > area[i] / 2).any():
            kept.append(int(i))
    return faces[kept]


def _face_mesh(max_faces: int, confidence: float) -> Any:
    """A FaceMesh that has processed one empty picture: its threads chatter until then."""
    with _silent_stderr():
        mesh = _mediapipe().solutions.face_mesh.FaceMesh(
            static_image_mode=True,
            refine_landmarks=True,
            max_num_faces=max_faces,
            min_detection_confidence=confidence,
        )
        mesh.process(np.full((64, 64, 3), GREY, np.uint8))
    return mesh


def _mediapipe() -> ModuleType:
    """The package, imported late: it costs three seconds and is an extra."""
    try:
        import mediapipe
    except ImportError as error:
        raise InputError(MISSING) from error
    return mediapipe


@contextmanager
def _silent_stderr() -> Generator[None]:
    """Send file descriptor 2 to nowhere: the C++ side of mediapipe has no switch for its start-up chatter."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(nowhere)
        os.close(kept)
