"""Colours: skin, hair, eyes, and what else can be seen without measuring the face."""

from dataclasses import dataclass, replace

import numpy as np

from syntwins.knobs import Knobs

SEXES = ("female", "male")
TONES = {"light": (0.0, 1.5), "medium": (1.5, 3.0), "dark": (3.0, 4.8)}  # ranges on the scale of SKIN_RGB
AGES = {"young": (20.0, 34.0), "middle": (35.0, 49.0), "old": (50.0, 64.0)}  # generator years

# Linear RGB reflectance.
SKIN_RGB = np.array(
    [
        [0.66, 0.43, 0.315],
        [0.58, 0.365, 0.25],
        [0.50, 0.29, 0.185],
        [0.40, 0.205, 0.115],
        [0.265, 0.122, 0.064],
        [0.150, 0.064, 0.034],
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
        parting: half of how much higher it is at one side than at the other, cm.
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


def any_palette(rng: np.random.Generator) -> Palette:
    """Draw colours with bins drawn uniformly."""
    sex, tone, age = (list(names)[rng.integers(len(names))] for names in (SEXES, TONES, AGES))
    return sample_palette(rng, sex, tone, age)


def sample_complexion(shared: np.random.Generator, own: np.random.Generator, sex: str, knobs: Knobs) -> Complexion:
    """Draw skin and hair traits: `shared` feeds the family's, `own` the individual noise and shadows."""
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


def inherit(palette: Palette, complexion: Complexion, other: Complexion, own: np.random.Generator, relation: str):
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
