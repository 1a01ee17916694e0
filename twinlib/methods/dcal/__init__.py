"""DCAL: dual cross-attention learning, GLCA and PWCA (`dcal`), its losses weighted by `uncertainty`.

Defaults are the paper's (P).
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from twinlib.ahan import ViT
from twinlib.ranges import Count, Settings, Within


@dataclass(frozen=True)
class DCAL(ViT):
    """Dual cross-attention learning: global-local attention, and attention to a distractor in training."""

    image_size: Count = 256  # side of the square input, px (P)
    share: Annotated[float, Within("(0, 1]")] = 0.3  # of the patches, by highest rollout, that are queries (P: re-id)
    glca: bool = True  # global-local branch (P)
    pair: bool = True  # pairwise branch; training only (P)
    partner: Literal["random", "twin"] = "random"  # the other image of a pair (P)


@dataclass(frozen=True)
class Branches(Settings):
    """DCAL: the classification losses of the embedding and of further branches, weighted by learned uncertainties."""

    of: tuple[str, ...] = ("glca", "pwca")  # extra outputs of the network that are embeddings of branches (P)


# What a configuration can name: kind → name → its settings, and the class they build.
NAMED = {
    "model": {
        "dcal": (DCAL, "twinlib.methods.dcal.dcal:DCAL"),
    },
    "term": {
        "branches": (Branches, "twinlib.methods.dcal.dcal:Branches"),
    },
}
