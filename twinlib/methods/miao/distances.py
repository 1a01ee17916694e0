"""Triplets of anchor, positive and negative as Miao measures them: mean loss, and how often the positive is nearer."""

from typing import NamedTuple

import numpy as np

from twinlib.arrays import Rows, number_rows
from twinlib.errors import InputError
from twinlib.ranges import NotNegative, within


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


def measured(e: Rows, triplets: Rows, margin: float = 1.0) -> Measured:
    """Mean triplet loss and right triplets, in Euclidean distance.

    Args:
        e: embeddings, of any length.
        triplets: rows of e: anchor, positive, negative.
        margin: in units of the embedding.

    Raises:
        InputError: no triplet, rows that are not three or not there, NaN, or a negative margin.

    Source:
        Miao, section 2.4. Its text calls a triplet right where the positive is *farther*; its accuracies, which rise
        as the loss falls, say that the opposite is meant.
    """
    within(NotNegative, margin=margin)
    x, rows = number_rows(e, "e"), number_rows(triplets, "triplets").astype(int)
    if rows.size == 0 or rows.shape[1] != 3 or not 0 <= rows.min() <= rows.max() < len(x):
        raise InputError(f"triplets must be rows of three numbers from 0 to {len(x) - 1}; found shape {rows.shape}.")
    a, p, n = (x[column] for column in rows.T)
    near, far = np.linalg.norm(a - p, axis=1), np.linalg.norm(a - n, axis=1)
    return Measured(float(np.maximum(near - far + margin, 0).mean()), int((near < far).sum()), len(rows))
