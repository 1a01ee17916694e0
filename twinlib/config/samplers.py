"""Settings of the samplers and perturbations; defaults are the papers' (P), released code's (M) or our choice (C).

Every sampler fills batches of 2 · `train.groups` · `train.images_per_subject` images (or as near as it can).
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from twinlib.ranges import Count, Positive, Settings, Share, Within


@dataclass(frozen=True)
class Twins(Settings):
    """Twin groups only: `train.groups` families, two subjects each, `train.images_per_subject` images a subject."""


@dataclass(frozen=True)
class TwinsAndSingles(Settings):
    """Twin groups, and groups of one subject without a twin."""

    ratio: Positive = 3.0  # twin groups to single groups, over an epoch (P)


@dataclass(frozen=True)
class Identities(Settings):
    """P × K: 2 · `train.groups` subjects, whoever they are, `train.images_per_subject` images each."""


@dataclass(frozen=True)
class Shuffled(Settings):
    """Every image once an epoch, in random order."""


@dataclass(frozen=True)
class Halves(Settings):
    """SymFace: every image once an epoch, some of the symmetric faces as their two halves."""

    p: Share = 0.3  # share of the symmetric faces that is split in an epoch (P)
    tau: Annotated[float, Within("[0, 1)")] = 0.2  # faces of a larger frontness are symmetric (P)


@dataclass(frozen=True)
class Triplets(Settings):
    """Miao: triplets of anchor, positive and negative, drawn once and gone through in each epoch."""

    count: Count = 1711  # triplets (P)
    negative: Literal["family", "stranger"] = "family"  # another subject of the family (a twin), or of another (P)


@dataclass(frozen=True)
class Pairs(Settings):
    """NDTWIN: pairs of images, every second one of one subject."""

    twins: Share = 0.7  # share of twins among the pairs of two subjects (M)


@dataclass(frozen=True)
class Structure(Settings):
    """TopoFR: some images are blurred, made grey, jittered in colour or erased in part."""

    p: Share = 0.2  # probability of an image (P)


@dataclass(frozen=True)
class DPAP(Settings):
    """TransFace: the dominant patches of some images get the amplitude of random ones; wants the output `gates`."""

    p: Share = 0.2  # probability of an image (P)
    k: Count = 7  # dominant patches of it (P)
    whole: bool = False  # cut to whole grey levels (M)


SAMPLERS: dict[str, type] = {
    "twins": Twins,
    "twins_and_singles": TwinsAndSingles,
    "identities": Identities,
    "shuffled": Shuffled,
    "halves": Halves,
    "triplets": Triplets,
    "pairs": Pairs,
}
PERTURBATIONS: dict[str, type] = {"structure": Structure, "dpap": DPAP}
