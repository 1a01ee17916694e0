"""Which patches a transformer has looked at: attention followed through its blocks, and the tokens it selects."""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from timm.models.vision_transformer import Block
from torch import Tensor

from twinlib.ahan.attention import attention_map
from twinlib.ahan.backbone import block_after, heads_of

Maps = Sequence[Float[Tensor, "B h N N"]]  # attention of each block, the first one first


def block_with_map(block: Block, X: Float[Tensor, "B N d"]) -> tuple[Float[Tensor, "B N d"], Float[Tensor, "B h N N"]]:
    """A `timm` transformer block, and the attention it has used; this rules fused attention out."""
    Q, K, V = heads_of(block, X)
    A = attention_map(Q, K)
    return block_after(block, X, A @ V), A


def rollout(maps: Maps, rows: slice = slice(None)) -> Float[Tensor, "B R N"]:
    r"""Attention rollout: how much of each input token is in each token of the last block.

    .. math:: \hat S = \bar S_L \cdots \bar S_1, \qquad \bar S = \tfrac12(\operatorname{mean}_h S + I)

    Args:
        maps: attention of the blocks.
        rows: tokens of the last block that are requested; `slice(0, 1)` is the class token. Fewer rows cost less.

    Source:
        Abnar and Zuidema, ACL 2020; DCAL's equation for its selection.
    """
    N = maps[0].shape[-1]
    one = torch.eye(N, dtype=maps[0].dtype, device=maps[0].device)
    row = one[rows].expand(maps[0].shape[0], -1, -1)
    for A in reversed(maps):
        row = row @ ((A.mean(1) + one) / 2)
    return row


def part_scores(maps: Maps, first: int = 1) -> Float[Tensor, "B h P"]:
    r"""TransFG's score of each patch for each head: the class token's row of the plain product of the maps.

    .. math:: (A_L \cdots A_1)_{0,\,\text{first}:} \quad \text{head by head, without residual connections}

    Args:
        maps: attention of the blocks.
        first: number of the first patch token; before it stand class, distillation and register tokens.

    Source:
        He et al., TransFG, AAAI 2022.
    """
    row = maps[-1][:, :, :1]
    for A in reversed(maps[:-1]):
        row = row @ A
    return row[:, :, 0, first:]


def best_patches(scores: Float[Tensor, "B P"], share: float) -> Int[Tensor, "B K"]:
    """The share of the patches with the highest scores, at least one, best first, counted from 0 over patches."""
    return scores.topk(max(1, int(share * scores.shape[1])), dim=1).indices


def with_class_token(X: Float[Tensor, "B N d"], patch: Int[Tensor, "B K"], first: int = 1) -> Float[Tensor, "B T d"]:
    """The class token, then the given patches' tokens in the given order, repeats kept: T = 1 + K.

    Args:
        X: tokens, class token first.
        patch: counted from 0 over patches.
        first: number of the first patch token.
    """
    index = (patch + first)[:, :, None].expand(-1, -1, X.shape[2])
    return torch.cat([X[:, :1], X.gather(1, index)], dim=1)
