"""Contrastive losses: of pairs by distance, and of a whole batch by cosine."""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from twinlib.errors import InputError
from twinlib.losses.head import cosines, wide


def contrastive(
    a: Float[Tensor, "B E"], b: Float[Tensor, "B E"], same: Bool[Tensor, " B"], margin: float = 1.0
) -> Float[Tensor, ""]:
    r"""Contrastive loss of B pairs: same pairs are pulled together, others pushed beyond the margin.

    .. math:: \frac{1}{B}\sum_i y_i d_i^2 + (1 - y_i)\max(\text{margin} - d_i,\, 0)^2, \qquad d = \|a - b + 10^{-6}\|

    Args:
        a: first of each pair, as it is (not scaled to unit length).
        b: second of each pair.
        same: whether the pair shows one person.
        margin: in units of the embedding's length.

    Raises:
        InputError: for no pair.

    Source:
        Hadsell, Chopra and LeCun, CVPR 2006; the 1e-6 on every coordinate is that of torch's pairwise distance, which
        keeps the derivative finite for equal embeddings.
    """
    if not len(same):
        raise InputError("the contrastive loss needs at least one pair; the batch is empty.")
    d = torch.linalg.vector_norm(wide(a) - wide(b) + 1e-6, dim=1)
    return torch.where(same, d.square(), (margin - d).clamp_min(0).square()).mean()


def batch_contrastive(
    features: Float[Tensor, "B E"], label: Int[Tensor, " B"], margin: float = 0.4
) -> Float[Tensor, ""]:
    r"""TransFG's contrastive loss over all ordered pairs of a batch.

    .. math:: \frac{1}{B^2}\sum_{ij} [y_i = y_j](1 - c_{ij}) + [y_i \neq y_j]\max(c_{ij} - \text{margin},\, 0)

    Args:
        features: any length; compared by cosine c.
        label: class of each sample.
        margin: cosine below which samples of two classes are left alone.

    Raises:
        InputError: for an empty batch.

    Notes:
        The B pairs of a sample with itself count in B² and add nothing. Without two samples of a class in the batch
        only the second term acts.

    Source:
        He et al., TransFG, AAAI 2022.
    """
    if not len(label):
        raise InputError("the contrastive loss needs at least one sample; the batch is empty.")
    c = cosines(features, features)
    return torch.where(label[:, None] == label[None], 1 - c, (c - margin).clamp_min(0)).mean()
