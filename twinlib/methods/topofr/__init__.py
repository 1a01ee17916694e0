"""TopoFR: topology of a batch, and hard samples.

RSP perturbs the images (`rsp`), PTSA aligns their structure with that of the embeddings (`ptsa`), SDE weights samples
(`sde`) by the Gaussian-uniform mixture GUM (`gum`). Defaults are the paper's (P) or its released code's (M).
"""

from dataclasses import dataclass
from typing import Literal

from twinlib.losses import ArcFace
from twinlib.ranges import NotNegative, Settings, Share


@dataclass(frozen=True)
class TopoFR(ArcFace):
    """ArcFace whose samples are weighted by their structure damage score."""

    damage: Literal["paper", "code"] = "paper"  # the code's form cuts the probability to a whole number (P, M)
    sign: Literal["position", "none"] = "position"  # every second entropy is negated, as in the code (M)


@dataclass(frozen=True)
class Alignment(Settings):
    """TopoFR's alignment of the components of images and embeddings."""

    weight: NotNegative = 0.1  # weight of the term in the sum of losses (M)
    form: Literal["paper", "code", "matched"] = "paper"  # see twinlib.methods.topofr.ptsa.alignment (P)


@dataclass(frozen=True)
class Structure(Settings):
    """TopoFR: some images are blurred, made grey, jittered in colour or erased in part."""

    p: Share = 0.2  # probability of an image (P)


# What a configuration can name: kind → name → its settings, and the class they build.
NAMED = {
    "loss": {
        "topofr": (TopoFR, "twinlib.methods.topofr.sde:TopoFR"),
    },
    "term": {
        "alignment": (Alignment, "twinlib.methods.topofr.ptsa:Alignment"),
    },
    "perturb": {
        "structure": (Structure, "twinlib.methods.topofr.rsp:Structure"),
    },
}
