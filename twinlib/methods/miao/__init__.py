"""Miao: ResNet-50 with a feature pyramid (FPN), trained on triplets.

Defaults are the paper's (P) or our choice (C).
"""

from dataclasses import dataclass
from typing import Literal

from twinlib.ranges import Count, NotNegative, Settings


@dataclass(frozen=True)
class FPN(Settings):
    """Residual network with a feature pyramid, one level of it pooled to the embedding."""

    image_size: Count = 224  # side of the input, px (P)
    backbone: str = "resnet50"  # any `timm` network with four feature maps (P)
    pixels: Literal["ours", "backbone"] = "ours"  # (x − ½) / ½, or by the mean and deviation of published weights (C)
    level: Literal["p2", "p3", "p4", "p5", "none"] = "p5"  # none: a linear layer instead (C; P: p5, none)
    embedding: Count = 256  # E: channels of the pyramid (C)


@dataclass(frozen=True)
class Triplets(Settings):
    """Miao: triplets of anchor, positive and negative, drawn once and used in every epoch."""

    count: Count = 1711  # triplets (P)
    negative: Literal["family", "stranger"] = "family"  # another subject of the family (a twin), or of another (P)


@dataclass(frozen=True)
class Triplet(Settings):
    """Triplet loss of drawn triplets in Euclidean distance; wants the sampler `triplets`.

    Not the key `triplet` of an experiment, which is the batch-hard twin triplet in cosine distance (`twin_triplet`).
    """

    weight: NotNegative = 1.0  # weight of the term in the sum of losses (P)
    margin: NotNegative = 1.0  # in units of the embedding (P)


# What a configuration can name: kind → name → its settings, and the class they build.
NAMED = {
    "model": {
        "fpn": (FPN, "twinlib.methods.miao.fpn:FPN"),
    },
    "term": {
        "triplet": (Triplet, "twinlib.methods.miao.triplets:Triplet"),
    },
    "sampler": {
        "triplets": (Triplets, "twinlib.methods.miao.triplets:Triplets.of"),
    },
}
