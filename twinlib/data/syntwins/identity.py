"""Who is drawn: subjects of a family, their shape, colours and marks.

Shared factors come from the family's random streams, individual ones from the member's. A subject is immutable; two
subjects with equal factors render to equal pixels.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Int

from twinlib.data.syntwins import regions as at
from twinlib.data.syntwins.knobs import RELATIONS, Knobs
from twinlib.data.syntwins.mesh import AXIS_Z, TEXTURE_Y, grow, head
from twinlib.data.syntwins.shape import FIELD_CM, SEMANTIC_SD, random_field, semantic_modes
from twinlib.data.syntwins.streams import Stream, stream
from twinlib.errors import InputError

SEXES = ("female", "male")
TONES = {"light": (0.0, 1.5), "medium": (1.5, 3.0), "dark": (3.0, 4.8)}  # ranges on the scale of SKIN_RGB
AGES = {"young": (20.0, 34.0), "middle": (35.0, 49.0), "old": (50.0, 64.0)}  # generator years
MOLE, FRECKLE, SCAR = range(3)
MOLES_A_SUBJECT, SCARS_A_SUBJECT = 2.2, 0.2
OTHER_RELATIONS_DIVERGENCE = 1.0  # siblings and dizygotic twins correlate by 1/2

# Linear RGB reflectance.
SKIN_RGB = np.array(
    [
        [0.72, 0.48, 0.37],
        [0.62, 0.40, 0.29],
        [0.52, 0.31, 0.21],
        [0.38, 0.21, 0.13],
        [0.24, 0.125, 0.075],
        [0.13, 0.065, 0.04],
    ]
)
HAIR_RGB = np.array(
    [
        [0.012, 0.01, 0.009],
        [0.035, 0.02, 0.012],
        [0.09, 0.045, 0.022],
        [0.22, 0.12, 0.05],
        [0.38, 0.26, 0.13],
        [0.2, 0.06, 0.02],
    ]
)
IRIS_RGB = np.array(
    [
        [0.07, 0.035, 0.015],
        [0.14, 0.07, 0.03],
        [0.13, 0.12, 0.05],
        [0.12, 0.2, 0.28],
        [0.2, 0.24, 0.26],
        [0.09, 0.17, 0.1],
    ]
)


@dataclass(frozen=True)
class Palette:
    """What makes strangers easy to tell apart: sex, age, colours, hair style.

    Attributes:
        sex: "female" or "male", the generator's two sets of ranges.
        years: generator years of the youngest image, 20 to 64.
        tone: position on the scale of `SKIN_RGB`, 0 (light) to 4.8 (dark).
        tint: factor on skin red, green, blue.
        hair_rgb, iris_rgb: linear reflectance.
        hair_style: 0 short, 1 to the chin, 2 to the shoulders, 3 very short.
        hairline: shift of the hair line, cm up.
        temples: how far it recedes at the temples, cm.
        parting: how much higher it is at one side than at the other, cm.
    """

    sex: str
    years: float
    tone: float
    tint: tuple[float, float, float]
    hair_rgb: tuple[float, float, float]
    iris_rgb: tuple[float, float, float]
    hair_style: int
    hairline: float
    temples: float
    parting: float

    @property
    def tone_bin(self) -> str:
        """Which of `TONES` the skin belongs to."""
        return next((name for name, (_, high) in TONES.items() if self.tone < high), "dark")

    @property
    def age_bin(self) -> str:
        """Which of `AGES` the youngest image belongs to."""
        return next((name for name, (low, _) in reversed(AGES.items()) if self.years >= low), "young")


@dataclass(frozen=True)
class Complexion:
    """Skin and hair beyond the palette; amounts without unit unless said.

    Attributes:
        shared_seed: seed of the noise that twins share.
        own_seed: seed of the noise that they do not (pores, stubble, blotches).
        blotches: strength of the individual low-frequency blotches.
        wrinkles: lines at the youngest age; years add to them.
        greying: how much of the hair turns grey, [0, 1].
    """

    shared_seed: int
    own_seed: int
    blotches: float
    redness: float
    under_eye: float
    beard: float
    lip_red: float
    wrinkles: float
    greying: float
    brow_density: float
    brow_thickness: float
    lashes: float


@dataclass(frozen=True, eq=False)
class Marks:
    """Moles, freckles and scars of one subject.

    Attributes:
        kind: MOLE, FRECKLE or SCAR.
        uv: position on the texture, [0, 1].
        sigma: Gaussian radius, cm (of a scar: half length; its half width is 0.06 cm).
        contrast: peak opacity, [0, 1].
        angle: direction of a scar, radians.
    """

    kind: Int[np.ndarray, " M"]
    uv: Float[np.ndarray, "M 2"]
    sigma: Float[np.ndarray, " M"]
    contrast: Float[np.ndarray, " M"]
    angle: Float[np.ndarray, " M"]


@dataclass(frozen=True, eq=False)
class Subject:
    """One rendered person.

    Attributes:
        family, member: numbers; member 0 is `a`, 1 is `b`, ...
        relation: what the members of the family are to each other.
        palette, complexion, marks: colours, skin, marks.
        displacement: of the control points from the mean head, cm.
        asymmetry: the antisymmetric part of it at the 468 landmarks, cm.
        semantic: weight of each semantic mode, standard deviations.
    """

    family: int
    member: int
    relation: str
    palette: Palette
    complexion: Complexion
    marks: Marks
    displacement: Float[np.ndarray, "C 3"]
    asymmetry: Float[np.ndarray, "468 3"]
    semantic: dict[str, float]


def sample_palette(rng: np.random.Generator, sex: str, tone_bin: str, age_bin: str) -> Palette:
    """Draw the colours of a family, given its bins. Fair hair and eyes are left to light skin."""
    tone = float(rng.uniform(*TONES[tone_bin]))
    colours = 6 if tone < 1.5 else 2
    hair = HAIR_RGB[rng.integers(colours)] * rng.uniform(0.8, 1.2)
    iris = IRIS_RGB[rng.integers(colours)] * rng.uniform(0.8, 1.2)
    style = int(rng.integers(0, 3)) if sex == "female" else int(rng.choice([0, 0, 3]))
    return Palette(
        sex=sex,
        years=float(rng.uniform(*AGES[age_bin])),
        tone=tone,
        tint=tuple((1 + rng.normal(0, 0.03, 3)).tolist()),
        hair_rgb=tuple(hair.tolist()),
        iris_rgb=tuple(iris.tolist()),
        hair_style=style,
        hairline=float(np.clip(rng.normal(0, 0.5), -1.0, 1.0)),
        temples=float(rng.uniform(-0.5, 0.6) if sex == "female" else rng.uniform(-0.3, 1.4)),
        parting=float(np.clip(rng.normal(0, 0.35), -0.8, 0.8)),
    )


def _any_palette(rng: np.random.Generator) -> Palette:
    sex, tone, age = (list(names)[rng.integers(len(names))] for names in (SEXES, TONES, AGES))
    return sample_palette(rng, sex, tone, age)


def _complexion(shared: np.random.Generator, own: np.random.Generator, sex: str, knobs: Knobs) -> Complexion:
    female = sex == "female"
    shared_seed = int(shared.integers(1 << 30))
    own_seed = int(own.integers(1 << 30))
    return Complexion(
        shared_seed=shared_seed,
        own_seed=own_seed if knobs.own_texture else shared_seed + 1,
        blotches=0.5 + knobs.divergence if knobs.own_texture else 0.5,
        redness=float(shared.uniform(0.2, 1.2)),
        under_eye=float(shared.uniform(0, 1) + 0.3 * knobs.divergence * own.normal()),
        beard=0.0 if female else float(shared.choice([0, 0.15, 0.35, 0.8])),
        lip_red=float(shared.uniform(0.3, 1.5) if female else shared.uniform(-0.5, 1)),
        wrinkles=float(shared.uniform(0, 0.4)),
        greying=float(shared.uniform(0, 1)),
        brow_density=float(shared.uniform(0.6, 1.4) * (0.8 if female else 1.1)),
        brow_thickness=float(shared.uniform(0.5, 0.8) if female else shared.uniform(0.8, 1.2)),
        lashes=float(shared.uniform(0.75, 1) if female else shared.uniform(0.45, 0.8)),
    )


def _inherit(palette: Palette, complexion: Complexion, other: Complexion, own: np.random.Generator, relation: str):
    """Palette and complexion of a sibling: half of the traits are the family's, half individual."""
    light = palette.tone < 1.5
    sex = palette.sex if relation == "dz" else SEXES[int(own.integers(2))]
    hair = HAIR_RGB[own.integers(6 if light else 2)] if own.random() < 0.4 else np.array(palette.hair_rgb)
    iris = IRIS_RGB[own.integers(6 if light else 2)] if own.random() < 0.4 else np.array(palette.iris_rgb)
    mixed = replace(
        palette,
        sex=sex,
        years=float(palette.years if relation == "dz" else np.clip(palette.years + own.uniform(-5, 5), 20, 64)),
        tone=float(np.clip(palette.tone + own.normal(0, 0.25), 0, 4.8)),
        tint=tuple((np.array(palette.tint) + own.normal(0, 0.015, 3)).tolist()),
        hair_rgb=tuple((hair * own.uniform(0.85, 1.15)).tolist()),
        iris_rgb=tuple(iris.tolist()),
        hair_style=int(own.integers(0, 3)) if sex == "female" else int(own.choice([0, 0, 3])),
    )
    names = [n for n in complexion.__dataclass_fields__ if n not in ("own_seed", "blotches")]
    traits = {name: getattr(other if own.random() < 0.5 else complexion, name) for name in names}
    if sex == "female":
        traits["beard"] = 0.0
    return mixed, replace(complexion, **traits)


def sample_subject(
    family: int,
    member: int,
    knobs: Knobs | None = None,
    *,
    seed: int = 0,
    relation: str = "mz",
    palette: Palette | None = None,
) -> Subject:
    """Draw one member of one family.

    Args:
        family: number; with `member` and `seed` it fixes every draw, in whatever order subjects are drawn.
        member: number within the family.
        knobs: what differs between the family's members; `Knobs()` if None.
        seed: the data set's seed.
        relation: "mz" (`knobs` as they are), "dz" (same sex and age, divergence 1) or "sibling" (divergence 1).
        palette: colours of the family; drawn from its stream if None.

    Raises:
        InputError: for a negative number or an unknown relation.
    """
    if min(family, member, seed) < 0:
        raise InputError(f"family, member and seed must not be negative; found {family}, {member}, {seed}.")
    if relation not in RELATIONS:
        raise InputError(f"relation must be one of {', '.join(RELATIONS)}; found {relation!r}.")
    knobs = knobs or Knobs()
    if relation != "mz":
        knobs = replace(knobs, divergence=OTHER_RELATIONS_DIVERGENCE, mirror=False)
    palette = palette or _any_palette(stream(seed, Stream.PALETTE, family))
    shared, own = stream(seed, Stream.SKIN, family), stream(seed, Stream.SKIN, family, 1 + member)
    complexion = _complexion(shared, own, palette.sex, knobs)
    if relation != "mz":
        other = _complexion(stream(seed, Stream.SKIN, family, 1 + member, 1), own, palette.sex, knobs)
        palette, complexion = _inherit(palette, complexion, other, own, relation)
    mirrored = knobs.mirror and member % 2 == 1
    source = member - mirrored  # a mirror twin shares its partner's individual draws of asymmetry and marks
    semantic, symmetric = _shape(seed, family, member, knobs.divergence)
    asymmetry = random_field(stream(seed, Stream.ASYMMETRY, family, source), symmetric=False, power=0.55, modes=24)
    asymmetry = asymmetry * (-knobs.asymmetry_cm if mirrored else knobs.asymmetry_cm)
    return Subject(
        family=family,
        member=member,
        relation=relation,
        palette=palette,
        complexion=complexion,
        marks=_marks(stream(seed, Stream.MARKS, family), stream(seed, Stream.MARKS, family, 1 + source), knobs,
                     palette.tone, mirrored),
        displacement=grow(symmetric + asymmetry),
        asymmetry=asymmetry[: at.FACE],
        semantic=semantic,
    )  # fmt: skip


def _shape(seed: int, family: int, member: int, tau: float) -> tuple[dict[str, float], Float[np.ndarray, "K 3"]]:
    """Mode weights and the symmetric displacement: shared and own draws mixed so that the variance stays one."""
    modes = semantic_modes()
    shared, own = stream(seed, Stream.FAMILY, family), stream(seed, Stream.MEMBER, family, member)
    k = 1 / math.sqrt(1 + tau * tau)
    weights = k * (shared.standard_normal(len(modes)) + tau * own.standard_normal(len(modes)))
    field = k * (random_field(shared, symmetric=True) + tau * random_field(own, symmetric=True))
    total = FIELD_CM * field
    for weight, mode in zip(weights, modes.values(), strict=True):
        total = total + SEMANTIC_SD * weight * mode
    return dict(zip(modes, weights.tolist(), strict=True)), total


def _marks(shared: np.random.Generator, own: np.random.Generator, knobs: Knobs, tone: float, mirrored: bool) -> Marks:
    """Draw marks. Freckle density is the family's, everything else the member's."""
    density = max(0.0, shared.normal(-40, 60)) if tone < 1.5 else 0.0
    counts = (
        int(own.poisson(MOLES_A_SUBJECT * knobs.marks)),
        int(density * knobs.marks),
        int(own.poisson(SCARS_A_SUBJECT * knobs.marks)),
    )
    kind = np.repeat([MOLE, FRECKLE, SCAR], counts)
    n = len(kind)
    sites = np.where(kind == FRECKLE, own.choice(at.FRECKLE_SITES, n), own.choice(at.MARK_SITES, n))
    spread = np.where((kind == FRECKLE)[:, None], [0.9, 0.5], [0.42, 0.38])
    sigma = np.select([kind == MOLE, kind == FRECKLE], [own.uniform(0.05, 0.11, n), own.uniform(0.035, 0.065, n)],
                      own.uniform(0.2, 0.45, n))  # fmt: skip
    contrast = np.select([kind == MOLE, kind == FRECKLE], [own.uniform(0.5, 0.9, n), own.uniform(0.1, 0.35, n)],
                         own.uniform(0.2, 0.5, n))  # fmt: skip
    uv = shift_uv(head().uv[sites], own.normal(0, 1, (n, 2)) * spread)
    angle = own.uniform(0, np.pi, n)
    if mirrored:
        uv, angle = np.stack([1 - uv[:, 0], uv[:, 1]], 1), np.pi - angle
    return Marks(kind=kind, uv=uv, sigma=sigma * knobs.mark_size, contrast=contrast, angle=angle)


def texture_scale(uv: Float[np.ndarray, "M 2"]) -> Float[np.ndarray, "M 2"]:
    """Texture units per cm along u and v at some positions of the mean face (nearest vertex)."""
    mean_head = head()
    front = mean_head.mean[: at.FACE]
    nearest = ((mean_head.uv[None, : at.FACE] - uv[:, None]) ** 2).sum(-1).argmin(1)
    radius = np.hypot(front[nearest, 0], front[nearest, 2] - AXIS_Z)
    return np.stack([1 / (2 * np.pi * radius), np.full(len(uv), 1 / (TEXTURE_Y[1] - TEXTURE_Y[0]))], 1)


def shift_uv(uv: Float[np.ndarray, "M 2"], cm: Float[np.ndarray, "M 2"]) -> Float[np.ndarray, "M 2"]:
    """Texture positions moved by so many cm to the right and down on the mean face."""
    return uv + cm * texture_scale(uv)
