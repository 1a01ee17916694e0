"""Zero-dimensional persistence of a batch, with gradients through the lengths of the joining edges."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from twinlib.topology.persistence import h0_pairs


def distances(x: Float[Tensor, "n d"]) -> Float[Tensor, "n n"]:
    """Euclidean distances from differences, not from squares: equal rows are at exactly 0 and D is symmetric.

    The derivative at distance 0 is 0. Shorter types are widened to float32.

    Notes:
        `torch.cdist` without squares is some twenty times slower at this.
    """
    x = x if x.dtype == torch.float64 else x.float()
    i, j = torch.triu_indices(len(x), len(x), 1, device=x.device)
    upper = x.new_zeros(len(x), len(x)).index_put((i, j), torch.pdist(x))
    return upper + upper.T


def edge_lengths(x: Float[Tensor, "n d"], pairs: Int[Tensor, "m 2"]) -> Float[Tensor, " m"]:
    """Lengths of the given edges only, so that a gradient touches 2m rows and not all n² distances."""
    return torch.linalg.vector_norm(x[pairs[:, 0]] - x[pairs[:, 1]], dim=1)


def h0_deaths(D: Float[Tensor, "n n"]) -> tuple[Int[Tensor, "m 2"], Float[Tensor, " m"]]:
    """As `h0_pairs`, but the n − 1 lengths keep their gradient with respect to D.

    The pairs are constants, as they are in a neighbourhood of any D without equal lengths. They are found on the CPU:
    a spanning tree is n short steps in a row, which a GPU is slower at than the copy takes.
    """
    found, _ = h0_pairs(D.detach().cpu().numpy())
    pairs = torch.from_numpy(found).to(D.device)
    return pairs, D[pairs[:, 0], pairs[:, 1]]
