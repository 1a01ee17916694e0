"""DCAL: a transformer whose best patches ask the whole image, and that is distracted by another image in training."""

from typing import overload

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from twinlib.ahan.backbone import attention_of, blocks_of
from twinlib.ahan.hca import CrossBlock
from twinlib.ahan.rollout import best_patches, block_with_map, rollout, with_class_token
from twinlib.ahan.ta_pwca import block_with_partner, choose_partner
from twinlib.ahan.vit import ViT, require_class_token
from twinlib.errors import InputError
from twinlib.losses.head import wide
from twinlib.losses.term import StepView, Term
from twinlib.methods import dcal
from twinlib.models.unit import answer, unit


class DCAL(ViT):
    """Self-attention (SA), global-local cross-attention (GLCA) and pairwise cross-attention (PWCA).

    SA is the plain transformer. GLCA is one block more: the class token and the patches with the highest attention
    rollout ask all tokens. PWCA runs the blocks of SA, with their weights, over the image and a distractor.

    Args:
        cfg: sizes, or a ViT of `timm` whose sizes they then are; share of the patches, which branches there are, where
            the distractor comes from.

    Attributes:
        outputs: `glca` and `pwca` "B E", embeddings of those branches.

    Raises:
        InputError: for a share outside (0, 1], a backbone without a class token, or the grid head, which has no use
            here.

    Notes:
        In `eval` the embedding is that of SA and that of GLCA, each of length 1, side by side (2 E numbers): the cosine
        of two images is then the mean of both branches' cosines. The paper concatenates for re-identification. That
        the class token is among the queries, and that GLCA reads the last block's tokens, is our choice.

    Source:
        Zhu et al., DCAL, CVPR 2022; there is no official code. Losses are weighted by the term `branches`.
    """

    inputs = ("images", "partner")
    outputs = ("glca", "pwca")

    def __init__(self, cfg: dcal.DCAL) -> None:
        super().__init__(cfg)
        require_class_token(self, cfg)
        if not 0 < cfg.share <= 1:
            raise InputError(f"dcal needs model.share in (0, 1]; got {cfg.share}.")
        width, heads = self.backbone.embed_dim, attention_of(blocks_of(self.backbone)[0]).num_heads
        self.share, self.pair, self.partner = cfg.share, cfg.pair, cfg.partner
        self.outputs = ("glca",) * cfg.glca + ("pwca",) * cfg.pair
        self.glca = CrossBlock(width, heads, cfg.mlp_ratio) if cfg.glca else None
        if cfg.glca:
            self.glca_head = nn.Sequential(
                nn.LayerNorm(width), nn.Linear(width, cfg.embedding, bias=False), nn.BatchNorm1d(cfg.embedding)
            )

    def plan_step(
        self,
        subject: Int[Tensor, " B"],
        family: Int[Tensor, " B"],
        seed: int,
        step: int,
        twins: Bool[Tensor, " B"] | None = None,
    ) -> Int[Tensor, " B"] | None:
        """A distractor for each image of the batch; None without the pairwise branch. Arguments as in AHAN."""
        return choose_partner(self.partner, subject, family, seed, step, twins) if self.pair else None

    def look(self, images: Float[Tensor, "B 3 H W"]) -> tuple[Float[Tensor, "B T d"], Float[Tensor, "B P"]]:
        """Tokens of the last block before its layer norm, and the rollout of the class token over the patches."""
        X, maps = self._embedded(images), []
        for block in blocks_of(self.backbone):
            X, A = block_with_map(block, X)
            maps.append(A.detach())
        return X, rollout(maps, slice(0, 1))[:, 0, self.backbone.num_prefix_tokens :]

    @overload
    def forward(self, images: Tensor, partner: Tensor | None = None, wanted: tuple[()] = ()) -> Tensor: ...

    @overload
    def forward(
        self, images: Tensor, partner: Tensor | None = None, wanted: tuple[str, ...] = ()
    ) -> Tensor | tuple[Tensor, dict[str, Tensor]]: ...

    def forward(
        self,
        images: Float[Tensor, "B 3 H W"],
        partner: Int[Tensor, " B"] | None = None,
        wanted: tuple[str, ...] = (),
    ) -> Float[Tensor, "B E"] | tuple[Float[Tensor, "B E"], dict[str, Tensor]]:
        """Embedding of SA in training, of SA and GLCA side by side in `eval`; and the branches that are wanted.

        Args:
            images: aligned RGB crops, (x − 127.5) / 127.5.
            partner: row of each image's distractor, for the output `pwca`; itself if None.
            wanted: names of extra outputs.
        """
        if self.glca is None:
            X, local = self.tokens(images), None
        else:
            X, seen = self.look(images)
            queries = with_class_token(X, best_patches(seen, self.share), self.backbone.num_prefix_tokens)
            local = self.glca_head(self.glca(queries, X)[:, 0])
            X = self.backbone.norm(X)
        e = self.norm(self.embed(X[:, 0]))
        given = {} if local is None else {"glca": local}
        if "pwca" in wanted:
            given["pwca"] = self._distracted(images, partner)
        if not self.training and local is not None:
            e = torch.cat([unit(e), unit(local)], dim=1)
        return answer(e, given, wanted)

    def _embedded(self, images: Tensor) -> Tensor:
        vit = self.backbone
        return vit.norm_pre(vit.patch_drop(vit._pos_embed(vit.patch_embed(images))))

    def _distracted(self, images: Tensor, partner: Tensor | None) -> Float[Tensor, "B E"]:
        partner = torch.arange(len(images), device=images.device) if partner is None else partner
        X = self._embedded(images)
        for block in blocks_of(self.backbone):
            X = block_with_partner(block, X, partner)
        return self.norm(self.embed(self.backbone.norm(X)[:, 0]))


def uncertainty_weighted(losses: Float[Tensor, " K"], w: Float[Tensor, " K"]) -> Float[Tensor, ""]:
    r"""Losses weighted by learned uncertainties, and the price of being uncertain.

    .. math:: \tfrac12 \sum_k e^{-w_k} L_k + w_k

    Args:
        losses: the K losses.
        w: log-variances; at the optimum w = ln L.

    Source:
        Zhu et al., DCAL, CVPR 2022, after Kendall, Gal and Cipolla, CVPR 2018.
    """
    return ((-w).exp() * wide(losses) + w).sum() / 2


class Uncertainty(nn.Module):
    """Owns one log-variance per loss, from 0.

    Args:
        count: number of losses.
    """

    def __init__(self, count: int) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.zeros(count))

    def forward(self, losses: Float[Tensor, " K"]) -> Float[Tensor, ""]:
        """Weighted sum of the losses."""
        return uncertainty_weighted(losses, self.w)


class Branches(Term):
    """DCAL's sum of the head's losses of embedding and branches, weighted by learned uncertainties.

    Reads the extra outputs named by `of`, embeddings as wide as the main one; all share the head's class centres.
    """

    holds_head = True

    def __init__(self, cfg: dcal.Branches) -> None:
        super().__init__()
        self.wanted = cfg.of
        self.uncertainty = Uncertainty(1 + len(cfg.of))

    def forward(self, view: StepView) -> Float[Tensor, ""]:
        """Weighted sum of the losses."""
        branches = [view.embedding, *(view.outputs[name] for name in self.wanted)]
        return self.uncertainty(torch.stack([view.head(branch) for branch in branches]))
