"""HCA, hierarchical cross-attention: four facial regions ask the whole face at three scales."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d
from torchvision.ops import roi_align

from twinlib.data.align import CANONICAL_BOXES
from twinlib.errors import InputError
from twinlib.models.attention import CrossAttention


def region_queries(F: Float[Tensor, "B d H W"], boxes: Float[Tensor, "B R 4"], side: int) -> Float[Tensor, "B R q d"]:
    """Token map inside each box, resampled to side × side tokens (q = side²).

    Args:
        F: token map.
        boxes: (x0, y0, x1, y1) in [0, 1] of the image.
        side: tokens along each side of a region.
    """
    B, R = boxes.shape[:2]
    size = torch.tensor([F.shape[3], F.shape[2]] * 2, dtype=F.dtype, device=F.device)
    index = torch.arange(B, device=F.device, dtype=F.dtype).repeat_interleave(R)
    rois = torch.cat([index[:, None], (boxes.to(F) * size).flatten(0, 1)], dim=1)
    X = roi_align(F, rois, side, sampling_ratio=2, aligned=True)
    return X.flatten(2).transpose(1, 2).unflatten(0, (B, R))


def fuse_scales(O: Float[Tensor, "B R S q d"], alpha: Float[Tensor, "R S"]) -> Float[Tensor, "B Rd"]:  # noqa: E741
    r"""Weighted sum over scales of the mean over queries, regions side by side.

    .. math:: h_r = \sum_s \mathrm{softmax}(\alpha_r)_s \, \operatorname{mean}_q O_{r,s}
    """
    return torch.einsum("rs,brsd->brd", alpha.softmax(dim=1), O.mean(dim=3)).flatten(1)


class CrossBlock(nn.Module):
    """Pre-norm cross-attention with a residual, then a pre-norm MLP with a residual."""

    def __init__(self, dim: int, heads: int, mlp_ratio: float) -> None:
        super().__init__()
        hidden = int(dim * mlp_ratio)
        self.norm_q, self.norm_kv, self.norm_mlp = nn.LayerNorm(dim), nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.attn = CrossAttention(dim, heads)
        self.mlp = nn.Sequential(nn.Linear(dim, hidden), nn.GELU(), nn.Linear(hidden, dim))

    def forward(self, x: Float[Tensor, "B N d"], context: Float[Tensor, "B M d"]) -> Float[Tensor, "B N d"]:
        """Tokens x after reading the context."""
        x = x + self.attn(self.norm_q(x), self.norm_kv(context))
        return x + self.mlp(self.norm_mlp(x))


class HCA(nn.Module):
    """Regions at several scales, weighted and laid side by side.

    Args:
        dim: width d of the token map.
        heads: heads of the cross-attentions.
        regions: R; eyes, nose, mouth, jaw by default.
        scales: the context is the map average-pooled by each of these factors.
        side: tokens along each side of a region's queries.
        mlp_ratio: hidden width of the blocks' MLP over d.

    Source:
        Regions, scales, softmax weights and concatenation: the AHAN paper. Region-aligned queries, embeddings and a
        block a scale shared by all regions: our choice.
    """

    def __init__(
        self,
        dim: int,
        heads: int = 12,
        regions: int = 4,
        scales: Sequence[int] = (1, 2, 4),
        side: int = 4,
        mlp_ratio: float = 4.0,
    ) -> None:
        super().__init__()
        if not scales or min(scales) < 1:
            raise InputError(f"HCA scales must be whole numbers from 1, got {tuple(scales)}.")
        self.scales, self.side = tuple(scales), side
        self.region = nn.Parameter(torch.randn(regions, dim) * 0.02)
        self.scale = nn.Parameter(torch.randn(len(self.scales), dim) * 0.02)
        self.blocks = nn.ModuleList(CrossBlock(dim, heads, mlp_ratio) for _ in self.scales)
        self.alpha = nn.Parameter(torch.zeros(regions, len(self.scales)))

    def forward(
        self, F: Float[Tensor, "B H W d"], boxes: Float[Tensor, "B R 4"] | None = None
    ) -> Float[Tensor, "B Rd"]:
        """h, one row an image: the regions' descriptors one after the other.

        Args:
            F: token map.
            boxes: region boxes (x0, y0, x1, y1) in [0, 1]; the canonical ones of an aligned crop if None.

        Raises:
            InputError: if the number of boxes is not the number of regions.
        """
        Q, contexts = self.queries(F, boxes), self.contexts(F)
        R = Q.shape[1]
        O = [block(Q.flatten(1, 2), X).unflatten(1, (R, -1)) for block, X in zip(self.blocks, contexts, strict=True)]  # noqa: E741
        return fuse_scales(torch.stack(O, dim=2), self.alpha)

    def queries(self, F: Float[Tensor, "B H W d"], boxes: Float[Tensor, "B R 4"] | None) -> Float[Tensor, "B R q d"]:
        """Region tokens with their region's embedding."""
        if boxes is None:
            boxes = torch.as_tensor(CANONICAL_BOXES, dtype=F.dtype, device=F.device).expand(len(F), -1, -1)
        if boxes.shape[1] != len(self.region):
            raise InputError(f"HCA has {len(self.region)} regions but got {boxes.shape[1]} boxes an image.")
        return region_queries(F.permute(0, 3, 1, 2), boxes, self.side) + self.region[:, None]

    def contexts(self, F: Float[Tensor, "B H W d"]) -> list[Float[Tensor, "B M d"]]:
        """The map at each scale (sides rounded up), with the scale's embedding."""
        X = F.permute(0, 3, 1, 2)
        pooled = [X if s == 1 else avg_pool2d(X, s, ceil_mode=True, count_include_pad=False) for s in self.scales]
        return [x.flatten(2).transpose(1, 2) + e for x, e in zip(pooled, self.scale, strict=True)]
