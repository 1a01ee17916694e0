"""TA-PWCA, twin-aware pairwise cross-attention: in training, an image also attends to an image of its twin."""

from collections.abc import Callable, Sequence
from typing import Literal

import torch
from jaxtyping import Bool, Float, Int
from timm.models.vision_transformer import Block
from torch import Tensor

from twinlib.ahan.attention import attend
from twinlib.ahan.backbone import block_after, heads_of
from twinlib.data.feed import seeds
from twinlib.errors import InputError

Policy = Literal["twin", "random", "hard", "sibling", "none"]


def pair_attention(
    Q: Float[Tensor, "B h N c"], K: Float[Tensor, "B h N c"], V: Float[Tensor, "B h N c"], partner: Int[Tensor, " B"]
) -> Float[Tensor, "B h N c"]:
    r"""Attention of each image over its own tokens and its partner's.

    .. math:: \mathrm{softmax}\!\left(Q_i [K_i; K_{\pi(i)}]^\top / \sqrt{c}\right) [V_i; V_{\pi(i)}]

    Args:
        Q: queries.
        K: keys.
        V: values.
        partner: π(i), a row of the batch for each row; π(i) = i gives self-attention.

    Notes:
        Gradients flow through both images.
    """
    return attend(Q, torch.cat([K, K[partner]], dim=2), torch.cat([V, V[partner]], dim=2))


def block_with_partner(block: Block, X: Float[Tensor, "B N d"], partner: Int[Tensor, " B"]) -> Float[Tensor, "B N d"]:
    """A `timm` transformer block whose self-attention is replaced by `pair_attention`, with the block's own weights."""
    return block_after(block, X, pair_attention(*heads_of(block, X), partner))


def default_blocks(depth: int) -> tuple[int, ...]:
    """Blocks ⌈L/2⌉ … ⌊3L/4⌋, counted from 1: 6, 7, 8, 9 of 12."""
    return tuple(range(-(-depth // 2), max(3 * depth // 4, -(-depth // 2)) + 1))


def coins(p: float, blocks: Sequence[int], seed: int, step: int) -> tuple[int, ...]:
    """The blocks that pair up in this step: one draw a block from (seed, step), the same in every process.

    Args:
        p: probability, in [0, 1].
        blocks: candidates, counted from 1.
        seed: of the run.
        step: of the run.
    """
    rng = torch.Generator().manual_seed((seed * seeds.PARTNER_USE + step + 2**40) % 2**63)
    return tuple(b for b, u in zip(blocks, torch.rand(len(blocks), generator=rng).tolist(), strict=True) if u < p)


def nearest(X: Float[Tensor, "B N d"], allowed: Bool[Tensor, "B B"]) -> Int[Tensor, " B"]:
    """π of the policy "hard": of the allowed images the one whose mean token is most alike (cosine); itself if none is.

    Args:
        X: hidden states of the batch.
        allowed: row i: which images may be i's partner.
    """
    x = torch.nn.functional.normalize(X.detach().float().mean(dim=1), dim=1)
    chosen = (x @ x.T).masked_fill(~allowed, -2.0).argmax(dim=1)
    return torch.where(allowed.any(dim=1), chosen, torch.arange(len(X), device=X.device))


def choose_partner(
    policy: Policy,
    subject: Int[Tensor, " B"],
    family: Int[Tensor, " B"],
    seed: int,
    step: int,
    twins: Bool[Tensor, " B"] | None = None,
) -> Int[Tensor, " B"]:
    """π: a partner image for each image of a batch, drawn from (seed, step).

    Args:
        policy: "twin" another subject of the family, which is one of twins (P); "random" any other image (DCAL's
            form); "sibling" another subject of a family that is not one of identical twins; "none" itself, which equals
            self-attention. The policy "hard" depends on hidden states: see `nearest`.
        subject: identity of each image.
        family: family of each image.
        seed: of the run.
        step: of the run.
        twins: whether the family of each image is one of identical twins; if None, every family counts as one.

    Returns:
        A row of the batch for each image; the image itself where the batch holds no fitting one.

    Raises:
        InputError: for an unknown policy, or "sibling" without `twins`.
    """
    if policy not in FITTING:
        raise InputError(f"partner policy {policy!r} is unknown; known: {', '.join(FITTING)}, hard.")
    if policy == "sibling" and twins is None:
        raise InputError("partner policy 'sibling' needs to know which families are of identical twins.")
    fitting = FITTING[policy](subject, family, torch.ones_like(subject, dtype=torch.bool) if twins is None else twins)
    rng = torch.Generator().manual_seed((seed * seeds.PARTNER + step) % 2**63)
    draw = torch.rand(len(subject), len(subject), generator=rng).to(subject.device)
    chosen = torch.where(fitting, draw, -1.0).argmax(1)
    itself = torch.arange(len(subject), device=subject.device)
    return torch.where(fitting.any(1), chosen, itself)


def _relatives(subject: Int[Tensor, " B"], family: Int[Tensor, " B"]) -> Bool[Tensor, "B B"]:
    return (family[:, None] == family[None]) & (subject[:, None] != subject[None])


FITTING: dict[str, Callable[..., Bool[Tensor, "B B"]]] = {  # policy → which images may be whose partner
    "twin": lambda subject, family, twins: _relatives(subject, family) & twins[:, None],
    "sibling": lambda subject, family, twins: _relatives(subject, family) & ~twins[:, None],
    "random": lambda subject, family, twins: ~torch.eye(len(subject), dtype=torch.bool, device=subject.device),
    "none": lambda subject, family, twins: torch.zeros(len(subject), len(subject), dtype=torch.bool).to(subject.device),
}
