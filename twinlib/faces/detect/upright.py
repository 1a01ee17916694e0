"""FaceMesh for photographs at any of the four right angles and with small faces: YuNet says where and which way up."""

from dataclasses import replace
from types import TracebackType

import numpy as np
from jaxtyping import UInt8

from twinlib.faces.align import invert, similarity, transform
from twinlib.faces.detect.landmarks import Detection, FaceMeshDetector
from twinlib.faces.detect.search import Found, find
from twinlib.faces.detect.window import around, cut, turned
from twinlib.faces.detect.yunet import YuNet

WINDOW = (512, 0.3)  # in which FaceMesh looks for a face that it did not find itself: side, px, and the crop's share
RGB = UInt8[np.ndarray, "H W 3"]
UPRIGHT = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


class UprightMesh:
    """FaceMesh and YuNet together, to be used in a `with` block like `FaceMeshDetector`.

    An upright photograph gives what `FaceMeshDetector` gives. One that lies on its side or its head is turned first,
    since FaceMesh finds a face in it whose points are wrong. Where FaceMesh finds nothing, or another face than YuNet,
    it looks again at a window around the face of YuNet.

    Raises:
        InputError: mediapipe or OpenCV is not installed.
    """

    def __init__(self) -> None:
        self._mesh, self._yunet = FaceMeshDetector(), YuNet()

    def __enter__(self) -> "UprightMesh":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._mesh.__exit__(kind, error, trace)

    def detect(self, image: RGB) -> Detection:
        """Landmarks in pixels of the image as it is; `attempt` says whether it was turned. See `FaceMeshDetector`."""
        return self.see(image)[0]

    def see(self, image: RGB) -> tuple[Detection, Found | None]:
        """The same, with what YuNet found; None if it found nothing, so that nobody judged the angle."""
        face = find(image, self._yunet)
        if face is None:
            return self._mesh.detect(image), None
        height, width = image.shape[:2]
        k = face.turn
        detection = self._through(np.ascontiguousarray(np.rot90(image, k)), turned(UPRIGHT, k, width, height))
        if not (detection.found and _same(detection, face)):
            matrix = similarity(face.points, around(*WINDOW))
            near = self._through(cut(image, matrix, WINDOW[0]), matrix)
            detection = replace(near, attempt="window", faces=face.faces) if near.found else detection
        return replace(detection, attempt=f"{detection.attempt}, turned by {90 * k}°") if k else detection, face

    def _through(self, window: RGB, matrix: np.ndarray) -> Detection:
        """FaceMesh in a window, landmarks in pixels of the photograph."""
        found = self._mesh.detect(window)
        points = transform(found.landmarks.astype(np.float64), invert(matrix)).astype(np.float32)
        return replace(found, landmarks=found.landmarks if (matrix == UPRIGHT).all() else points)


def _same(detection: Detection, face: Found) -> bool:
    """Whether the middle of YuNet's five points lies in the box of the landmarks."""
    low, high, middle = detection.landmarks.min(0), detection.landmarks.max(0), face.points.mean(0)
    return bool((low < middle).all() and (middle < high).all())
