"""The composite loss of the local–global twin network (NDTWIN)."""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn.functional import normalize

from twinlib.config import losses as config
from twinlib.losses.contrastive import contrastive
from twinlib.losses.cosine import wide


class Features(NamedTuple):
    """What the network gives for a batch of images."""

    fused: Float[Tensor, "B E"]  # the embedding used to verify
    whole: Float[Tensor, "B G"]  # its global branch
    local: Float[Tensor, "B L"]  # its attention branch
    attention: Float[Tensor, "B 1 H W"]


def attention_regulariser(
    maps: Float[Tensor, "M 1 H W"], sparse: float = 0.01, diverse: float = 0.01
) -> Float[Tensor, ""]:
    """Mean mass of an attention map, and mean cosine similarity of two different ones.

    Args:
        maps: non-negative attention maps of at least two images.
        sparse: weight of the mass.
        diverse: weight of the similarity; it runs over all maps of the batch, so it also pushes two maps of one person
            apart.
    """
    flat = wide(maps).flatten(1)
    # the pairs' sum is the square of the sum less the diagonal: O(M) instead of O(M²) products
    unit = normalize(flat, eps=1e-8)
    pairs = unit.sum(0).square().sum() - unit.square().sum()
    return sparse * flat.sum(1).mean() + diverse * pairs / (len(flat) * (len(flat) - 1))


def ndtwin_loss(a: Features, b: Features, same: Bool[Tensor, " B"], cfg: config.NDTwin) -> Float[Tensor, ""]:
    """Weighted contrastive losses of the branches, the attention regulariser and, if asked for, the fused embedding.

    Args:
        a: features of the first image of each pair.
        b: features of the second.
        same: whether the pair shows one person.
        cfg: weights, margin, and `train_embedding`.

    Notes:
        The public code computes the loss of the fused embedding and leaves it out of the total: the layers that make
        the embedding it verifies with then stay as initialised. `train_embedding` adds it, with weight 1 (our choice).

    Source:
        The public NDTWIN2 code; there is no paper.
    """
    terms = [
        cfg.whole * contrastive(a.whole, b.whole, same, cfg.margin),
        cfg.local * contrastive(a.local, b.local, same, cfg.margin),
        cfg.attention * attention_regulariser(torch.cat([a.attention, b.attention]), cfg.sparse, cfg.diverse),
    ]
    if cfg.train_embedding:
        terms.append(contrastive(a.fused, b.fused, same, cfg.margin))
    return torch.stack(terms).sum()
