"""TransFace: a vision transformer with gated patches (`transface`).

DPAP perturbs the amplitude of dominant patches (`dpap`), EHSM mines hard samples by entropy (`ehsm`).
Defaults are the paper's (P) or its released code's (M).
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from twinlib.ranges import Count, Positive, Settings, Share, Within


@dataclass(frozen=True)
class TransFace(Settings):
    """Vision transformer without a class token whose patches are gated; the defaults are TransFace-S."""

    image_size: Count = 112  # side of the input, px (P)
    patch: Count = 9  # side of a patch, px; pixels beyond the last whole patch are not seen (P)
    width: Count = 512  # d (P)
    depth: Count = 12  # L (P)
    heads: Count = 8  # h (P)
    mlp_ratio: Positive = 4.0  # hidden width of the MLP over d (P)
    drop_path: Annotated[float, Within("[0, 1)")] = 0.05  # stochastic depth of the last block (M)
    embedding: Count = 512  # E (P)


@dataclass(frozen=True)
class EHSM(Settings):
    """TransFace's weights of the samples, from the spread of their tokens."""

    information: Literal["std", "gaussian"] = "std"  # see twinlib.methods.transface.ehsm (M)


@dataclass(frozen=True)
class DPAP(Settings):
    """TransFace: the dominant patches of some images get the amplitude of random ones; wants the output `gates`."""

    p: Share = 0.2  # probability of an image (P)
    k: Count = 7  # dominant patches of it (P)
    whole: bool = False  # cut to whole grey levels (M)


# What a configuration can name: kind → name → its settings, and the class they build.
NAMED = {
    "model": {
        "transface": (TransFace, "twinlib.methods.transface.transface:TransFace"),
    },
    "term": {
        "ehsm": (EHSM, "twinlib.methods.transface.ehsm:EHSM"),
    },
    "perturb": {
        "dpap": (DPAP, "twinlib.methods.transface.dpap:DPAP"),
    },
}
