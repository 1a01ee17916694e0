"""SymFace: symmetric faces are split, and their halves pulled together. 3PSS, the 3-point symmetric split, is `halves`.

Defaults are the paper's (P).
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from twinlib.ranges import Settings, Share, Within


@dataclass(frozen=True)
class Halves(Settings):
    """SymFace: every image once an epoch, some of the symmetric faces as their two halves."""

    p: Share = 0.3  # share of the symmetric faces that is split in an epoch (P)
    tau: Annotated[float, Within("[0, 1)")] = 0.2  # faces of a larger frontness are symmetric (P)


@dataclass(frozen=True)
class SymFace(Settings):
    """The pull between the halves of split faces; which are split says the sampler `halves`."""

    unit: bool = False  # compare embeddings of length 1 instead of raw ones (P: raw)
    scale: Literal["epoch", "batch"] = "epoch"  # what the sum is divided by: the epoch's count or the batch's (P)


# What a configuration can name: kind → name → its settings, and the class they build.
NAMED = {
    "term": {
        "symface": (SymFace, "twinlib.methods.symface.symface:SymFace"),
    },
    "sampler": {
        "halves": (Halves, "twinlib.methods.symface.halves:SymFaceHalves.of"),
    },
}
