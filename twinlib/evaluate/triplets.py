"""Triplets of anchor, positive and negative as Miao measures them: mean loss, and how often the positive is nearer."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int


class Measured(NamedTuple):
    """What a list of triplets gives.

    Attributes:
        loss: mean of max{d(a, p) − d(a, n) + margin, 0}, in units of the embedding.
        right: triplets whose positive is nearer than their negative; a tie is wrong.
        triplets: how many there are.
    """

    loss: float
    right: int
    triplets: int


def measured(e: Float[np.ndarray, "N E"], triplets: Int[np.ndarray, "T 3"], margin: float = 1.0) -> Measured:
    """Mean triplet loss and right triplets, in Euclidean distance.

    Args:
        e: embeddings, of any length.
        triplets: rows of e: anchor, positive, negative.
        margin: in units of the embedding.

    Source:
        Miao, section 2.4. Its text calls a triplet right where the positive is *farther*; its accuracies, which rise
        as the loss falls, say that the opposite is meant.
    """
    a, p, n = (e[column].astype(float) for column in triplets.T)
    near, far = np.linalg.norm(a - p, axis=1), np.linalg.norm(a - n, axis=1)
    return Measured(float(np.maximum(near - far + margin, 0).mean()), int((near < far).sum()), len(triplets))
