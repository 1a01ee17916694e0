"""How a head lies in the picture and how it is lit: what an occluder that is drawn over it needs to know.

Nothing is read from the picture: what a cover hides must not show in the cover.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float

from syntwins.nuisance import Nuisance
from syntwins.paint.masks import FIXED_POINT, fixed

ORDINARY = 0.95  # luminance of white paper that faces the camera, in the light of a default image

See = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]  # head-frame points -> pixels, visibility


def face_hull(landmarks: Float[np.ndarray, "468 2"], size: int) -> Float[np.ndarray, "S S"]:
    """Convex hull of the face in the image, 0 to 1."""
    canvas = np.zeros((size, size), np.uint8)
    cv2.fillPoly(canvas, [cv2.convexHull(fixed(landmarks))], 255, cv2.LINE_AA, FIXED_POINT)
    return canvas.astype(np.float32) / 255


def first_order(nuisance: Nuisance, towards: Float[np.ndarray, "3"]) -> Float[np.ndarray, "4"]:
    """Light of an image on a surface of unit normal n, to first order: light · (1, n); 1 = ordinary, from the front.

    Args:
        nuisance: strength of lamp and sky, exposure.
        towards: unit vector to the lamp, in the frame that n is in.
    """
    # The part max(0, n·l) of a sphere that a lamp lights is 1/4 + n·l/2 to first order.
    light = np.array([nuisance.ambient + nuisance.light / 4, *(nuisance.light / 2 * towards)])
    return light * nuisance.exposure / ORDINARY


@dataclass(frozen=True, eq=False)
class View:
    """How the head lies in the image and how it is lit.

    Attributes:
        size: side of the image, px. see: as for `occlude`. face: the landmarks in the head's frame, cm.
        axes: image x and y (px) of a step of 1 cm along each axis of the head.
        light: of `first_order`, in the head's frame.
    """

    size: int
    see: See
    face: Float[np.ndarray, "468 3"]
    axes: Float[np.ndarray, "2 3"]
    light: Float[np.ndarray, "4"]

    @property
    def unit(self) -> float:
        """Pixels a cm."""
        return float(np.linalg.norm(self.axes[0]))

    @property
    def to_light(self) -> Float[np.ndarray, "2"]:
        """Unit vector in the image towards the light; lamps hang above."""
        across = self.axes @ self.light[1:] / self.unit
        total = across / (np.linalg.norm(across) + 0.05) + [0, -0.8]
        return total / np.linalg.norm(total)

    @property
    def towards(self) -> Float[np.ndarray, "3"]:
        """Unit vector in the head's frame towards the camera."""
        along = np.cross(self.axes[1], self.axes[0])
        return along / np.linalg.norm(along)

    def lit(self, normals: Float[np.ndarray, "N 3"]) -> Float[np.ndarray, " N"]:
        """Light that falls on a surface, 1 = a face in ordinary light."""
        return np.clip(self.light[0] + normals @ self.light[1:], 0.25, 1.7)


def look_at(
    size: int, landmarks: Float[np.ndarray, "468 2"], face: Float[np.ndarray, "468 3"], light: np.ndarray, see: See
) -> View:
    """Fit a parallel projection to the landmarks."""
    some = face[::6]
    axes = np.linalg.lstsq(some - some.mean(0), landmarks[::6] - landmarks[::6].mean(0), rcond=None)[0].T
    return View(size, see, face, axes, light)
