"""What differs between two images of one subject: pose, light, expression, age, occluder, camera."""

import math
from dataclasses import dataclass, field

import numpy as np

from syntwins.knobs import Variation
from syntwins.mesh.shape import EXPRESSIONS
from twinlib.errors import InputError

# Share of the mean frontal face that these occluders cover; a patch is cut to the share that was drawn.
NOMINAL_COVER = {"none": 0.0, "glasses": 0.07, "sunglasses": 0.16, "mask": 0.47}


@dataclass(frozen=True)
class Nuisance:
    """Factors of one image.

    Attributes:
        yaw, pitch, roll: head rotation, degrees; yaw > 0 turns the face to the image's right.
        light_azimuth, light_elevation: direction to the key light, degrees; azimuth > 0 is the image's right.
        light: strength of the key light; ambient: of the sky; warmth: colour, > 0 = warm key and cool sky.
        expression: name; amounts: of each of `EXPRESSIONS`.
        gaze: eyeball yaw and pitch, degrees.
        age_gap: generator years since the subject's youngest image, [0, 12].
        occluder: kind; occluded: share of the face it covers, drawn or nominal.
        blur: sigma, px at 160 px; noise: standard deviation, of the full scale; jpeg: quality.
        exposure: factor before the tone curve.
        distance: camera to head, cm.
        hair_volume: thickness of the hair, cm.
        background, cloth: linear RGB.
        seed: of noise, background pattern, occluder details and hair lumps.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    light_azimuth: float = 30.0
    light_elevation: float = 30.0
    light: float = 1.1
    ambient: float = 0.55
    warmth: float = 0.0
    expression: str = "neutral"
    amounts: dict[str, float] = field(default_factory=dict)
    gaze: tuple[float, float] = (0.0, 0.0)
    age_gap: float = 0.0
    occluder: str = "none"
    occluded: float = 0.0
    blur: float = 0.0
    noise: float = 0.004
    jpeg: int = 95
    exposure: float = 1.0
    distance: float = 100.0
    hair_volume: float = 1.0
    background: tuple[float, float, float] = (0.35, 0.37, 0.4)
    cloth: tuple[float, float, float] = (0.15, 0.2, 0.3)
    seed: int = 0

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise InputError(f"the seed of an image must not be negative; found {self.seed}.")


def _clipped_normal(rng: np.random.Generator, sd: float, limit: float) -> float:
    """Normal draw with mean 0, cut off (not clipped to) at the limit, so that no draws pile up there."""
    for _ in range(100):
        value = float(rng.normal(0, sd))
        if abs(value) <= limit:
            return value
    return 0.0


def _expression(rng: np.random.Generator, share: float) -> tuple[str, dict[str, float]]:
    """Name and amounts; lids are a little closed in all of them."""
    amounts = dict.fromkeys(EXPRESSIONS, 0.0)
    amounts["blink"] = float(rng.uniform(0.05, 0.28))
    draws = rng.random(6)
    names, weights = ("smile", "talk", "sad", "pucker", "surprise"), (0.42, 0.17, 0.16, 0.13, 0.12)
    if draws[0] >= share:
        return "neutral", amounts
    name = names[int(np.searchsorted(np.cumsum(weights), draws[1]).clip(0, 4))]
    a, b, c, d = draws[2:].tolist()
    recipes = {
        "smile": {"smile": 0.4 + 0.9 * a, "squint": 0.6 * b, "jaw": (0.1 + 0.35 * c) if d < 0.5 else 0.0},
        "talk": {"jaw": 0.2 + 0.6 * a, "brow_up": b},
        "sad": {"sad": 0.3 + 0.7 * a, "frown": 0.3 + 0.7 * b},
        "pucker": {"pucker": 0.3 + 0.6 * a},
        "surprise": {"brow_up": 0.3 + 0.7 * a, "frown": 0.5 * b, "jaw": 0.3 * c},
    }
    return name, amounts | recipes[name]


def _occluder(rng: np.random.Generator, variation: Variation) -> tuple[str, float]:
    draw, patch = float(rng.random()), float(rng.uniform(*variation.patch))
    for kind, share in variation.occluders:
        if draw < share:
            return kind, patch if kind == "patch" else NOMINAL_COVER[kind]
        draw -= share
    return "none", 0.0


def sample_nuisance(rng: np.random.Generator, variation: Variation | None = None) -> Nuisance:
    """Draw the factors of one image. Nothing here depends on who is drawn.

    Args:
        rng: the image's own stream.
        variation: ranges and shares; `Variation()` if None.
    """
    v = variation or Variation()
    wide, uniform_yaw = rng.random() < v.yaw_uniform, float(rng.uniform(-v.yaw_max, v.yaw_max))
    normal_yaw = _clipped_normal(rng, v.yaw_sd, v.yaw_max)
    expression, amounts = _expression(rng, v.expressive)
    occluder, occluded = _occluder(rng, v)
    gap = float(rng.uniform(*v.age_gap))
    grey = rng.uniform(0.08, 0.7)
    return Nuisance(
        yaw=uniform_yaw if wide else normal_yaw,
        pitch=_clipped_normal(rng, v.pitch_sd, 3 * v.pitch_sd),
        roll=_clipped_normal(rng, v.roll_sd, 3 * v.roll_sd),
        light_azimuth=float(rng.uniform(*v.light_azimuth)),
        light_elevation=float(rng.uniform(*v.light_elevation)),
        light=float(rng.uniform(0.7, 1.6)),
        ambient=float(rng.uniform(0.35, 0.8)),
        warmth=_clipped_normal(rng, 0.12, 0.3),
        expression=expression,
        amounts=amounts,
        gaze=(math.degrees(rng.normal(0, 0.08)), math.degrees(rng.normal(0, 0.05))),
        age_gap=gap if rng.random() < v.aged else 0.0,
        occluder=occluder,
        occluded=occluded,
        blur=abs(float(rng.normal(0, v.blur))),
        noise=float(rng.uniform(*v.noise)),
        jpeg=int(rng.integers(v.jpeg[0], v.jpeg[1] + 1)),
        exposure=float(rng.uniform(0.9, 1.15)),
        distance=float(rng.uniform(70, 130)),
        hair_volume=float(rng.uniform(0.5, 1.6)),
        background=tuple(np.clip(grey + rng.normal(0, 0.05, 3), 0.03, 0.9).tolist()),
        cloth=tuple(rng.uniform(0.03, 0.6, 3).tolist()),
        seed=int(rng.integers(1 << 30)),
    )
