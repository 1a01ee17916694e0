"""Settings of the terms beside the classification loss; defaults are the papers' (P), released code's (M), ours (C)."""

from dataclasses import dataclass
from typing import Annotated, Literal

from twinlib.config.losses import Alignment, NDTwin, SymFace, TwinTriplet
from twinlib.ranges import NotNegative, Settings, Within


@dataclass(frozen=True)
class NoHead(Settings):
    """`loss: none`: no classification loss, the terms alone are the loss."""


@dataclass(frozen=True)
class EHSM(Settings):
    """TransFace's weights of the samples, from the spread of their tokens."""

    information: Literal["std", "gaussian"] = "std"  # see twinlib.methods.transface.ehsm (M)


@dataclass(frozen=True)
class HardNegatives(Settings):
    """Batch-hard triplet whose negative is the nearest image of any other identity, a twin or not."""

    weight: NotNegative = 0.1  # weight of the term in the sum of losses (C: the twin triplet's)
    margin: Annotated[float, Within("[0, 2]")] = 0.5  # in cosine distance (C: the twin triplet's)


@dataclass(frozen=True)
class BatchContrastive(Settings):
    """TransFG's contrastive loss over all pairs of a batch."""

    weight: NotNegative = 1.0  # weight of the term in the sum of losses (M)
    margin: Annotated[float, Within("[-1, 1]")] = 0.4  # cosine below which two classes are left alone (M)


@dataclass(frozen=True)
class Triplet(Settings):
    """Triplet loss of drawn triplets in Euclidean distance; wants the sampler `triplets`."""

    weight: NotNegative = 1.0  # weight of the term in the sum of losses (P)
    margin: NotNegative = 1.0  # in units of the embedding (P)


@dataclass(frozen=True)
class Branches(Settings):
    """DCAL: the classification losses of the embedding and of further branches, weighted by learned uncertainties."""

    of: tuple[str, ...] = ("glca", "pwca")  # extra outputs of the network that are embeddings of branches (P)


TERMS: dict[str, type] = {
    "twin_triplet": TwinTriplet,
    "triplet": Triplet,
    "alignment": Alignment,
    "symface": SymFace,
    "ehsm": EHSM,
    "batch_contrastive": BatchContrastive,
    "hard_negatives": HardNegatives,
    "branches": Branches,
    "ndtwin": NDTwin,
}
