"""AHAN: a plain ViT with three streams, fused into one embedding."""

from collections.abc import Sequence
from functools import partial

import torch
from jaxtyping import Bool, Float, Int
from timm.layers import PatchEmbed
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from twinlib import ahan
from twinlib.ahan.backbone import attention_of, blocks_of
from twinlib.ahan.faam import FAAM, midline_of
from twinlib.ahan.hca import HCA
from twinlib.ahan.ta_pwca import block_with_partner, choose_partner, coins, default_blocks, nearest
from twinlib.ahan.vit import ViT
from twinlib.errors import InputError
from twinlib.models.network import REGIONS

Partner = Int[Tensor, " B"] | Bool[Tensor, "B B"]


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

    def __init__(self, cfg: ahan.AHAN) -> None:
        super().__init__(cfg)
        width, heads, depth = (
            self.backbone.embed_dim,
            attention_of(blocks_of(self.backbone)[0]).num_heads,
            len(self.backbone.blocks),
        )
        hca, faam, pair = cfg.hca, cfg.faam, cfg.pair
        if faam is not None:
            self._check_columns(cfg)
        self.hca = None if hca is None else HCA(width, heads, REGIONS, hca.scales, hca.side, hca.mlp_ratio, hca.find)
        self.faam = None if faam is None else FAAM(width, heads, faam.signed, faam.norm, pool=faam.pool)
        self.by_landmarks = faam is not None and faam.midline == "landmarks"
        self.pair = pair
        self.candidates = () if pair is None else tuple(pair.blocks or default_blocks(depth))
        if self.candidates and not 1 <= min(self.candidates) <= max(self.candidates) <= depth:
            raise InputError(f"model.pair.blocks {self.candidates} must lie in 1 … {depth} (model.depth).")
        self.paired: Sequence[int] = ()
        regional = 0 if self.hca is None else REGIONS * width
        asymmetry = 0 if self.faam is None else self.faam.features(self.grid, self.grid)
        self.embed = _widened(self.embed, regional + asymmetry)

    def plan_step(
        self,
        subject: Int[Tensor, " B"],
        family: Int[Tensor, " B"],
        seed: int,
        step: int,
        twins: Bool[Tensor, " B"] | None = None,
    ) -> Partner | None:
        """Throw this step's coins and choose partners; call it before each training step.

        Args:
            subject: identity of each image of the batch.
            family: family of each image.
            seed: of the run.
            step: of the run.
            twins: whether the family of each image is one of identical twins; only the policy "sibling" reads it.

        Returns:
            `partner` for `forward`; None if no block pairs up.
        """
        self.paired = () if self.pair is None else coins(self.pair.p, self.candidates, seed, step)
        if self.pair is None or not self.paired:
            return None
        if self.pair.partner == "hard":
            return subject[:, None] != subject[None]
        return choose_partner(self.pair.partner, subject, family, seed, step, twins)

    def tokens(self, images: Float[Tensor, "B 3 H W"], partner: Partner | None = None) -> Float[Tensor, "B T d"]:
        """Tokens of the last block after its layer norm: class token (and registers) first, then the N patches.

        Args:
            images: aligned RGB crops, (x − 127.5) / 127.5.
            partner: as in `forward`.
        """
        if partner is None or not self.training or not self.paired:
            return super().tokens(images)
        vit = self.backbone
        X = vit.norm_pre(vit.patch_drop(vit._pos_embed(vit.patch_embed(images))))
        for number, block in enumerate(blocks_of(vit), start=1):
            if number in self.paired and partner.dtype == torch.bool:
                partner = nearest(X, partner)
            call = partial(block_with_partner, block, partner=partner) if number in self.paired else block
            X = checkpoint(call, X, use_reentrant=False) if vit.grad_checkpointing else call(X)
        return vit.norm(X)

    def forward(
        self,
        images: Float[Tensor, "B 3 H W"],
        boxes: Float[Tensor, "B R 4"] | None = None,
        partner: Partner | None = None,
    ) -> Float[Tensor, "B E"]:
        """Embedding, not normalised; compare by cosine.

        Args:
            images: aligned RGB crops, (x − 127.5) / 127.5.
            boxes: eyes, nose, mouth, jaw as (x0, y0, x1, y1) in [0, 1]; the canonical ones if None.
            partner: row of each image's partner, or which rows may be (the nearest of them at the first paired block
                is taken); read in training, in the blocks of `paired`. Ignored in `eval`.
        """
        X = self.tokens(images, partner)
        streams = [self.global_stream(X)]
        if self.hca is not None:
            streams.append(self.hca(self.map(X), boxes))
        if self.faam is not None:
            streams.append(self.faam(self.map(X), self.midline(boxes)))
        return self.norm(self.embed(torch.cat(streams, dim=1)))

    def _check_columns(self, cfg: ahan.AHAN) -> None:
        """Refuse a token map without two halves, or of columns of which we cannot say what they see."""
        if self.grid < 2:
            raise InputError(
                f"model.faam needs a token map at least 2 wide: model.image_size {cfg.image_size} is one patch."
            )
        if type(self.backbone.patch_embed) is not PatchEmbed:
            raise InputError(
                f"model.faam compares columns with their mirror columns; those of {cfg.backbone!r} come from a "
                "convolutional network that does not see both alike. Take a plain ViT, or model.faam null."
            )

    def midline(self, boxes: Float[Tensor, "B R 4"] | None) -> Float[Tensor, " B"] | None:
        """Midline of each face for FAAM; None, the middle of the crop, unless landmarks are wanted and given."""
        return midline_of(boxes) if self.by_landmarks and boxes is not None else None


def _widened(layer: nn.Linear, added: int) -> nn.Linear:
    """The same map with `added` more inputs of weight zero."""
    wide = nn.Linear(layer.in_features + added, layer.out_features, bias=False)
    with torch.no_grad():
        wide.weight.zero_()
        wide.weight[:, : layer.in_features] = layer.weight
    return wide
