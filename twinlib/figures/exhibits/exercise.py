"""Checks what a reader wrote against the library: FAAM's map of asymmetry."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from twinlib.ahan.faam import FAAM

SEED, SHAPE = 7, (2, 6, 6, 32)


def golden() -> tuple[FAAM, Float[Tensor, "2 6 6 32"], Float[Tensor, "2 6 3"]]:
    """A small FAAM with fixed weights, a token map, and the map of asymmetry that they must give."""
    torch.manual_seed(SEED)
    faam = FAAM(SHAPE[-1], heads=4).eval()
    F = torch.randn(SHAPE)
    with torch.no_grad():
        return faam, F, faam.asymmetry_map(F)


def check_faam(mine: Callable[[FAAM, Tensor], Tensor]) -> str:
    """What is right and wrong about a reader's FAAM, in a sentence.

    Args:
        mine: from the module, whose `norm` and `attn` hold the weights, and a token map [B, H, W, d] to S as
            [B, N, d], a row for each pair of mirrored places in row-major order of the left half.
    """
    faam, F, wanted = golden()
    with torch.no_grad():
        S = mine(faam, F)
    if S is None:
        return "Not written yet: return S."
    B, H, W, d = F.shape
    if tuple(S.shape) != (B, H * (W // 2), d):
        return f"The shape is {tuple(S.shape)}; wanted {(B, H * (W // 2), d)}: a row for each place of the left half."
    if bool((S < 0).any()):
        return "S has negative numbers: FAAM takes the absolute difference."
    off = (S.norm(dim=2).unflatten(1, (H, W // 2)) - wanted).abs()
    if float(off.max()) > 1e-4:
        row, column = divmod(int(off[0].argmax()), W // 2)
        hint = "Is the right half mirrored, and are both normed?"
        return f"It differs most, by {float(off.max()):.3f}, in row {row}, column {column}. {hint}"
    return "Right: your map of asymmetry is FAAM's at every place."
