"""TransFG: the part selection module shows the last block only the patches that matter; a contrastive loss beside it.

Defaults are the paper's (P) or its released code's (M).
"""

from dataclasses import dataclass
from typing import Annotated

from twinlib.ahan import ViT
from twinlib.ranges import Count, NotNegative, Settings, Within


@dataclass(frozen=True)
class TransFG(ViT):
    """Vision transformer whose last block sees the class token and one selected patch a head."""

    image_size: Count = 448  # side of the square input, px (P)
    stride: Count = 12  # from patch to patch, px; below `patch` they overlap (P)


@dataclass(frozen=True)
class BatchContrastive(Settings):
    """TransFG's contrastive loss over all pairs of a batch."""

    weight: NotNegative = 1.0  # weight of the term in the sum of losses (M)
    margin: Annotated[float, Within("[-1, 1]")] = 0.4  # cosine below which two classes are left alone (M)


# What a configuration can name: kind → name → its settings, and the class they build.
NAMED = {
    "model": {
        "transfg": (TransFG, "twinlib.methods.transfg.transfg:TransFG"),
    },
    "term": {
        "batch_contrastive": (BatchContrastive, "twinlib.methods.transfg.transfg:BatchContrastive"),
    },
}
