"""Settings of the losses; defaults are the papers' (P), their released code's (M) or our choice (C)."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class ArcFace:
    """Additive angular margin softmax."""

    s: float = 64.0  # scale (C)
    m: float = 0.5  # margin, radians (C)
    ramp: float = 0.0  # share of the training over which m grows from 0 (C)
    past_pi: Literal["fallback", "insight", "clip"] = "fallback"  # what happens where θ + m passes π (C)


@dataclass(frozen=True)
class CosFace:
    """Additive cosine margin softmax."""

    s: float = 64.0  # scale (P)
    m: float = 0.4  # margin in cosine (M)
    ramp: float = 0.0  # share of the training over which m grows from 0 (C)
    ends: Literal["insight", "clip"] = "insight"  # clip: cosines kept 1e-4 away from ±1 (M)


@dataclass(frozen=True)
class SphereFace:
    """Multiplicative angular margin softmax."""

    m: int = 4  # the angle is multiplied by this whole number (P)
    blend: float = 5.0  # share of plain cosine against 1 share of margin: λ at the end of its annealing (M)
    s: float | None = None  # scale; None: the length of each embedding (P)
    ramp: float = 0.0  # share of the training over which the margin's share grows from 0 (C)


@dataclass(frozen=True)
class AdaFace:
    """Margin that adapts to the length of the embedding."""

    s: float = 64.0  # scale (P)
    m: float = 0.4  # margin, both in radians and in cosine (P)
    h: float = 0.333  # how fast the margin follows the length (P)
    t_alpha: float = 0.01  # weight of the newest batch in the running statistics (P)
    start: Literal["paper", "measured"] = "paper"  # statistics before the first batch: 20 and 100, or its own (C)
    form: Literal["head", "cvlface"] = "head"  # head: clamps, true derivative; cvlface: neither (M)
    ramp: float = 0.0  # share of the training over which m grows from 0 (C)


@dataclass(frozen=True)
class MagFace:
    """Margin that grows with the length of the embedding, and a pull towards long embeddings."""

    s: float = 64.0  # scale (P)
    l_a: float = 10.0  # lengths are clipped to [l_a, u_a] (P)
    u_a: float = 110.0
    l_margin: float = 0.45  # margin at l_a, radians (P)
    u_margin: float = 0.8  # margin at u_a, radians (P)
    lambda_g: float = 35.0  # weight of the pull (P)
    easy: bool = True  # no margin beyond 90 degrees, as the released code trains (M)
    ramp: float = 0.0  # share of the training over which the margins grow from 0 (C)


@dataclass(frozen=True)
class TopoFR(ArcFace):
    """ArcFace whose samples are weighted by their structure damage score."""

    damage: Literal["paper", "code"] = "paper"  # the code's form cuts the probability to a whole number (P, M)
    sign: Literal["position", "none"] = "position"  # every second entropy is negated, as in the code (M)


@dataclass(frozen=True)
class Alignment:
    """TopoFR's alignment of the components of images and embeddings."""

    weight: float = 0.1  # weight of the term in the sum of losses (M)
    form: Literal["paper", "code", "matched"] = "paper"  # see twinlib.losses.alignment (P)


@dataclass(frozen=True)
class SymFace:
    """The pull between the halves of split faces; which are split says the sampler `halves`."""

    unit: bool = False  # compare embeddings of length 1 instead of raw ones (P: raw)
    scale: Literal["epoch", "batch"] = "epoch"  # what the sum is divided by: the epoch's count or the batch's (P)


@dataclass(frozen=True)
class TwinTriplet:
    """Batch-hard triplet whose negative is the anchor's twin."""

    weight: float = 0.1  # weight of the term in the sum of losses (P)
    margin: float = 0.5  # in cosine distance, 0 to 2 (P)


@dataclass(frozen=True)
class NDTwin:
    """Composite loss of the local-global network."""

    kind: Literal["contrastive", "triplet", "triplet_code"] = "contrastive"  # triplet_code: labels of pairs (M)
    margin: float = 1.0  # in units of the embedding (M)
    whole: float = 0.6  # weight of the global branch (M)
    local: float = 0.4  # weight of the attention branch (M)
    attention: float = 0.01  # weight of the attention regulariser (M)
    sparse: float = 0.01  # in it: weight of the maps' mass (M)
    diverse: float = 0.01  # in it: weight of the maps' similarity (M)
    train_embedding: bool = True  # add the loss of the fused embedding, which the public code leaves out (C)


LOSSES: dict[str, type] = {
    "arcface": ArcFace,
    "cosface": CosFace,
    "sphereface": SphereFace,
    "adaface": AdaFace,
    "magface": MagFace,
    "topofr": TopoFR,
}
