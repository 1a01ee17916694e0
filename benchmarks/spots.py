"""Small dark spots of a face: a filter for them, its response on a map of the face, its response at given places."""

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Bool, Float, Int, UInt8
from scipy.spatial import Delaunay

# Chosen on the validation families of `study` and `study-marks` as generator version 3 drew them; no test family was
# looked at.
SIGMA = 1.2  # of the filter, px of a 112 px crop: about that of a mole after the camera's blur
CEILING = 0.03  # a response above counts no more: one dark mole shall not outweigh three pale ones
DARK = 12  # grey levels added before the logarithm, so that noise in shadows is no spot
CALM = 0.7  # share of the face that is looked at


@dataclass(frozen=True, eq=False)
class Skin:
    """A map of the face to which every crop can be bent.

    Attributes:
        corners: landmarks around each pixel of the map; weights: their barycentric weights there.
        inside: pixels within the hull of the landmarks.
    """

    corners: Int[np.ndarray, "Q 3"]
    weights: Float[np.ndarray, "Q 3"]
    inside: Bool[np.ndarray, "S S"]

    def flatten(self, picture: Float[np.ndarray, "S S"], points: Float[np.ndarray, "P 2"]) -> Float[np.ndarray, "S S"]:
        """A picture with landmarks at `points`, bent so that they come to lie where the map has them."""
        x, y = (points[self.corners] * self.weights[..., None]).sum(1).astype(np.float32).T
        return cv2.remap(picture, x.reshape(self.inside.shape), y.reshape(self.inside.shape), cv2.INTER_LINEAR)


def skin_of(mean: Float[np.ndarray, "P 2"], size: int = 112) -> Skin:
    """The map whose landmarks lie at `mean`."""
    pixels = np.stack(np.meshgrid(np.arange(size), np.arange(size)), -1).reshape(-1, 2)
    corners, weights, inside = barycentric(mean, pixels)
    return Skin(corners, weights, inside.reshape(size, size))


def barycentric(points: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Three points around each place [N, 3], their weights there [N, 3], whether the place is within the hull [N]."""
    mesh = Delaunay(points)
    triangle = mesh.find_simplex(places)
    matrix = mesh.transform[triangle]
    first = np.einsum("nij,nj->ni", matrix[:, :2], places - matrix[:, 2])
    return mesh.simplices[triangle], np.column_stack([first, 1 - first.sum(1)]), triangle >= 0


def dark_spots(crop: UInt8[np.ndarray, "S S 3"]) -> Float[np.ndarray, "S S"]:
    """How much each pixel is the bottom of a dark dip: the smaller curvature of log brightness, if positive.

    The logarithm makes it nearly independent of the light; the smaller curvature leaves edges and lines out.
    """
    grey = np.log(crop.astype(np.float32).mean(-1) + DARK)
    grey = cv2.GaussianBlur(grey, (0, 0), SIGMA)
    xx, yy, xy = (cv2.Sobel(grey, -1, *order, ksize=3, scale=1 / 4) for order in ((2, 0), (0, 2), (1, 1)))
    curvature = (xx + yy) / 2 - np.hypot((xx - yy) / 2, xy)
    return np.clip(SIGMA**2 * curvature, 0, CEILING)


def response_at(crop: UInt8[np.ndarray, "S S 3"], places: Float[np.ndarray, "M 2"]) -> Float[np.ndarray, " M"]:
    """The filter's response at some pixels of a crop, between pixels by interpolation."""
    x, y = places.astype(np.float32).T[:, None]
    return cv2.remap(dark_spots(crop), x, y, cv2.INTER_LINEAR)[0] if len(places) else np.zeros(0, np.float32)


def spot_maps(skin: Skin, crops: np.ndarray, landmarks: np.ndarray) -> Float[np.ndarray, "N S S"]:
    """Responses of many crops on the map."""
    return np.stack([skin.flatten(dark_spots(crop), p) for crop, p in zip(crops, landmarks, strict=True)])


def calm_skin(skin: Skin, maps: Float[np.ndarray, "N S S"]) -> Bool[np.ndarray, "S S"]:
    """Pixels that hardly ever respond: bare skin. Eyes, brows, nostrils, lips and the face's edge are left out."""
    power = (maps**2).mean(0)
    return skin.inside & (power < np.quantile(power[skin.inside], CALM))
