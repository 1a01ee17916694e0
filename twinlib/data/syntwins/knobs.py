"""What a data set is asked to contain: the causes that separate twins, the nuisances, the named sets.

Everything here is plain data: a set's configuration is hashed, written beside the images and read back by people.
"""

import math
from dataclasses import dataclass, field, fields, is_dataclass

from twinlib.errors import InputError

RELATIONS = ("mz", "dz", "sibling", "single")  # single: a family of one person
SPLITS = ("train", "validation", "test")
OCCLUDERS = ("none", "glasses", "sunglasses", "mask", "patch")


def _require(good: bool, name: str, wanted: str, found: object) -> None:
    """Refuse a value by the name of its field."""
    if not good:
        raise InputError(f"{name} must be {wanted}; found {found!r}. Change it in the set's configuration.")


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _check_range(name: str, value: object, low: int | float, high: int | float) -> None:
    """Refuse anything but a (low, high) pair inside the given limits."""
    pair = isinstance(value, tuple) and len(value) == 2 and all(_number(v) for v in value)
    good = pair and low <= value[0] <= value[1] <= high
    _require(good, name, f"a pair (low, high) within [{low:g}, {high:g}]", value)


@dataclass(frozen=True)
class Knobs:
    r"""What differs between two monozygotic twins. Set to 0 (and `own_texture` to False), it does not differ at all.

    Attributes:
        divergence: :math:`\tau`; a factor is (shared + τ·own)/√(1 + τ²), so that twins correlate by 1/(1 + τ²) and the
            population's variance does not depend on τ. [0, 5].
        asymmetry_cm: RMS length of the fluctuating-asymmetry field, cm; 0.055 is 0.6 % of the face's length. [0, 0.5].
        marks: rate of moles, freckles and scars; 1 = 2.2 moles and 0.2 scars a subject on average. [0, 10].
        mark_size: factor on the marks' radius (1 = moles of sigma 0.05 to 0.11 cm). [0.2, 4].
        own_texture: whether pores, stubble and blotches are individual.
        mirror: whether the second twin's asymmetry and marks mirror the first one's ("mirror-image twins").
    """

    divergence: float = 0.62
    asymmetry_cm: float = 0.055
    marks: float = 1.0
    mark_size: float = 1.0
    own_texture: bool = True
    mirror: bool = False

    def __post_init__(self) -> None:
        limits = {"divergence": (0, 5), "asymmetry_cm": (0, 0.5), "marks": (0, 10), "mark_size": (0.2, 4)}
        for name, (low, high) in limits.items():
            value = getattr(self, name)
            _require(
                _number(value) and low <= value <= high, f"knobs.{name}", f"a number in [{low:g}, {high:g}]", value
            )
        for name in ("own_texture", "mirror"):
            _require(isinstance(getattr(self, name), bool), f"knobs.{name}", "true or false", getattr(self, name))


@dataclass(frozen=True)
class Variation:
    """What differs between two images of one subject. Angles in degrees, sizes in px of a 160 px image.

    Attributes:
        yaw_sd, yaw_max: normal head turn, cut off at the maximum (at most 75).
        yaw_uniform: share of images whose yaw is uniform within the maximum instead.
        pitch_sd, roll_sd: normal, cut off at three standard deviations.
        light_azimuth, light_elevation: range of the key light's direction.
        occluders: share of images per kind of occluder; the rest is bare.
        patch: range of the share of the face that a patch covers.
        age_gap: range of the years (0 to 12) between the subject's youngest image and this one.
        aged: share of images with an age gap.
        expressive: share of images with an expression.
        blur: standard deviation of the blur's sigma (half-normal), px.
        noise: range of the pixel noise's standard deviation, of the full scale.
        jpeg: range of the JPEG quality.
    """

    yaw_sd: float = 15.0
    yaw_max: float = 35.0
    yaw_uniform: float = 0.15
    pitch_sd: float = 5.0
    roll_sd: float = 5.0
    light_azimuth: tuple[float, float] = (-60.0, 60.0)
    light_elevation: tuple[float, float] = (0.0, 55.0)
    occluders: tuple[tuple[str, float], ...] = (("glasses", 0.1), ("sunglasses", 0.03), ("mask", 0.05), ("patch", 0.1))
    patch: tuple[float, float] = (0.05, 0.4)
    age_gap: tuple[float, float] = (0.0, 12.0)
    aged: float = 0.4
    expressive: float = 0.6
    blur: float = 0.35
    noise: tuple[float, float] = (0.002, 0.015)
    jpeg: tuple[int, int] = (70, 97)

    def __post_init__(self) -> None:
        for name, high in {"yaw_sd": 90, "yaw_max": 75, "pitch_sd": 15, "roll_sd": 30, "blur": 3}.items():
            value = getattr(self, name)
            _require(_number(value) and 0 <= value <= high, f"variation.{name}", f"a number in [0, {high:g}]", value)
        for name in ("yaw_uniform", "aged", "expressive"):
            value = getattr(self, name)
            _require(_number(value) and 0 <= value <= 1, f"variation.{name}", "a share in [0, 1]", value)
        limits = {
            "light_azimuth": (-90, 90),
            "light_elevation": (-30, 80),
            "patch": (0, 0.6),
            "age_gap": (0, 12),
            "noise": (0, 0.2),
            "jpeg": (10, 100),
        }
        for name, (low, high) in limits.items():
            _check_range(f"variation.{name}", getattr(self, name), low, high)
        kinds = [kind for kind, _ in self.occluders]
        known = set(kinds) <= set(OCCLUDERS) and len(set(kinds)) == len(kinds)
        shares = [share for _, share in self.occluders]
        good = known and all(_number(s) and s >= 0 for s in shares) and sum(shares) <= 1
        _require(good, "variation.occluders", f"kinds of {OCCLUDERS} with shares that sum to at most 1", self.occluders)


@dataclass(frozen=True)
class Families:
    """How many families of each relation one split holds, and how many images each subject has."""

    mz: int
    dz: int
    sibling: int
    images: int
    single: int = 0

    def __post_init__(self) -> None:
        for entry in fields(self):
            value = getattr(self, entry.name)
            good = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 100_000
            _require(good and (value > 0 or entry.name != "images"), f"families.{entry.name}", "a whole number", value)


@dataclass(frozen=True)
class SetConfig:
    """One data set.

    Attributes:
        name: folder name.
        seed: everything random follows from it.
        train, validation, test: families per split; no family is in two.
        knobs: what differs between twins.
        variation: what differs between images.
        first_family: number of the first family; sets that must share no family get ranges apart.
        members: subjects a family (3 = triplets).
        palette_size: families that share one palette (sex, skin and hair colour, hair style, age): strangers within a
            palette cannot be told apart by colour.
        size: side of the image, px.
    """

    name: str
    train: Families
    validation: Families
    test: Families
    seed: int = 20260
    knobs: Knobs = field(default_factory=Knobs)
    variation: Variation = field(default_factory=Variation)
    first_family: int = 0
    members: int = 2
    palette_size: int = 2
    size: int = 160

    def __post_init__(self) -> None:
        limits = {
            "seed": (0, 2**31 - 1),
            "first_family": (0, 10**6),
            "members": (1, 4),
            "palette_size": (1, 100),
            "size": (48, 512),
        }
        for name, (low, high) in limits.items():
            value = getattr(self, name)
            good = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
            _require(good, name, f"a whole number in [{low}, {high}]", value)
        plain = isinstance(self.name, str) and self.name.replace("-", "").replace("_", "").isalnum()
        _require(plain, "name", "letters, digits, - and _", self.name)

    def split(self, name: str) -> Families:
        """Families of one split."""
        return {"train": self.train, "validation": self.validation, "test": self.test}[name]


LATER = {"single": 0}  # told only where it is not this: older configurations keep their hash


def plain(value: object) -> object:
    """Configuration as JSON-able data (tuples become lists)."""
    if is_dataclass(value) and not isinstance(value, type):
        given = {entry.name: getattr(value, entry.name) for entry in fields(value)}
        return {name: plain(own) for name, own in given.items() if name not in LATER or own != LATER[name]}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def parse_config(value: dict) -> SetConfig:
    """The configuration that `plain` wrote, e.g. `config` of a `dataset.json`.

    Raises:
        InputError: if a field is missing, unknown or out of its range.
    """
    try:
        knobs = Knobs(**value["knobs"])
        variation = Variation(**{key: _tuples(entry) for key, entry in value["variation"].items()})
        splits = {split: Families(**value[split]) for split in SPLITS}
        return SetConfig(**value | {"knobs": knobs, "variation": variation} | splits)
    except (KeyError, TypeError) as error:
        raise InputError(f"this is not the configuration of a SynTwins set ({error}). Render the set again.") from error


def _tuples(value: object) -> object:
    """Lists as tuples, at every depth."""
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value


PRESETS: dict[str, Knobs] = {
    "hard": Knobs(divergence=0.3),
    "calibrated": Knobs(divergence=0.62),
    "easy": Knobs(divergence=1.0),
}
"""Twins of three difficulties. `calibrated` shall give a recogniser of real faces the AUC it has on real twins."""
