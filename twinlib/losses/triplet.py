"""The twin triplet: per anchor the farthest image of itself against the nearest image of its twin."""

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import normalize


def twin_triplet(
    embedding: Float[Tensor, "B E"], subject: Int[Tensor, " B"], family: Int[Tensor, " B"], margin: float = 0.5
) -> Float[Tensor, ""]:
    r"""Batch-hard triplet loss in cosine distance whose negative is the twin where the batch holds one.

    .. math:: \frac{1}{|A|}\sum_{a \in A} \max\{0,\; \max_{p} d(a, p) - \min_{n} d(a, n) + \text{margin}\},
              \qquad d = 1 - \cos

    p runs over the other images of the anchor's subject; n over the images of its twin (same family, other subject)
    if the batch has one, else over all other subjects; A are the anchors with a positive and a negative.

    Args:
        embedding: any length; compared by cosine.
        subject: identity of each image.
        family: family of each image; twins share it.
        margin: in cosine distance, 0 to 2.

    Returns:
        Mean over anchors, computed in float32 or better; 0 (with a graph) if the batch holds no anchor.

    Source:
        The paper's twin-aware triplet term, made exact in our notes; without twins it is batch-hard triplet loss.
    """
    e = normalize(embedding if embedding.dtype == torch.float64 else embedding.float())
    d = 1 - e @ e.T
    itself = torch.eye(len(d), dtype=torch.bool, device=d.device)
    same = subject[:, None] == subject[None]
    twin = (family[:, None] == family[None]) & ~same
    negative = torch.where(twin.any(1, keepdim=True), twin, ~same)
    anchor = (same & ~itself).any(1) & negative.any(1)
    hardest_positive = d.masked_fill(~same | itself, -torch.inf).amax(1)
    nearest_negative = d.masked_fill(~negative, torch.inf).amin(1)
    loss = (hardest_positive[anchor] - nearest_negative[anchor] + margin).clamp_min(0)
    return loss.sum() / max(len(loss), 1) if len(loss) else e.sum() * 0
