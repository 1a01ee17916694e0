"""NDTWIN: the public code's local-global network and its composite loss; there is no paper.

Defaults are the code's (M) or our choice (C).
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from twinlib.ranges import Count, NotNegative, Settings, Share, Within


@dataclass(frozen=True)
class LocalGlobal(Settings):
    """Global branch and attention branch over one backbone, fused."""

    image_size: Count = 224  # side of the input, px (M)
    backbone: str = "resnet50"  # any `timm` name; resnet50, resnet101, efficientnet_b0 (M)
    pixels: Literal["ours", "backbone"] = "ours"  # (x − ½) / ½, or by the mean and deviation of published weights (C)
    attention: Literal["cbam", "transformer", "spatial"] = "cbam"  # (M)
    reduction: Count = 16  # of the gates' hidden layers (M)
    heads: Count = 8  # of the transformer attention (M)
    dropout: Annotated[float, Within("[0, 1)")] = 0.3  # after each branch and the fusion (M)
    embedding: Count = 512  # E; each branch has half (M)


@dataclass(frozen=True)
class Pairs(Settings):
    """NDTWIN: pairs of images, every second one of one subject."""

    twins: Share = 0.7  # share of twins among the pairs of two subjects (M)


@dataclass(frozen=True)
class NDTwin(Settings):
    """Composite loss of the local-global network."""

    kind: Literal["contrastive", "triplet", "triplet_code"] = "contrastive"  # triplet_code: labels of pairs (M)
    margin: NotNegative = 1.0  # in units of the embedding (M)
    whole: NotNegative = 0.6  # weight of the global branch (M)
    local: NotNegative = 0.4  # weight of the attention branch (M)
    attention: NotNegative = 0.01  # weight of the attention regulariser (M)
    sparse: NotNegative = 0.01  # in it: weight of the maps' mass (M)
    diverse: NotNegative = 0.01  # in it: weight of the maps' similarity (M)
    train_embedding: bool = True  # add the loss of the fused embedding, which the public code leaves out (C)


# What a configuration can name: kind → name → its settings, and the class they build.
NAMED = {
    "model": {
        "local_global": (LocalGlobal, "twinlib.methods.ndtwin.local_global:LocalGlobal"),
    },
    "term": {
        "ndtwin": (NDTwin, "twinlib.methods.ndtwin.ndtwin:NDTwin"),
    },
    "sampler": {
        "pairs": (Pairs, "twinlib.methods.ndtwin.ndtwin:Pairs.of"),
    },
}
