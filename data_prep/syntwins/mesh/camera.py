"""Head rotation and perspective projection."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

PIVOT = np.array([0.0, -6.0, -8.0])  # the head turns around this point, cm
CENTRE = np.array([0.0, -2.2, -3.0])  # this point of the turned head is in the middle of the image
FOCAL = 0.0455  # image sides a cm, at CENTRE's distance: 7.3 px a cm at 160 px


def rotation(yaw: float, pitch: float, roll: float) -> Float[np.ndarray, "3 3"]:
    """Rotation matrix: yaw about y first, then pitch about x, then roll about z; degrees."""
    y, p, r = (math.radians(angle) for angle in (yaw, pitch, roll))
    about_y = np.array([[math.cos(y), 0, math.sin(y)], [0, 1, 0], [-math.sin(y), 0, math.cos(y)]])
    about_x = np.array([[1, 0, 0], [0, math.cos(p), -math.sin(p)], [0, math.sin(p), math.cos(p)]])
    about_z = np.array([[math.cos(r), -math.sin(r), 0], [math.sin(r), math.cos(r), 0], [0, 0, 1]])
    return about_z @ about_x @ about_y


def turn(
    points: Float[np.ndarray, "N 3"], matrix: Float[np.ndarray, "3 3"], pivot: Float[np.ndarray, "3"] = PIVOT
) -> Float[np.ndarray, "N 3"]:
    """Points rotated about a pivot."""
    return (points - pivot) @ matrix.T + pivot


@dataclass(frozen=True)
class Camera:
    """A pinhole camera on the z axis.

    Attributes:
        distance: to the origin, cm.
        shift: world point (x, y) that lands in the middle of the image.
        size: image side, px.
    """

    distance: float
    shift: tuple[float, float]
    size: int

    def project(self, points: Float[np.ndarray, "N 3"]) -> Float[np.ndarray, "N 3"]:
        """Pixel position (x, y; origin at the corner of the first pixel) and inverse depth (1/cm)."""
        inverse = 1 / (self.distance - points[:, 2])
        focal = self.size * FOCAL * self.distance
        x = (points[:, 0] - self.shift[0]) * inverse * focal + self.size / 2
        y = self.size / 2 - (points[:, 1] - self.shift[1]) * inverse * focal
        return np.stack([x, y, inverse], 1)


def camera_at(distance: float, matrix: Float[np.ndarray, "3 3"], size: int) -> Camera:
    """Camera that keeps the head's centre in the middle of the image."""
    x, y, _ = turn(CENTRE[None], matrix)[0].tolist()
    return Camera(distance, (x, y), size)
