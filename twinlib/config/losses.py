"""Settings of the losses; defaults are the papers' (P) or our choice (C)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ArcFace:
    """Additive angular margin softmax."""

    s: float = 64.0  # scale (C)
    m: float = 0.5  # margin, radians (C)
    ramp: float = 0.0  # share of the training over which m grows from 0 (C)


@dataclass(frozen=True)
class TwinTriplet:
    """Batch-hard triplet whose negative is the anchor's twin."""

    weight: float = 0.1  # weight of the term in the sum of losses (P)
    margin: float = 0.5  # in cosine distance, 0 to 2 (P)


LOSSES: dict[str, type] = {"arcface": ArcFace}
