"""How a head lies in a finished picture and how it is lit: what an occluder drawn over it needs to know."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from jaxtyping import Float

from twinlib.data.syntwins import regions as at
from twinlib.data.syntwins.masks import FIXED_POINT, fixed
from twinlib.data.syntwins.mesh import head
from twinlib.data.syntwins.raster import vertex_normals

GAMMA = 2.2
# Bare skin, from whose brightness the light is read.
LIT = [50, 280, 205, 425, 207, 427, 187, 411, 199, 175, 116, 345, 117, 346, 101, 330, 4, 5, 195, 151, 9, 214, 434]
See = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]  # head-frame points -> pixels, visibility


def face_hull(landmarks: Float[np.ndarray, "468 2"], size: int) -> Float[np.ndarray, "S S"]:
    """Convex hull of the face in the image, 0 to 1."""
    canvas = np.zeros((size, size), np.uint8)
    cv2.fillPoly(canvas, [cv2.convexHull(fixed(landmarks))], 255, cv2.LINE_AA, FIXED_POINT)
    return canvas.astype(np.float32) / 255


@dataclass(frozen=True, eq=False)
class View:
    """How the head lies in the image and how it is lit, both read off the picture.

    Attributes:
        size: side of the image, px. see: as for `occlude`. face: the landmarks in the head's frame, cm.
        axes: image x and y (px) of a step of 1 cm along each axis of the head.
        light: linear luminance of skin whose unit normal is n, as a multiple of the face's mean: light · (1, n).
        level: how bright the face is for its kind, about 1.
    """

    size: int
    see: See
    face: Float[np.ndarray, "468 3"]
    axes: Float[np.ndarray, "2 3"]
    light: Float[np.ndarray, "4"]
    level: float

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
        return self.level * np.clip(self.light[0] + normals @ self.light[1:], 0.25, 1.7)


@lru_cache(1)
def _skin_normals() -> Float[np.ndarray, "468 3"]:
    """Unit normals of the mean face."""
    normals = np.zeros_like(head().mean)
    vertex_normals(head().mean, head().faces, normals)
    return normals[: at.FACE]


def look_at(picture: np.ndarray, landmarks: np.ndarray, face: np.ndarray, see: See) -> View:
    """Fit a parallel projection to the landmarks and first-order light to the skin's brightness."""
    size = len(picture)
    some = face[::6]
    axes = np.linalg.lstsq(some - some.mean(0), landmarks[::6] - landmarks[::6].mean(0), rcond=None)[0].T
    ids = np.array(LIT)[see(face[LIT])[1]]
    x, y = np.floor(landmarks[ids]).astype(int).clip(0, size - 1).T
    seen = picture[y, x].mean(-1).astype(float) ** GAMMA
    mean = float(seen.mean()) + 1e-3 if len(ids) else 0.2
    known = np.concatenate([np.ones((len(ids), 1)), _skin_normals()[ids]], 1)
    steadied = known.T @ known + np.diag([1e-3, 1, 1, 1])  # few points are seen in profile
    light = np.linalg.solve(steadied, known.T @ (seen / mean) + [1e-3, 0, 0, 0])
    # Skin's own tone is unknown here: a dark face in ordinary light must not darken the cloth as much as itself.
    return View(size, see, face, axes, light, float(np.clip((mean / 0.25) ** 0.3, 0.6, 1.4)))
