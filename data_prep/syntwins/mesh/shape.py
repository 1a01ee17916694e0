r"""How heads differ and how faces move: displacements of face and skull.

A subject's shape is :math:`d = L f + \sum_n s_n M_n + a`: a symmetric random field f, 24 hand-made modes
:math:`M_n` (cm per standard deviation) with weights :math:`s_n`, and an antisymmetric field a, the fluctuating
asymmetry. Fields are sums of smooth modes q with weights :math:`c_q (\lambda_q + 0.05)^{-p}`, c standard normal.
All numbers are our choice, set by eye.
"""

from functools import lru_cache

import numpy as np
from jaxtyping import Float

from syntwins.mesh import regions as at
from syntwins.mesh.head import head

FIELD_CM = 0.20  # L, RMS of the symmetric random field
SEMANTIC_SD = 0.9  # standard deviation of the mode weights

EXPRESSIONS = ("jaw", "smile", "sad", "pucker", "brow_up", "frown", "blink", "squint")


def random_field(
    rng: np.random.Generator, symmetric: bool, power: float = 0.75, modes: int = 26
) -> Float[np.ndarray, "K 3"]:
    """Smooth random displacement of face and skull, RMS length 1 over the face.

    Args:
        rng: source of the 3 × modes normal draws.
        symmetric: True: mirror images move as mirror images (x odd; y and z even). False: the reverse, so that the
            field's mirror image is its negative.
        power: p; larger is smoother.
        modes: modes used per axis, at most 26.
    """
    mean_head = head()
    field = np.zeros((mean_head.skull_end, 3))
    for axis in range(3):
        odd = (axis == 0) == symmetric
        q, values = (
            (mean_head.modes_odd, mean_head.values_odd) if odd else (mean_head.modes_even, mean_head.values_even)
        )
        weights = rng.standard_normal(modes) * (values[:modes] + 0.05) ** -power
        field[:, axis] = (q[:, :modes] * weights).sum(1)
    return field / np.sqrt((field[: at.FACE] ** 2).sum(1).mean())


def _near(points: Float[np.ndarray, "K 3"], ids: list[int], radius: float) -> Float[np.ndarray, " K"]:
    """Gaussian weight exp(-d²/2r²) of the distance d to the nearest of some landmarks, cm."""
    squared = ((points[:, None] - points[ids][None]) ** 2).sum(-1).min(1)
    return np.exp(-squared / (2 * radius**2))


def _field(x: object = 0.0, y: object = 0.0, z: object = 0.0) -> Float[np.ndarray, "K 3"]:
    """Displacement with these components (arrays or 0)."""
    field = np.zeros((head().skull_end, 3))
    field[:, 0], field[:, 1], field[:, 2] = x, y, z
    return field


def _symmetric(modes: dict[str, np.ndarray]) -> dict[str, Float[np.ndarray, "K 3"]]:
    """The modes without what little asymmetry the numbering of landmarks gives them."""
    mirror = head().mirror[: head().skull_end]
    return {name: (mode + mode[mirror] * [-1, 1, 1]) / 2 for name, mode in modes.items()}


@lru_cache(1)
def semantic_modes() -> dict[str, Float[np.ndarray, "K 3"]]:
    """Symmetric shape modes by name, cm per standard deviation."""
    points = head().control[: head().skull_end]
    x, y, _ = points.T
    side = np.tanh(x)
    near = lambda ids, radius: _near(points, ids, radius)  # noqa: E731 - a formula's abbreviation
    right, left = (head().mean[eye].mean(0) for eye in head().eyes)
    eye_r, eye_l = (np.exp(-((points - centre) ** 2).sum(1) / (2 * 1.3**2)) for centre in (right, left))
    jaw = 1 / (1 + np.exp((y + 7) / 1.2))
    brow = near(at.BROWS, 0.8)
    lips_y = head().mean[[13, 14], 1].mean()
    cheekbones = [117, 346, 50, 280]
    modes = {
        "face_width": _field(x=0.045 * x),
        "face_length": _field(y=0.035 * (y + 1)),
        "jaw_width": _field(x=0.075 * x * jaw),
        "chin_length": _field(y=-0.40 * near([152, 175, 199], 2.2)),
        "chin_projection": _field(z=0.35 * near([152, 175, 199], 1.8)),
        "nose_projection": _field(z=0.35 * near([1, 4, 5], 1.3)),
        "nose_width": _field(x=0.13 * x * near([98, 327, 48, 278, 64, 294], 1.0)),
        "nose_length": _field(y=-0.25 * near([1, 2, 4, 5, 98, 327], 1.3)),
        "nose_bridge": _field(z=0.22 * near([6, 197, 168], 1.1)),
        "nose_tip": _field(y=0.2 * near([1, 4], 0.8)),
        "eye_spacing": _field(x=0.16 * (eye_l - eye_r)),
        "eye_opening": _field(y=0.14 * (y - right[1]) * (eye_r + eye_l)),
        "eye_width": _field(x=0.10 * ((x - right[0]) * eye_r + (x - left[0]) * eye_l)),
        "eye_tilt": _field(y=0.11 * ((x - left[0]) * eye_l - (x - right[0]) * eye_r)),
        "eye_depth": _field(z=-0.18 * (eye_r + eye_l)),
        "brow_height": _field(y=0.22 * brow),
        "brow_ridge": _field(z=0.2 * brow),
        "brow_tilt": _field(y=0.12 * brow * np.abs(x) - 0.25 * brow),
        "mouth_width": _field(x=0.11 * x * near(at.LIPS_OUTER, 0.9)),
        "lip_thickness": _field(
            y=0.22 * np.tanh((y - lips_y) / 0.35) * near([0, 17, 37, 267, 84, 314], 0.55),
            z=0.1 * near(at.LIPS_OUTER, 0.6),
        ),
        "mouth_height": _field(y=0.2 * near(at.LIPS_OUTER, 1.0)),
        "cheekbones": _field(x=0.2 * side * near([*cheekbones, 123, 352], 1.6), z=0.2 * near(cheekbones, 1.6)),
        "cheek_fullness": _field(
            x=0.28 * side * near([207, 427, 192, 416, 213, 433], 2.0), z=0.18 * near([207, 427, 205, 425], 1.6)
        ),
        "forehead": _field(y=0.25 * near([10, 67, 297, 109, 338], 2.5), z=0.3 * near([10, 151, 9, 67, 297], 2.2)),
    }
    return _symmetric(modes)


@lru_cache(1)
def expressions() -> dict[str, Float[np.ndarray, "K 3"]]:
    """Displacement per unit of each expression in `EXPRESSIONS`, and of `age` (1 = fifty years), cm."""
    points = head().control[: head().skull_end]
    x = points[:, 0]
    side = np.sign(x)
    near = lambda ids, radius: _near(points, ids, radius)  # noqa: E731 - a formula's abbreviation
    lips_y = head().mean[[13, 14], 1].mean()
    corners, cheeks = near([61, 291], 0.9), near([205, 425, 50, 280], 1.2)
    inner_brow = near([107, 55, 336, 285], 0.9)
    blink = _blink(points)
    modes = {
        "jaw": _open_jaw(points, lips_y),
        "smile": _field(x=0.42 * side * corners, y=0.38 * corners + 0.25 * cheeks, z=-0.28 * corners + 0.22 * cheeks),
        "sad": _field(y=-0.35 * near([61, 291], 0.8) + 0.1 * near([17, 18], 0.6)),
        "pucker": _field(x=-0.25 * x * near(at.LIPS_OUTER, 0.6), z=0.5 * near(at.LIPS_OUTER, 0.6)),
        "brow_up": _field(y=0.55 * near(at.BROWS, 1.0)),
        "frown": _field(x=-0.22 * side * inner_brow, y=-0.35 * inner_brow),
        "blink": blink,
        "squint": _field(y=0.15 * near([117, 346, 119, 348, 111, 340], 0.8)) + 0.3 * blink,
        "age": _age(points, lips_y),
    }
    return _symmetric(modes)


def _open_jaw(points: Float[np.ndarray, "K 3"], lips_y: float) -> Float[np.ndarray, "K 3"]:
    """Lower face swings down and back; the upper lip stays, the corners follow halfway."""
    x, y, z = points.T
    weight = np.clip((z + 7) / 4, 0, 1) / (1 + np.exp((y - (lips_y - 0.55)) / 0.28))
    weight[at.LIPS_INNER_UPPER[1:-1] + at.LIP_UPPER] = 0
    weight[at.LIP_LOWER] = 1
    weight[at.MOUTH_CORNERS] = 0.45
    arch = np.ones(len(points))  # the lower lip opens as an arch, widest in the middle
    lip = [*at.LIP_LOWER, 61, 291, 78, 308]
    arch[lip] = np.clip(1.15 - (np.abs(x[lip]) / 2.4) ** 2, 0.3, 1)
    return _field(y=-1.2 * weight * (0.45 + 0.55 * arch), z=-0.35 * weight)


def _blink(points: Float[np.ndarray, "K 3"]) -> Float[np.ndarray, "K 3"]:
    """Upper lids travel down to the lower lids; the skin above follows a little."""
    shift = np.zeros_like(points)
    mean = head().mean
    above = points[:, 1] > 0.1
    lids = [at.LID_UPPER_R, at.LID_LOWER_R, at.LID_UPPER_L, at.LID_LOWER_L]
    for upper, lower in (lids[:2], lids[2:]):
        gap = mean[lower] - mean[upper]
        shift[upper], shift[lower] = 0.88 * gap, -0.08 * gap
        others = above.copy()
        others[upper + at.LID_LOWER_R + at.LID_LOWER_L] = False
        shift[others, 1] -= 0.18 * _near(points, upper, 0.35)[others]
    return shift


def _age(points: Float[np.ndarray, "K 3"], lips_y: float) -> Float[np.ndarray, "K 3"]:
    """Fifty years: jowls, longer nose, hollow cheeks, heavier lids, thinner lips."""
    x, y, _ = points.T
    near = lambda ids, radius: _near(points, ids, radius)  # noqa: E731 - a formula's abbreviation
    jowls = near([172, 397, 136, 365, 192, 416], 1.5)
    lids = near(at.LID_UPPER_R + at.LID_UPPER_L, 0.4)
    lips = np.tanh((y - lips_y) / 0.35) * near([0, 17, 37, 267, 84, 314], 0.5)
    return _field(
        x=0.22 * np.sign(x) * jowls,
        y=-0.45 * jowls - 0.2 * near([1, 2, 4], 1.0) - 0.07 * lids - 0.12 * near(at.BROWS, 0.8) - 0.12 * lips,
        z=-0.2 * near([205, 425, 117, 346], 1.1),
    )
