"""How large, turned, cut and blurred a face is: the numbers that the rules are measured on."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt8

from twinlib.faces.align import similarity, template, transform
from twinlib.faces.detect.search import Found
from twinlib.faces.detect.window import cut, share_outside

SIZE = 112  # px, of the crop that is looked at
RGB = UInt8[np.ndarray, "H W 3"]


@dataclass(frozen=True)
class Facts:
    """A face in numbers.

    Attributes:
        span: side of the aligned crop in pixels of the photograph, about the height of the face from brow to chin.
        turned: how far the nose tip lies from the middle of the eyes, along the line between them: 0 seen from the
            front, 1 where it is level with one eye.
        outside: share of the aligned crop that lies beyond the photograph's edge, in [0, 1].
        sharpness: variance of the Laplacian of the crop's grey values, divided by their variance.
        faces: how many faces the photograph shows.
        score: of the detector, in [0, 1].
        margin: by how much the best of the four right angles was surer than the next.
        turn: quarter turns counter-clockwise that bring the face upright.
    """

    span: float
    turned: float
    outside: float
    sharpness: float
    faces: int
    score: float
    margin: float
    turn: int


def look(pixels: RGB, found: Found) -> tuple[UInt8[np.ndarray, "112 112 3"], Facts]:
    """Aligned crop of a face that was found, and its facts.

    Args:
        pixels: the photograph.
        found: the face, px of the photograph.

    Raises:
        InputError: if the five points coincide.
    """
    import cv2

    matrix = similarity(found.points, template(SIZE))
    crop = cut(pixels, matrix, SIZE, "edge")
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    sharpness = cv2.Laplacian(grey, cv2.CV_64F).var() / max(grey.var(), 1e-9)
    span = SIZE / np.linalg.norm(matrix[:, 0])  # of a similarity: the length of its column is its scale
    outside = share_outside(matrix, SIZE, pixels.shape[1], pixels.shape[0])
    facts = (float(span), turned(transform(found.points, matrix)), outside, float(sharpness))
    return crop, Facts(*facts, found.faces, found.score, found.margin, found.turn)


def turned(points: Float[np.ndarray, "5 2"]) -> float:
    """How far the nose tip lies from the middle of the eyes along the line between them, in half eye distances.

    Args:
        points: left eye, right eye, nose tip and mouth corners.
    """
    left, right, nose = points[:3]
    across = right - left
    return float(abs(2 * np.dot(nose - left, across) / max(np.dot(across, across), 1e-9) - 1))
