"""TransFG: the last block of a vision transformer sees only the class token and the patches that mattered."""

from typing import Any, cast

import torch
from jaxtyping import Float
from timm.layers import trunc_normal_
from torch import Tensor, nn

from twinlib.ahan.backbone import blocks_of
from twinlib.ahan.rollout import block_with_map, part_scores, with_class_token
from twinlib.ahan.vit import ViT, require_class_token
from twinlib.errors import InputError
from twinlib.losses.contrastive import batch_contrastive
from twinlib.losses.term import StepView, Term
from twinlib.methods import transfg
from twinlib.models.network import whole_steps


class Overlapping(nn.Module):
    """Linear patches that may overlap.

    Args:
        image_size: side of the input, px.
        patch: side of a patch, px.
        stride: from patch to patch, px.
        width: d.
        bias: of the patches' layer.
    """

    def __init__(self, image_size: int, patch: int, stride: int, width: int, bias: bool = True) -> None:
        super().__init__()
        whole_steps(image_size, stride, "model.stride", patch)
        self.grid = (image_size - patch) // stride + 1
        self.grid_size, self.patch_size = (self.grid, self.grid), (patch, patch)  # as `timm` names them
        self.proj = nn.Conv2d(3, width, patch, stride, bias=bias)

    def forward(self, images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B P d"]:
        """A token a patch, row by row."""
        return self.proj(images).flatten(2).transpose(1, 2)


class TransFG(ViT):
    """Vision transformer with part selection; one patch a head, repeats kept.

    Args:
        cfg: sizes, or a ViT of `timm` whose sizes they then are; and the stride of the patches.

    Raises:
        InputError: for a depth below 2, a stride below 1 or above the patch, the grid head, which has no use here, or
            a backbone without a class token or linear patches.

    Source:
        He et al., TransFG, AAAI 2022; its contrastive loss is the term `batch_contrastive`.
    """

    placed = False

    def __init__(self, cfg: transfg.TransFG) -> None:
        super().__init__(cfg)
        vit = self.backbone
        require_class_token(self, cfg)
        patch, depth = vit.patch_embed.feat_ratio(), len(vit.blocks)
        if depth < 2 or not 1 <= cfg.stride <= patch:
            raise InputError(
                f"transfg needs model.depth from 2 and model.stride in 1 … {patch} (model.patch); got {depth} and "
                f"{cfg.stride}."
            )
        if cfg.stride != patch:
            self._overlap(cfg.image_size, patch, cfg.stride)

    def _overlap(self, size: int, patch: int, stride: int) -> None:
        """Lay the patches every `stride` pixels, with new embeddings of as many places."""
        vit, before = self.backbone, self.grid**2
        if not isinstance(vit.patch_embed.proj, nn.Conv2d) or vit.patch_embed.proj.kernel_size != (patch, patch):
            raise InputError(
                f"model.stride {stride}: patches of a convolutional stem cannot overlap; set it to {patch}."
            )
        bias = vit.patch_embed.proj.bias is not None
        cast("Any", vit).dynamic_img_size = False  # places of its own; `timm` declares it final
        vit.patch_embed = Overlapping(size, patch, stride, vit.embed_dim, bias)
        self.grid = vit.patch_embed.grid
        if vit.pos_embed is not None:
            vit.pos_embed = nn.Parameter(torch.zeros(1, vit.pos_embed.shape[1] - before + self.grid**2, vit.embed_dim))
            trunc_normal_(vit.pos_embed, std=0.02)

    def tokens(self, images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B T d"]:
        """Class token and selected patches after the last block and its layer norm, T = 1 + heads.

        Register and distillation tokens are neither selected nor seen by the last block.
        """
        vit = self.backbone
        X = vit.norm_pre(vit.patch_drop(vit._pos_embed(vit.patch_embed(images))))
        maps = []
        for block in blocks_of(vit)[:-1]:
            X, A = block_with_map(block, X)
            maps.append(A.detach())
        first = vit.num_prefix_tokens
        X = with_class_token(X, part_scores(maps, first).argmax(2), first)
        return vit.norm(vit.blocks[-1](X))


class BatchContrastive(Term):
    """TransFG's contrastive loss over all pairs of the batch."""

    def __init__(self, cfg: transfg.BatchContrastive) -> None:
        super().__init__()
        self.cfg = cfg

    def forward(self, view: StepView) -> Float[Tensor, ""]:
        """Weight times the loss."""
        return self.cfg.weight * batch_contrastive(view.embedding, view.subject, self.cfg.margin)
