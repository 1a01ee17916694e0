"""Zero-dimensional persistence of a batch, with gradients through the lengths of the joining edges."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from twinlib.topology.h0 import h0_pairs


def distances(x: Float[Tensor, "n d"]) -> Float[Tensor, "n n"]:
    """Euclidean distances from differences, not from squares: equal rows are at exactly 0 and D is symmetric.

    The derivative at distance 0 is 0. Shorter types are widened to float32.
    """
    x = x if x.dtype == torch.float64 else x.float()
    return torch.cdist(x, x, compute_mode="donot_use_mm_for_euclid_dist")


def h0_deaths(D: Float[Tensor, "n n"]) -> tuple[Int[Tensor, "m 2"], Float[Tensor, " m"]]:
    """As `h0_pairs`, but the n − 1 lengths keep their gradient with respect to D.

    The pairs are constants, as they are in a neighbourhood of any D without equal lengths. They are found on the CPU:
    a spanning tree is n short steps in a row, which a GPU is slower at than the copy takes.
    """
    found, _ = h0_pairs(D.detach().cpu().numpy())
    pairs = torch.from_numpy(found).to(D.device)
    return pairs, D[pairs[:, 0], pairs[:, 1]]
