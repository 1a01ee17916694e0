"""What a data set contains: the causes that separate twins, the nuisances, the named sets.

Everything here is plain data: a set's configuration is hashed, written beside the images and read back by people.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Annotated

from twinlib.errors import InputError
from twinlib.ranges import Settings, Share, Within

RELATIONS = ("mz", "dz", "sibling", "single")  # single: a family of one person
SPLITS = ("train", "validation", "test")
OCCLUDERS = ("none", "glasses", "sunglasses", "mask", "patch")

Angle = Annotated[float, Within("[-90, 90]")]
Height = Annotated[float, Within("[-30, 80]")]
Cover = Annotated[float, Within("[0, 0.6]")]
Years = Annotated[float, Within("[0, 12]")]
Noise = Annotated[float, Within("[0, 0.2]")]
Quality = Annotated[int, Within("[10, 100]")]
Number = Annotated[int, Within("[0, 100000]")]


@dataclass(frozen=True)
class Knobs(Settings):
    r"""What differs between two monozygotic twins. Set to 0 (and `own_texture` to False), it does not differ at all.

    Attributes:
        divergence: :math:`\tau`; a factor is (shared + τ·own)/√(1 + τ²), so that twins correlate by 1/(1 + τ²) and the
            population's variance does not depend on τ.
        asymmetry_cm: RMS length of the fluctuating-asymmetry field, cm; 0.055 is 0.6 % of the face's length.
        marks: rate of moles, freckles and scars; 1 = 2.2 moles and 0.2 scars a subject on average.
        mark_size: factor on the marks' radius (1 = moles of sigma 0.05 to 0.11 cm).
        own_texture: whether pores, stubble and blotches are individual.
        mirror: whether the second twin's asymmetry and marks mirror the first one's ("mirror-image twins").
    """

    divergence: Annotated[float, Within("[0, 5]")] = 0.62
    asymmetry_cm: Annotated[float, Within("[0, 0.5]")] = 0.055
    marks: Annotated[float, Within("[0, 10]")] = 1.0
    mark_size: Annotated[float, Within("[0.2, 4]")] = 1.0
    own_texture: bool = True
    mirror: bool = False


@dataclass(frozen=True)
class Variation(Settings):
    """What differs between two images of one subject. Angles in degrees, sizes in px of a 160 px image.

    Attributes:
        yaw_sd, yaw_max: normal head turn, cut off at the maximum.
        yaw_uniform: share of images whose yaw is uniform within the maximum instead.
        pitch_sd, roll_sd: normal, cut off at three standard deviations.
        light_azimuth, light_elevation: range of the key light's direction.
        occluders: share of images per kind of occluder; the rest is bare.
        patch: range of the share of the face that a patch covers.
        age_gap: range of the years between the subject's youngest image and this one.
        aged: share of images with an age gap.
        expressive: share of images with an expression.
        blur: standard deviation of the blur's sigma (half-normal), px.
        noise: range of the pixel noise's standard deviation, of the full scale.
        jpeg: range of the JPEG quality.
    """

    yaw_sd: Annotated[float, Within("[0, 90]")] = 15.0
    yaw_max: Annotated[float, Within("[0, 75]")] = 35.0
    yaw_uniform: Share = 0.15
    pitch_sd: Annotated[float, Within("[0, 15]")] = 5.0
    roll_sd: Annotated[float, Within("[0, 30]")] = 5.0
    light_azimuth: tuple[Angle, Angle] = (-60.0, 60.0)
    light_elevation: tuple[Height, Height] = (0.0, 55.0)
    occluders: tuple[tuple[str, Share], ...] = (("glasses", 0.1), ("sunglasses", 0.03), ("mask", 0.05), ("patch", 0.1))
    patch: tuple[Cover, Cover] = (0.05, 0.4)
    age_gap: tuple[Years, Years] = (0.0, 12.0)
    aged: Share = 0.4
    expressive: Share = 0.6
    blur: Annotated[float, Within("[0, 3]")] = 0.35
    noise: tuple[Noise, Noise] = (0.002, 0.015)
    jpeg: tuple[Quality, Quality] = (70, 97)

    def disagreements(self) -> Iterator[str]:
        """A range whose ends are swapped, unknown occluders, shares beyond 1."""
        for name in ("light_azimuth", "light_elevation", "patch", "age_gap", "noise", "jpeg"):
            low, high = getattr(self, name)
            if low > high:
                yield f"{name} must be a pair (low, high), got {(low, high)}."
        kinds, shares = [kind for kind, _ in self.occluders], [share for _, share in self.occluders]
        if not set(kinds) <= set(OCCLUDERS) or len(set(kinds)) < len(kinds) or sum(shares) > 1:
            yield f"occluders must be kinds of {OCCLUDERS} with shares that sum to at most 1, got {self.occluders}."


@dataclass(frozen=True)
class Families(Settings):
    """How many families of each relation one split holds, and how many images each subject has."""

    mz: Number
    dz: Number
    sibling: Number
    images: Annotated[int, Within("[1, 100000]")]
    single: Number = 0


@dataclass(frozen=True)
class SetConfig(Settings):
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
    seed: Annotated[int, Within("[0, 2147483647]")] = 20260
    knobs: Knobs = field(default_factory=Knobs)
    variation: Variation = field(default_factory=Variation)
    first_family: Annotated[int, Within("[0, 1000000]")] = 0
    members: Annotated[int, Within("[1, 4]")] = 2
    palette_size: Annotated[int, Within("[1, 100]")] = 2
    size: Annotated[int, Within("[48, 512]")] = 160

    def disagreements(self) -> Iterator[str]:
        """A name that is no plain folder."""
        if not isinstance(self.name, str) or not self.name.replace("-", "").replace("_", "").isalnum():
            yield f"name must be letters, digits, - and _, got {self.name!r}."

    def split(self, name: str) -> Families:
        """Families of one split."""
        return {"train": self.train, "validation": self.validation, "test": self.test}[name]


LATER = {"single": 0}  # recorded only where it differs: older configurations keep their hash


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
