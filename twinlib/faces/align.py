"""From landmarks to an aligned crop and its four region boxes: plain geometry.

Coordinates are (x, y) in pixels, origin top left. A matrix [2, 3] maps points of the image to points of the crop.
"""

from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Bool, Float, UInt8

from twinlib.errors import InputError

REGIONS = ("eyes", "nose", "mouth", "jaw")

# Where left eye, right eye, nose tip and mouth corners (left and right of the image) lie in a 112 px crop:
# the numbers that insightface fixed and that nearly every recogniser was trained with.
TEMPLATE_112 = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)

# FaceMesh point numbers. Eyes are means over the lid outline: steadier than the iris, which follows the gaze.
LEFT_EYE = (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246)
RIGHT_EYE = (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466)
NOSE_TIP = (1, 4)  # the five-point detectors of the field mark between these two (measured on photographs)
MOUTH_CORNERS = (61, 291)
FIVE = (LEFT_EYE, RIGHT_EYE, NOSE_TIP, MOUTH_CORNERS[:1], MOUTH_CORNERS[1:])  # each of the five is the mean of these
LEFT_BROW = (70, 63, 105, 66, 107, 46, 53, 52, 65, 55)
RIGHT_BROW = (300, 293, 334, 296, 336, 276, 283, 282, 295, 285)
NOSE = (168, 6, 197, 195, 5, 4, 1, 19, 94, 2, 98, 327, 97, 326, 64, 294, 48, 278, 129, 358, 115, 344)
LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 185, 40, 39, 37, 0, 267, 269, 270, 409)
JAW = (58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288)
REGION_POINTS = (LEFT_EYE + RIGHT_EYE + LEFT_BROW + RIGHT_BROW, NOSE, LIPS, JAW)

MARGIN = 0.03  # added on each side of a region, as a fraction of the crop. Our choice.
SMALLEST = 0.125  # no side of a box is shorter, as a fraction of the crop: 14 px of 112. Our choice.

Matrix = Float[np.ndarray, "2 3"]
Boxes = Float[np.ndarray, "4 4"]
Columns = Float[np.ndarray, " N"]

# Used, and flagged, where no face was found: mean boxes of the faces found in the 96 training images of the rendered
# set `smoke`, averaged with their mirror image.
CANONICAL_BOXES = np.array(
    [[0.177, 0.314, 0.823, 0.521], [0.359, 0.424, 0.641, 0.745], [0.340, 0.757, 0.660, 0.907], [0.145, 0.762, 0.855, 1]]
)


def geometry_record() -> dict[str, object]:
    """Every constant of this page, so that a stored result can tell whether it is still what the code would give."""
    return {
        "template_112": TEMPLATE_112.tolist(),
        "five_points": [LEFT_EYE, RIGHT_EYE, NOSE_TIP, MOUTH_CORNERS],
        "region_points": REGION_POINTS,
        "margin": MARGIN,
        "smallest": SMALLEST,
        "canonical_boxes": CANONICAL_BOXES.tolist(),
    }


def template(size: int) -> Float[np.ndarray, "5 2"]:
    """Five target points in a crop of `size` × `size` px: those for 112 px times size / 112."""
    if size < 16:
        raise InputError(f"crop size {size} px: wanted at least 16. Most recognisers take 112.")
    return TEMPLATE_112 * (size / 112)


def five_points(landmarks: Float[np.ndarray, "P 2"]) -> Float[np.ndarray, "5 2"]:
    """Left eye, right eye, nose tip, left and right mouth corner (as seen in the image) of one FaceMesh result.

    Args:
        landmarks: the 468 or 478 points.

    Raises:
        InputError: if there are fewer than 468 points.
    """
    if len(landmarks) < 468:
        raise InputError(f"landmarks: wanted the 468 or 478 points of FaceMesh, found {len(landmarks)}.")
    return np.stack([landmarks[list(points)].mean(0, dtype=np.float64) for points in FIVE])


def similarity(source: Float[np.ndarray, "N 2"], target: Float[np.ndarray, "M 2"]) -> Matrix:
    r"""Least-squares rotation, uniform scale and shift that carries `source` onto `target`; never a reflection.

    .. math:: \min_{s, R, t} \sum_i \lVert s R x_i + t - y_i \rVert^2, \quad R^\top R = I, \; \det R = 1

    Args:
        source: points x_i.
        target: as many points y_i, in the same order.

    Returns:
        The matrix [s R | t].

    Raises:
        InputError: if there are fewer than two points, a coordinate is not finite, the numbers of points differ,
            all points of one side coincide, or no rotation fits better than another.

    Source:
        Umeyama, Least-squares estimation of transformation parameters between two point patterns, 1991. In the
        plane its SVD has a closed form: with centred points as complex numbers, s R is conj(x)·y / conj(x)·x.
    """
    if source.shape != target.shape or len(source) < 2:
        raise InputError(f"alignment: wanted two equal lists of 2 points or more, found {len(source)}, {len(target)}.")
    if not (np.isfinite(source).all() and np.isfinite(target).all()):
        raise InputError("alignment: a coordinate is NaN or infinite. Leave images without landmarks out.")
    mean_x, mean_y = source.mean(0), target.mean(0)
    x = (source - mean_x).astype(np.float64) @ np.array([1, 1j])
    y = (target - mean_y).astype(np.float64) @ np.array([1, 1j])
    spread_x, spread_y = np.vdot(x, x).real, np.vdot(y, y).real
    a = np.vdot(x, y)  # sum of conj(x) y
    if abs(a) <= 1e-9 * np.sqrt(spread_x * spread_y) or min(spread_x, spread_y) < 1e-12:
        raise InputError("alignment: the points coincide or fit no rotation. Check the landmarks of this image.")
    a = a / spread_x
    sR = np.array([[a.real, -a.imag], [a.imag, a.real]])
    return np.column_stack([sR, mean_y - sR @ mean_x])


def transform(points: Float[np.ndarray, "*B 2"], matrix: Matrix) -> Float[np.ndarray, "*B 2"]:
    """Apply a matrix to points of any leading shape."""
    return points @ matrix[:, :2].T + matrix[:, 2]


def invert(matrix: Matrix) -> Matrix:
    """Matrix of the way back: crop to image."""
    inverse = np.linalg.inv(matrix[:, :2])
    return np.column_stack([inverse, -inverse @ matrix[:, 2]])


def centre_crop(width: int, height: int, size: int) -> Matrix:
    """Matrix that scales the largest centred square of an image to the crop: used where no face was found."""
    scale = size / min(width, height)
    # Pixel centres are whole numbers, so the middle of n pixels lies at (n - 1) / 2.
    shift = (size - 1) / 2 - scale * (np.array([width, height]) - 1) / 2
    return np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])


def warp(
    image: UInt8[np.ndarray, "H W 3"], matrix: Matrix, size: int, outside: Literal["edge", "black"] = "edge"
) -> UInt8[np.ndarray, "S S 3"]:
    """Crop of `size` × `size` px: bilinear; outside the image its edge pixels are repeated, or it is black.

    An image that shrinks to less than half is first averaged down, because bilinear sampling would skip pixels.

    Raises:
        InputError: if the matrix is not finite or shrinks everything to a point.
    """
    import cv2

    scale = np.sqrt(abs(np.linalg.det(matrix[:, :2]))) if np.isfinite(matrix).all() else 0.0
    if scale < 1e-4:
        raise InputError(f"alignment: wanted a matrix of scale 0.0001 or more, found {scale:g}. Check the landmarks.")
    if scale < 0.5:
        height, width = image.shape[:2]
        shape = max(round(2 * scale * width), 1), max(round(2 * scale * height), 1)
        image = cv2.resize(image, shape, interpolation=cv2.INTER_AREA)
        factor = np.array([width / shape[0], height / shape[1]])
        # small pixel p covers large pixels around factor (p + 1/2) - 1/2
        matrix = np.column_stack([matrix[:, :2] * factor, matrix[:, 2] + matrix[:, :2] @ (factor - 1) / 2])
    border = cv2.BORDER_REPLICATE if outside == "edge" else cv2.BORDER_CONSTANT
    return cv2.warpAffine(image, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=border)


def region_boxes(landmarks: Float[np.ndarray, "P 2"], size: int) -> Boxes:
    """Boxes of eyes (with brows), nose, mouth and jaw around FaceMesh points.

    Args:
        landmarks: the 468 or 478 points in pixels of the crop.
        size: side of the crop, px.

    Returns:
        A row for each region: x0, y0, x1, y1 in [0, 1] of the crop, clipped, no side shorter than `SMALLEST`.

    Raises:
        InputError: if there are fewer than 468 points or one of those used is not finite.
    """
    if len(landmarks) < 468:
        raise InputError(f"landmarks: wanted the 468 or 478 points of FaceMesh, found {len(landmarks)}.")
    if not np.isfinite(landmarks).all():
        raise InputError("region boxes: a landmark is NaN or infinite. Use CANONICAL_BOXES where nothing was found.")
    # A point is the middle of its pixel: + 1/2 turns pixel numbers into distances from the edge.
    parts = [(landmarks[list(points)] + 0.5) / size for points in REGION_POINTS]
    low = np.stack([part.min(0) for part in parts]) - MARGIN
    high = np.stack([part.max(0) for part in parts]) + MARGIN
    low, high = np.clip(low, 0, 1), np.clip(high, 0, 1)
    middle = np.clip((low + high) / 2, SMALLEST / 2, 1 - SMALLEST / 2)
    short = high - low < SMALLEST  # an extreme pose, or a region outside the crop
    return np.hstack([np.where(short, middle - SMALLEST / 2, low), np.where(short, middle + SMALLEST / 2, high)])


class Aligned(NamedTuple):
    """A crop with the matrix image → crop and its boxes; the canonical ones where no landmark says better."""

    crop: UInt8[np.ndarray, "S S 3"]
    matrix: Matrix
    boxes: Boxes
    canonical: bool


def aligned(image: UInt8[np.ndarray, "H W 3"], landmarks: Float[np.ndarray, "P 2"] | None, size: int) -> Aligned:
    """The one step from an image to its crop.

    Args:
        image: RGB.
        landmarks: of FaceMesh, px of the image; NaN but for the five that `five_points` reads where only those are
            known; None where no face was found, which gives the middle of the image.
        size: side of the crop, px.

    Raises:
        InputError: the landmarks fit no rotation.
    """
    if landmarks is None:
        matrix = centre_crop(image.shape[1], image.shape[0], size)
        return Aligned(warp(image, matrix, size), matrix, CANONICAL_BOXES, True)
    points = landmarks.astype(np.float64)
    matrix = similarity(five_points(points), template(size))
    canonical = not np.isfinite(points).all()
    boxes = CANONICAL_BOXES if canonical else region_boxes(transform(points, matrix), size)
    return Aligned(warp(image, matrix, size), matrix, boxes, canonical)


def frontness(left_eye: Columns, right_eye: Columns, nose: Columns, width: int = 112) -> Columns:
    r"""Frontness ρ of aligned faces from three landmarks' columns.

    .. math:: \rho = \frac{1}{1 + D^2}, \qquad D = \left|n_x - \tfrac12(e^l_x + e^r_x)\right|

    Args:
        left_eye: column of the centre of one eye, px of a crop of the given width; NaN where no face was found.
        right_eye: column of the other.
        nose: column of the tip of the nose.
        width: of the crop, px; D is scaled to a crop of 112 px, in which the paper measures.

    Returns:
        From 0 (no landmarks) to 1 (nose exactly between the eyes).

    Source:
        SymFace's equations 6 and 7.
    """
    D = np.abs(nose - (left_eye + right_eye) / 2) * (112 / width)
    return np.nan_to_num(1 / (1 + D * D), nan=0.0)


def valid_boxes(boxes: Float[np.ndarray, "*B 4"]) -> Bool[np.ndarray, "*B"]:
    """Which boxes are finite, inside [0, 1] and of positive size."""
    x0, y0, x1, y1 = np.moveaxis(boxes, -1, 0)
    return (x0 >= 0) & (y0 >= 0) & (x1 <= 1) & (y1 <= 1) & (x1 > x0) & (y1 > y0)
