"""How a face is turned, and how symmetric the picture of it is: from the detector's points alone."""

from functools import cache
from importlib import resources

import numpy as np
from jaxtyping import Float

from twinlib.faces import align
from twinlib.faces.find import Faces

SYMMETRIC = 0.2  # SymFace's τ: frontness above which a face counts as symmetric; the nose is 2 px beside the middle
WANTED = (0.20, 0.30)  # SymFace's authors ask for this share of such faces, at the least

Points = Float[np.ndarray, "P 2"]


def angles(landmarks: Points) -> Float[np.ndarray, "3"]:
    """Yaw, pitch and roll in degrees, signs as in a rendered set's manifest; NaN where there are no points.

    A weak-perspective camera is fitted to a mean head by least squares; its two rows, made orthonormal, are the
    rotation. Good to a few degrees: the face is not the mean head, and nearness bends it.

    Args:
        landmarks: points of FaceMesh, all finite; or only the five that `align.five_points` reads.
    """
    head = _head()
    if np.isfinite(landmarks[: len(head)]).all():
        points = landmarks[: len(head)].astype(np.float64)
    else:
        points, head = align.five_points(landmarks.astype(np.float64)), _five(head)
    if not np.isfinite(points).all():
        return np.full(3, np.nan)
    A = np.linalg.lstsq(head - head.mean(0), points - points.mean(0), rcond=None)[0].T
    x = A[0] / np.linalg.norm(A[0])
    y = A[1] - (A[1] @ x) * x
    y = y / np.linalg.norm(y)
    z = np.cross(x, y)
    return np.degrees([-np.arctan2(x[2], z[2]), np.arcsin(np.clip(-y[2], -1, 1)), -np.arctan2(y[0], y[1])])


def poses(faces: Faces) -> Float[np.ndarray, "N 3"]:
    """`angles` of every image; NaN where no face was found."""
    return np.stack([angles(points) for points in faces.landmarks]) if len(faces.landmarks) else np.zeros((0, 3))


def frontness(faces: Faces) -> Float[np.ndarray, " N"]:
    r"""SymFace's measure of a frontal face, from the columns of eyes and nose in the 112 px crop.

    .. math:: \rho = \frac{1}{1 + D^2}, \qquad D = \left|n_x - \tfrac12(e^l_x + e^r_x)\right|

    The same as `twinlib.methods.symface.symface.frontness`, here without torch.

    Returns:
        From 0 (no face found) to 1.

    Source:
        SymFace's equations 6 and 7.
    """
    rho = np.zeros(len(faces.landmarks))
    scale = 112 / faces.crops.shape[1]
    for i in np.flatnonzero((faces.frame["status"] == "found").to_numpy()):
        five = align.transform(align.five_points(faces.landmarks[i].astype(np.float64)), faces.matrix[i])
        D = abs(five[2, 0] - (five[0, 0] + five[1, 0]) / 2) * scale
        rho[i] = 1 / (1 + D * D)
    return rho


@cache
def _head() -> Float[np.ndarray, "468 3"]:
    """The mean head of the renderer, x to the right and y downwards in the image, z away from the camera."""
    with resources.files("syntwins.mesh").joinpath("base.npz").open("rb") as file, np.load(file) as stored:
        return stored["V"].astype(np.float64) * (1, -1, -1)


def _five(head: Float[np.ndarray, "468 3"]) -> Float[np.ndarray, "5 3"]:
    """The five points of `align.five_points` on the mean head."""
    groups = (align.LEFT_EYE, align.RIGHT_EYE, align.NOSE_TIP, align.MOUTH_CORNERS[:1], align.MOUTH_CORNERS[1:])
    return np.stack([head[list(group)].mean(0) for group in groups])
