"""HCA, hierarchical cross-attention: four facial regions ask the whole face at three scales."""

from collections.abc import Sequence
from typing import Literal, cast

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from twinlib.ahan.attention import CrossAttention, Layout, channels_last
from twinlib.errors import InputError
from twinlib.faces.align import CANONICAL_BOXES


def region_queries(F: Float[Tensor, "B H W d"], boxes: Float[Tensor, "B R 4"], side: int) -> Float[Tensor, "B R q d"]:
    """Token map inside each box, resampled to side × side tokens (q = side²).

    Equal to `torchvision.ops.roi_align` with aligned=True and sampling_ratio=2. An upright box samples rows and columns
    independently, so it is two small matrix products: faster backward than the operator's, and they export anywhere.

    Args:
        F: token map.
        boxes: (x0, y0, x1, y1) in [0, 1] of the image.
        side: tokens along each side of a region.
    """
    _, H, W, _ = F.shape
    boxes = boxes.to(F)
    rows, columns = _sampling(boxes[..., 1::2], H, side), _sampling(boxes[..., 0::2], W, side)
    strips = (rows.flatten(1, 2) @ F.flatten(2)).unflatten(1, (-1, side)).unflatten(3, (W, -1))  # B R side W d
    return (columns[:, :, None] @ strips).flatten(2, 3)


def _sampling(ends: Float[Tensor, "B R 2"], size: int, side: int) -> Float[Tensor, "B R side size"]:
    """Weights with which each of `side` cells between two ends averages the `size` tokens of an axis."""
    step = (ends[..., 1:] - ends[..., :1]) * size / (2 * side)  # two bilinear samples a cell
    at = ends[..., :1] * size - 0.5 + step * (torch.arange(2 * side, dtype=ends.dtype, device=ends.device) + 0.5)
    token = torch.arange(size, dtype=ends.dtype, device=ends.device)
    hat = (1 - (at.clamp(0, size - 1)[..., None] - token).abs()).clamp(min=0)
    inside = (at >= -1) & (at <= size)  # as in the operator: beyond that there is nothing
    return (hat * inside[..., None]).unflatten(2, (side, 2)).mean(dim=3)


def fuse_scales(O: Float[Tensor, "B R S d"], alpha: Float[Tensor, "R S"]) -> Float[Tensor, "B Rd"]:  # noqa: E741
    r"""Weighted sum over scales of each region's mean query, regions side by side.

    .. math:: h_r = \sum_s \mathrm{softmax}(\alpha_r)_s \, \operatorname{mean}_q O_{r,s}
    """
    return torch.einsum("rs,brsd->brd", alpha.softmax(dim=1), O).flatten(1)


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

    def mean(self, x: Float[Tensor, "B R q d"], context: Float[Tensor, "B M d"]) -> Float[Tensor, "B R d"]:
        """Mean of `forward` over the queries of each region, for less work.

        The MLP's last layer is linear, so it is applied to the mean: R tokens instead of R · q.
        """
        expand, bend, reduce = self.mlp
        R, x = x.shape[1], x.flatten(1, 2)
        x = x + self.attn(self.norm_q(x), self.norm_kv(context))
        hidden = bend(expand(self.norm_mlp(x)))
        return x.unflatten(1, (R, -1)).mean(2) + reduce(hidden.unflatten(1, (R, -1)).mean(2))


class HCA(nn.Module):
    """Regions at several scales, weighted and laid side by side.

    Args:
        dim: width d of the token map.
        heads: heads of the cross-attentions; divides dim.
        regions: R; eyes, nose, mouth, jaw by default.
        scales: the context is the map average-pooled by each of these factors.
        side: tokens along each side of a region's queries.
        mlp_ratio: hidden width of the blocks' MLP over d.
        find: where the queries come from: "boxes" around detected landmarks, or "learned" places (our extension, for
            faces without landmarks): each query is a weighted mean of the map, with weights read off the map.
        layout: where the maps have their channels: "NHWC" (token grid, Swin) or "NCHW" (ConvNeXt).

    Examples:
        `HCA(dim=768)(feature_map, boxes)` with a map [B, H, W, 768] of any height and width and boxes [B, 4, 4] gives
        [B, 4 · 768].

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
        find: Literal["boxes", "learned"] = "boxes",
        layout: Layout = "NHWC",
    ) -> None:
        super().__init__()
        if not scales or min(scales) < 1:
            raise InputError(f"HCA scales must be whole numbers from 1, got {tuple(scales)}.")
        self.dim, self.scales, self.side, self.layout = dim, tuple(scales), side, layout
        self.region = nn.Parameter(torch.randn(regions, dim) * 0.02)
        self.scale = nn.Parameter(torch.randn(len(self.scales), dim) * 0.02)
        self.blocks = nn.ModuleList(CrossBlock(dim, heads, mlp_ratio) for _ in self.scales)
        self.alpha = nn.Parameter(torch.zeros(regions, len(self.scales)))
        self.where = nn.Linear(dim, regions * side**2, bias=False) if find == "learned" else None

    def forward(
        self, F: Float[Tensor, "B _ _ _"], boxes: Float[Tensor, "B R 4"] | None = None
    ) -> Float[Tensor, "B Rd"]:
        """h, one row an image: the regions' descriptors one after the other.

        Args:
            F: feature map, in the module's layout.
            boxes: region boxes (x0, y0, x1, y1) in [0, 1]; the canonical ones of an aligned crop if None. Not read if
                the regions are learned.

        Raises:
            InputError: if the number of boxes is not the number of regions.
        """
        F = channels_last(F, self.dim, self.layout)
        Q, contexts = self.queries(F, boxes), self.contexts(F)
        O = [block.mean(Q, X) for block, X in zip(self._blocks(), contexts, strict=True)]  # noqa: E741
        return fuse_scales(torch.stack(O, dim=2), self.alpha)

    def queries(self, F: Float[Tensor, "B H W d"], boxes: Float[Tensor, "B R 4"] | None) -> Float[Tensor, "B R q d"]:
        """Region tokens with their region's embedding."""
        if self.where is not None:
            return self.places(F).flatten(3) @ F.flatten(1, 2)[:, None] + self.region[:, None]
        if boxes is None:
            boxes = torch.as_tensor(CANONICAL_BOXES, dtype=F.dtype, device=F.device).expand(len(F), -1, -1)
        if boxes.shape[1] != len(self.region):
            raise InputError(f"HCA has {len(self.region)} regions but got {boxes.shape[1]} boxes an image.")
        return region_queries(F, boxes, self.side) + self.region[:, None]

    def _blocks(self) -> list[CrossBlock]:
        return [cast("CrossBlock", block) for block in self.blocks]

    def places(self, F: Float[Tensor, "B H W d"]) -> Float[Tensor, "B R q H W"]:
        """Weights of the map's places in each query of learned regions; each sums to 1."""
        if self.where is None:
            raise InputError('HCA has places of its own only with find="learned".')
        scores = self.where(F).flatten(1, 2).softmax(dim=1)
        return scores.transpose(1, 2).unflatten(1, (len(self.region), -1)).unflatten(3, F.shape[1:3])

    def contexts(self, F: Float[Tensor, "B H W d"]) -> list[Float[Tensor, "B M d"]]:
        """The map at each scale (sides rounded up), with the scale's embedding."""
        X = F.permute(0, 3, 1, 2)
        pooled = [X if s == 1 else avg_pool2d(X, s, ceil_mode=True, count_include_pad=False) for s in self.scales]
        return [x.flatten(2).transpose(1, 2) + e for x, e in zip(pooled, self.scale, strict=True)]

    def attention(
        self, F: Float[Tensor, "B _ _ _"], boxes: Float[Tensor, "B R 4"] | None = None
    ) -> list[Float[Tensor, "B R h w"]]:
        """How much each region reads from each place, at each scale in its own grid; sums to 1. For pictures."""
        F = channels_last(F, self.dim, self.layout)
        Q, (H, W), found = self.queries(F, boxes), F.shape[1:3], []
        for block, X, s in zip(self._blocks(), self.contexts(F), self.scales, strict=True):
            A = block.attn.weights(block.norm_q(Q.flatten(1, 2)), block.norm_kv(X)).mean(1)  # over heads
            A = A.unflatten(1, Q.shape[1:3]).mean(2)  # over queries
            found.append(A.unflatten(2, (-(-H // s), -(-W // s))))
        return found
