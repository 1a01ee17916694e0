"""YuNet, the face detector of OpenCV Zoo: boxes, scores and five points of the faces on a square picture."""

import threading
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8

from twinlib.errors import InputError
from twinlib.faces.detect.weights import YUNET, shipped

LEAST = 0.3  # score under which nothing is kept; callers set a higher bar of their own
OVERLAP = 0.3  # of two boxes, above which the weaker one is dropped: OpenCV's own choice
KEPT = 640  # px: networks for larger pictures are seldom needed and hold 150 MB; they are made anew
MISSING = "finding faces needs OpenCV, which is not installed. Install it with: pip install opencv-contrib-python."

Rows = Float[np.ndarray, "F 15"]


class YuNet:
    """The detector, for square pictures of a few fixed sides; each thread gets networks of its own.

    Source: Wu, Peng, Yu, YuNet: A Tiny Millisecond-level Face Detector, 2023.

    Raises:
        InputError: OpenCV is missing, or the shipped file is damaged.
    """

    def __init__(self) -> None:
        try:
            import cv2  # noqa: F401
        except ImportError as error:
            raise InputError(MISSING) from error
        self._weights = np.frombuffer(shipped(YUNET), np.uint8)
        self._own = threading.local()

    def detect(self, picture: UInt8[np.ndarray, "S S 3"]) -> Rows:
        """Faces of a square picture.

        Args:
            picture: RGB; a side of a multiple of 32 px.

        Returns:
            x, y, width and height of the box; x, y of left eye, right eye, nose tip, left and right mouth corner as
            seen in the picture; score in [0, 1]. In pixels of the picture, a row for each face.
        """
        network = self._network(picture.shape[0])
        found = network.detect(np.ascontiguousarray(picture[..., ::-1]))[1]
        return np.zeros((0, 15)) if found is None else found.astype(np.float64)

    def _network(self, side: int) -> Any:
        """The network of this thread for pictures of this side."""
        import cv2

        kept = self._own.__dict__.setdefault("networks", {})
        if side in kept:
            return kept[side]
        empty = np.zeros(0, np.uint8)
        made = cv2.FaceDetectorYN.create("onnx", self._weights, empty, (side, side), LEAST, OVERLAP, 500)
        if side <= KEPT:
            kept[side] = made
        return made
