"""AHAN: a plain ViT with three streams, fused into one embedding."""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from twinlib import config
from twinlib.errors import InputError
from twinlib.models.faam import FAAM
from twinlib.models.hca import HCA
from twinlib.models.ta_pwca import block_with_partner, choose_partner, coins, default_blocks
from twinlib.models.vit import ViT

REGIONS = 4


class AHAN(ViT):
    """Asymmetric hierarchical attention network: e = BN(W · [g; h; f]).

    Args:
        cfg: sizes of the backbone and which of HCA, FAAM and TA-PWCA are there.

    Attributes:
        paired: blocks (from 1) that attend to the partner in the next training step; `plan_step` sets it. In `eval` it
            is never read.

    Source:
        Nguyen, AAAI 2026, made exact in our notes. Columns of W for h and f start at zero (our choice): the network
        begins as the plain ViT.
    """

    inputs = ("images", "boxes", "partner")

    def __init__(self, cfg: config.AHAN) -> None:
        super().__init__(cfg)
        self.hca = (
            None
            if cfg.hca is None
            else HCA(cfg.width, cfg.heads, REGIONS, cfg.hca.scales, cfg.hca.side, cfg.hca.mlp_ratio)
        )
        self.faam = None if cfg.faam is None else FAAM(cfg.width, cfg.heads, cfg.faam.signed, cfg.faam.norm)
        self.pair = cfg.pair
        self.candidates = () if cfg.pair is None else tuple(cfg.pair.blocks or default_blocks(cfg.depth))
        if self.candidates and not 1 <= min(self.candidates) <= max(self.candidates) <= cfg.depth:
            raise InputError(f"model.pair.blocks {self.candidates} must lie in 1 … {cfg.depth} (model.depth).")
        self.paired: Sequence[int] = ()
        added = cfg.width * (REGIONS * (self.hca is not None) + (self.faam is not None))
        self.embed = _widened(self.embed, added)

    def plan_step(
        self, subject: Int[Tensor, " B"], family: Int[Tensor, " B"], seed: int, step: int
    ) -> Int[Tensor, " B"] | None:
        """Throw this step's coins and choose partners; call it before each training step.

        Args:
            subject: identity of each image of the batch.
            family: family of each image.
            seed: of the run.
            step: of the run.

        Returns:
            `partner` for `forward`; None if no block pairs up.
        """
        self.paired = () if self.pair is None else coins(self.pair.p, self.candidates, seed, step)
        return choose_partner(self.pair.partner, subject, family, seed, step) if self.paired else None

    def tokens(
        self, images: Float[Tensor, "B 3 H W"], partner: Int[Tensor, " B"] | None = None
    ) -> Float[Tensor, "B T d"]:
        """Tokens of the last block after its layer norm, class token first.

        Args:
            images: aligned RGB crops, (x − 127.5) / 127.5.
            partner: row of each image's partner; used in training, in the blocks of `paired`.
        """
        if partner is None or not self.training or not self.paired:
            return super().tokens(images)
        vit = self.backbone
        X = vit.norm_pre(vit.patch_drop(vit._pos_embed(vit.patch_embed(images))))
        for number, block in enumerate(vit.blocks, start=1):
            X = block_with_partner(block, X, partner) if number in self.paired else block(X)
        return vit.norm(X)

    def forward(
        self,
        images: Float[Tensor, "B 3 H W"],
        boxes: Float[Tensor, "B R 4"] | None = None,
        partner: Int[Tensor, " B"] | None = None,
    ) -> Float[Tensor, "B E"]:
        """Embedding, not normalised; compare by cosine.

        Args:
            images: aligned RGB crops, (x − 127.5) / 127.5.
            boxes: eyes, nose, mouth, jaw as (x0, y0, x1, y1) in [0, 1]; the canonical ones if None.
            partner: row of each image's partner; ignored in `eval`.
        """
        X = self.tokens(images, partner)
        F = X[:, 1:].unflatten(1, (self.grid, self.grid))
        streams = [self.global_stream(X)]
        if self.hca is not None:
            streams.append(self.hca(F, boxes))
        if self.faam is not None:
            streams.append(self.faam(F))
        return self.norm(self.embed(torch.cat(streams, dim=1)))


def _widened(layer: nn.Linear, added: int) -> nn.Linear:
    """The same map with `added` more inputs of weight zero."""
    wide = nn.Linear(layer.in_features + added, layer.out_features, bias=False)
    with torch.no_grad():
        wide.weight.zero_()
        wide.weight[:, : layer.in_features] = layer.weight
    return wide
