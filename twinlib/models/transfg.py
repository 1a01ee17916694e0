"""TransFG: the last block of a vision transformer sees only the class token and the patches that mattered."""

import torch
from jaxtyping import Float
from timm.layers import trunc_normal_
from torch import Tensor, nn

from twinlib import config
from twinlib.errors import InputError
from twinlib.models.rollout import block_with_map, part_scores, with_class_token
from twinlib.models.vit import ViT


class Overlapping(nn.Module):
    """Linear patches that may overlap.

    Args:
        image_size: side of the input, px.
        patch: side of a patch, px.
        stride: from patch to patch, px.
        width: d.
    """

    def __init__(self, image_size: int, patch: int, stride: int, width: int) -> None:
        super().__init__()
        self.grid = (image_size - patch) // stride + 1
        self.proj = nn.Conv2d(3, width, patch, stride)

    def forward(self, images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B P d"]:
        """A token a patch, row by row."""
        return self.proj(images).flatten(2).transpose(1, 2)


class TransFG(ViT):
    """Vision transformer with part selection; one patch a head, repeats kept.

    Args:
        cfg: sizes, and the stride of the patches.

    Raises:
        InputError: for a depth below 2, a stride below 1 or above the patch, or the grid head, which has no use here.

    Source:
        He et al., TransFG, AAAI 2022; its contrastive loss is the term `batch_contrastive`.
    """

    def __init__(self, cfg: config.TransFG) -> None:
        super().__init__(cfg)
        if cfg.depth < 2 or not 1 <= cfg.stride <= cfg.patch or cfg.head != "cls":
            raise InputError(
                f"transfg needs model.depth from 2, model.stride in 1 … {cfg.patch} (model.patch) and model.head cls; "
                f"got {cfg.depth}, {cfg.stride} and {cfg.head}."
            )
        if cfg.stride != cfg.patch:
            self.backbone.patch_embed = Overlapping(cfg.image_size, cfg.patch, cfg.stride, cfg.width)
            self.grid = self.backbone.patch_embed.grid
            self.backbone.pos_embed = nn.Parameter(torch.zeros(1, 1 + self.grid**2, cfg.width))
            trunc_normal_(self.backbone.pos_embed, std=0.02)

    def tokens(self, images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B T d"]:
        """Class token and selected patches after the last block and its layer norm, T = 1 + heads."""
        vit = self.backbone
        X = vit.norm_pre(vit.patch_drop(vit._pos_embed(vit.patch_embed(images))))
        maps = []
        for block in vit.blocks[:-1]:
            X, A = block_with_map(block, X)
            maps.append(A.detach())
        X = with_class_token(X, part_scores(maps).argmax(2))
        return vit.norm(vit.blocks[-1](X))
