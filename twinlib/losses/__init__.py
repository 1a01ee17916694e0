"""Margin losses, the twin triplet, and what a head and a term are.

Defaults are the papers' (P), their released code's (M) or our choice (C).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from twinlib.ranges import Count, NotNegative, Positive, Settings, Share, Within


@dataclass(frozen=True)
class ArcFace(Settings):
    """Additive angular margin softmax."""

    s: Positive = 64.0  # scale (C)
    m: Annotated[float, Within("[0, 1.5708]")] = 0.5  # margin, radians (C)
    ramp: Share = 0.0  # share of the training over which m grows from 0 (C)
    past_pi: Literal["fallback", "insight", "clip"] = "fallback"  # what happens where θ + m passes π (C)


@dataclass(frozen=True)
class CosFace(Settings):
    """Additive cosine margin softmax."""

    s: Positive = 64.0  # scale (P)
    m: Share = 0.4  # margin in cosine (M)
    ramp: Share = 0.0  # share of the training over which m grows from 0 (C)
    ends: Literal["insight", "clip"] = "insight"  # clip: cosines kept 1e-4 away from ±1 (M)


@dataclass(frozen=True)
class SphereFace(Settings):
    """Multiplicative angular margin softmax."""

    m: Count = 4  # the angle is multiplied by this whole number (P)
    blend: NotNegative = 5.0  # share of plain cosine against 1 share of margin: λ at the end of its annealing (M)
    s: Positive | None = None  # scale; None: the length of each embedding (P)
    ramp: Share = 0.0  # share of the training over which the margin's share grows from 0 (C)


@dataclass(frozen=True)
class AdaFace(Settings):
    """Margin that adapts to the length of the embedding."""

    s: Positive = 64.0  # scale (P)
    m: Share = 0.4  # margin, both in radians and in cosine (P)
    h: Positive = 0.333  # how fast the margin follows the length (P)
    t_alpha: Annotated[float, Within("(0, 1]")] = 0.01  # weight of the newest batch in the running statistics (P)
    start: Literal["paper", "measured"] = "paper"  # statistics before the first batch: 20 and 100, or its own (C)
    form: Literal["head", "cvlface"] = "head"  # head: clamps, true derivative; cvlface: neither (M)
    ramp: Share = 0.0  # share of the training over which m grows from 0 (C)


@dataclass(frozen=True)
class MagFace(Settings):
    """Margin that grows with the length of the embedding, and a pull towards long embeddings."""

    s: Positive = 64.0  # scale (P)
    l_a: Positive = 10.0  # lengths are clipped to [l_a, u_a] (P)
    u_a: Positive = 110.0
    l_margin: Annotated[float, Within("[0, 1.5708]")] = 0.45  # margin at l_a, radians (P)
    u_margin: Annotated[float, Within("[0, 1.5708]")] = 0.8  # margin at u_a, radians (P)
    lambda_g: NotNegative = 35.0  # weight of the pull (P)
    easy: bool = True  # no margin beyond 90 degrees, as the released code trains (M)
    ramp: Share = 0.0  # share of the training over which the margins grow from 0 (C)

    def disagreements(self) -> Iterator[str]:
        """Bounds in the wrong order."""
        if self.l_a >= self.u_a:
            yield f"l_a must be below u_a, got {self.l_a} and {self.u_a}."
        if self.l_margin > self.u_margin:
            yield f"l_margin must be at most u_margin, got {self.l_margin} and {self.u_margin}."


@dataclass(frozen=True)
class Sharded(Settings):
    """ArcFace or CosFace for very many identities: each process holds its share of the class centres."""

    s: Positive = 64.0  # scale (C)
    m: Annotated[float, Within("[0, 1.5708]")] = 0.5  # margin: radians of ArcFace, cosine of CosFace (C)
    ramp: Share = 0.0  # share of the training over which m grows from 0 (C)
    margin: Literal["arcface", "cosface"] = "arcface"  # where the margin goes (C)
    share: Annotated[float, Within("(0, 1]")] = 1.0  # of the centres that take part in a step (C)

    def disagreements(self) -> Iterator[str]:
        """A margin that is no difference of cosines."""
        if self.margin == "cosface" and self.m > 1:
            yield f"m of margin cosface must be at most 1, got {self.m}."


@dataclass(frozen=True)
class TwinTriplet(Settings):
    """Batch-hard triplet whose negative is the anchor's twin."""

    weight: NotNegative = 0.1  # weight of the term in the sum of losses (P)
    margin: Annotated[float, Within("[0, 2]")] = 0.5  # in cosine distance (P)


@dataclass(frozen=True)
class HardNegatives(Settings):
    """Batch-hard triplet whose negative is the nearest image of any other identity, a twin or not."""

    weight: NotNegative = 0.1  # weight of the term in the sum of losses (C: the twin triplet's)
    margin: Annotated[float, Within("[0, 2]")] = 0.5  # in cosine distance (C: the twin triplet's)


@dataclass(frozen=True)
class NoHead(Settings):
    """`loss: none`: no classification loss, the terms alone are the loss."""


# What a configuration can name: kind → name → its settings, and the class they build.
NAMED = {
    "loss": {
        "arcface": (ArcFace, "twinlib.losses.arcface:ArcFace"),
        "cosface": (CosFace, "twinlib.losses.cosface:CosFace"),
        "sphereface": (SphereFace, "twinlib.losses.sphereface:SphereFace"),
        "adaface": (AdaFace, "twinlib.losses.adaface:AdaFace"),
        "magface": (MagFace, "twinlib.losses.magface:MagFace"),
        "sharded": (Sharded, "twinlib.losses.sharded:ShardedHead.of"),
        "none": (NoHead, "twinlib.losses.head:NoHead.of"),
    },
    "term": {
        "twin_triplet": (TwinTriplet, "twinlib.losses.triplet:TwinTriplet"),
        "hard_negatives": (HardNegatives, "twinlib.losses.triplet:HardNegatives"),
    },
}
