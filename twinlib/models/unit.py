"""Vectors of length 1, also where there is no direction."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import normalize


def unit(x: Float[Tensor, "B E"], eps: float = 1e-12) -> Float[Tensor, "B E"]:
    """Each row over its length; a row shorter than `eps` is divided by `eps`, and gets no gradient.

    torch's own passes such a row 1 / eps times the gradient, which ends a training: a vector of zeros has no direction
    that could be mended.
    """
    short = torch.linalg.vector_norm(x.detach(), dim=1, keepdim=True) < eps
    return normalize(torch.where(short, x.detach(), x), eps=eps)
