"""FAAM, the facial asymmetry attention module: each half of the face attends to the mirrored other half."""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, cat, nn

from twinlib.ahan.attention import CrossAttention, Layout, channels_last
from twinlib.errors import InputError

PLACE_CHANNELS = 16  # numbers of each place where places are kept, as in the grid head

Halves = tuple[Float[Tensor, "B N d"], Float[Tensor, "B N d"]]


def split_mirror(F: Float[Tensor, "B H W d"], midline: Float[Tensor, " B"] | None = None) -> Halves:
    """Left half and mirrored right half of a token map, as tokens that correspond row by row.

    Args:
        F: token map.
        midline: where each face's midline is, in [0, 1] of the width; the middle of the map if None.

    Raises:
        InputError: if the map has one column only.
    """
    W = F.shape[2]
    w = W // 2  # odd W: the middle column is dropped
    if w == 0:
        raise InputError(f"FAAM needs a token map at least 2 wide, got {W}.")
    if midline is None:
        L, R = F[:, :, :w], F[:, :, -w:].flip(2)
        return L.flatten(1, 2), R.flatten(1, 2)
    away = W / 2 - 0.5 - torch.arange(w, dtype=F.dtype, device=F.device)  # of a place from the midline, in columns
    middle = midline.to(F)[:, None] * W - 0.5
    return _columns(F, middle - away), _columns(F, middle + away)


def _columns(F: Float[Tensor, "B H W d"], at: Float[Tensor, "B w"]) -> Float[Tensor, "B N d"]:
    """The map at fractional columns, linearly between its own; the outermost column goes on beyond the edge."""
    W = F.shape[2]
    own = torch.arange(W, dtype=F.dtype, device=F.device)
    weight = (1 - (at.clamp(0, W - 1)[:, :, None] - own).abs()).clamp(min=0)
    return torch.einsum("bkw,bhwd->bhkd", weight, F).flatten(1, 2)


def midline_of(boxes: Float[Tensor, "B R 4"]) -> Float[Tensor, " B"]:
    """Midline of a face, in [0, 1] of the width: the mean middle of its boxes of eyes, nose and mouth.

    Source:
        Our extension. These boxes are the extents of the detector's landmarks and go through augmentation as they do;
        the jaw's is left out, since the crop may cut it.
    """
    return boxes[:, :3, 0::2].mean(dim=(1, 2))


class FAAM(nn.Module):
    r"""Pooled difference between what the two halves of a face read from one another.

    .. math:: A = \mathrm{Attn}(L \to R), \quad B = \mathrm{Attn}(R \to L), \quad
              S = |A - B|, \quad f = \operatorname{mean}_n S_n

    L is the left half of the map, R the mirrored right half, Attn one cross-attention for both directions with a
    shared layer norm before it and neither residual, MLP nor positions. The output is therefore exactly the same for
    a map and its mirror image; `signed` keeps the sign, which then changes under mirroring.

    Args:
        dim: width d of the map.
        heads: heads of the cross-attention; divides dim.
        signed: S = A − B instead of its absolute value (our extension).
        norm: "none" keeps the size of the asymmetry; "token" applies a layer norm without bias to each row of S,
            which erases it (for the ablation).
        pool: "mean" over places, or "places": each reduced to 16 numbers and kept (our extension: *where* the halves
            differ stays known).
        layout: where the maps have their channels: "NHWC" (token grid, Swin) or "NCHW" (ConvNeXt).

    Examples:
        `FAAM(dim=768)(feature_map)` with a map [B, H, W, 768] of any height and width gives [B, 768].

    Source:
        The AHAN paper names split, flip, attention in both directions, absolute difference and pooling; the rest is
        our choice.
    """

    def __init__(
        self,
        dim: int,
        heads: int = 12,
        signed: bool = False,
        norm: Literal["none", "token"] = "none",
        layout: Layout = "NHWC",
        pool: Literal["mean", "places"] = "mean",
    ) -> None:
        super().__init__()
        self.dim, self.signed, self.layout = dim, signed, layout
        self.norm = nn.LayerNorm(dim)
        self.attn = CrossAttention(dim, heads)
        self.out = nn.LayerNorm(dim, bias=False) if norm == "token" else nn.Identity()
        # Without a bias, so that the signed form still changes its sign under mirroring.
        self.reduce = nn.Linear(dim, PLACE_CHANNELS, bias=False) if pool == "places" else None

    def features(self, H: int, W: int) -> int:
        """Length of the descriptor of a map of H × W places."""
        return self.dim if self.reduce is None else PLACE_CHANNELS * H * (W // 2)

    def difference(self, F: Float[Tensor, "B _ _ _"], midline: Float[Tensor, " B"] | None) -> Float[Tensor, "B N d"]:
        """S, one row for each pair of mirrored places, in row-major order of the left half; in full precision always.

        A and B are nearly equal: in bf16 their difference would be what rounding leaves of it.
        """
        kind = F.device.type
        if kind not in ("cpu", "cuda") or not torch.is_autocast_enabled(kind):
            return self._difference(F, midline)
        with torch.autocast(kind, enabled=False):
            return self._difference(F.float(), midline)

    def _difference(self, F: Float[Tensor, "B _ _ _"], midline: Float[Tensor, " B"] | None) -> Float[Tensor, "B N d"]:
        halves = split_mirror(channels_last(F, self.dim, self.layout), midline)
        L, R = (self.norm(half) for half in halves)
        A, B = self.attn.read(cat([L, R]), cat([R, L])).chunk(2)  # both directions in one call
        # The projection is linear: once on the difference, in which its bias cancels.
        difference = self.attn.proj(A - B) - self.attn.proj.bias
        return self.out(difference if self.signed else difference.abs())

    def forward(self, F: Float[Tensor, "B _ _ _"], midline: Float[Tensor, " B"] | None = None) -> Float[Tensor, "B f"]:
        """f, the asymmetry descriptor of each image: d numbers, or 16 for each place of a half.

        Args:
            F: feature map, in the module's layout.
            midline: of each face, in [0, 1] of the width; the middle of the map if None.
        """
        S = self.difference(F, midline)
        return S.mean(dim=1) if self.reduce is None else self.reduce(S).flatten(1)

    def asymmetry_map(
        self, F: Float[Tensor, "B _ _ _"], midline: Float[Tensor, " B"] | None = None
    ) -> Float[Tensor, "B H w"]:
        """Length of S at each place of the left half, w = ⌊W / 2⌋; for pictures."""
        H, W = channels_last(F, self.dim, self.layout).shape[1:3]
        return self.difference(F, midline).norm(dim=2).unflatten(1, (H, W // 2))
