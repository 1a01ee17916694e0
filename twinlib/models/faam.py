"""FAAM, the facial asymmetry attention module: each half of the face asks the other, mirrored, what differs."""

from typing import Literal

from jaxtyping import Float
from torch import Tensor, cat, nn

from twinlib.errors import InputError
from twinlib.models.attention import CrossAttention


def split_mirror(F: Float[Tensor, "B H W d"]) -> tuple[Float[Tensor, "B N d"], Float[Tensor, "B N d"]]:
    """Left half and mirrored right half of a token map, as tokens that correspond row by row.

    Raises:
        InputError: if the map has one column only.
    """
    w = F.shape[2] // 2  # odd W: the middle column is dropped
    if w == 0:
        raise InputError(f"FAAM needs a token map at least 2 wide, got {F.shape[2]}.")
    L, R = F[:, :, :w], F[:, :, -w:].flip(2)
    return L.flatten(1, 2), R.flatten(1, 2)


class FAAM(nn.Module):
    r"""Pooled difference between what the two halves of a face read from one another.

    .. math:: A = \mathrm{Attn}(L \to R), \quad B = \mathrm{Attn}(R \to L), \quad
              S = |A - B|, \quad f = \operatorname{mean}_n S_n

    L is the left half of the map, R the mirrored right half, Attn one cross-attention for both directions with a
    shared layer norm before it and neither residual, MLP nor positions. The output is therefore exactly the same for
    a map and its mirror image; `signed` keeps the sign, which then changes under mirroring.

    Args:
        dim: width d of the map.
        heads: heads of the cross-attention.
        signed: S = A − B instead of its absolute value (our extension).
        norm: "none" keeps the size of the asymmetry; "token" applies a layer norm without bias to each row of S,
            which erases it (for the ablation).

    Source:
        The AHAN paper names split, flip, attention in both directions, absolute difference and pooling; the rest is
        our choice.
    """

    def __init__(
        self, dim: int, heads: int = 12, signed: bool = False, norm: Literal["none", "token"] = "none"
    ) -> None:
        super().__init__()
        self.signed = signed
        self.norm = nn.LayerNorm(dim)
        self.attn = CrossAttention(dim, heads)
        self.out = nn.LayerNorm(dim, bias=False) if norm == "token" else nn.Identity()

    def difference(self, F: Float[Tensor, "B H W d"]) -> Float[Tensor, "B N d"]:
        """S, one row for each pair of mirrored places, in row-major order of the left half."""
        L, R = (self.norm(half) for half in split_mirror(F))
        A, B = self.attn(cat([L, R]), cat([R, L])).chunk(2)  # both directions in one call
        return self.out(A - B if self.signed else (A - B).abs())

    def forward(self, F: Float[Tensor, "B H W d"]) -> Float[Tensor, "B d"]:
        """f, the asymmetry descriptor of each image."""
        return self.difference(F).mean(dim=1)

    def asymmetry_map(self, F: Float[Tensor, "B H W d"]) -> Float[Tensor, "B H w"]:
        """Length of S at each place of the left half, w = ⌊W / 2⌋; for pictures."""
        return self.difference(F).norm(dim=2).unflatten(1, (F.shape[1], -1))
