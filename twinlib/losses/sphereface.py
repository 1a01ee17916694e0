"""SphereFace: the angle to the true class is multiplied."""

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor

from twinlib import losses
from twinlib.errors import InputError
from twinlib.losses.head import Head, of_target, with_target


def psi(c: Float[Tensor, " B"], m: int) -> Float[Tensor, " B"]:
    r"""The paper's monotone extension of :math:`\cos m\theta`, from 1 at θ = 0 to 1 − 2m at θ = π.

    .. math:: \psi(\theta) = (-1)^k\cos m\theta - 2k, \qquad \theta \in [k\pi/m,\,(k+1)\pi/m]

    Args:
        c: cos θ.
        m: whole number, at least 1.
    """
    before, now = torch.ones_like(c), c  # Chebyshev: cos mθ as a polynomial in cos θ, smooth at c = ±1
    for _ in range(m - 1):
        before, now = now, 2 * c * now - before
    k = sum((c < math.cos(j * math.pi / m)).to(c.dtype) for j in range(1, m))
    return (1 - 2 * (k % 2)) * now - 2 * k


def sphereface_logits(
    cos: Float[Tensor, "B C"], label: Int[Tensor, " B"], s: float | Float[Tensor, " B"], m: int, share: float
) -> Float[Tensor, "B C"]:
    """Scaled logits whose true class has (1 − share)·cos θ + share·ψ(θ).

    Args:
        cos: cosine of embedding i to class centre j.
        label: index of the true class, in [0, C).
        s: scale, or one per sample (the paper's: the length of the embedding).
        m: factor of the angle.
        share: of the margin, in [0, 1]; 1/(1 + λ) in the paper's annealing.

    Raises:
        InputError: if m is below 1.

    Source:
        Liu et al., SphereFace, CVPR 2017.
    """
    if m < 1:
        raise InputError(f"loss.m of sphereface multiplies the angle, a whole number of at least 1; got {m}.")
    c = of_target(cos, label)
    z = with_target(cos, label, (1 - share) * c + share * psi(c, m))
    return s[:, None] * z if isinstance(s, Tensor) else s * z


class SphereFace(Head):
    """Softmax cross-entropy over SphereFace logits.

    Args:
        cfg: factor of the angle, blend, scale and ramp.
        width: size of the embedding.
        classes: number of identities.
    """

    def __init__(self, cfg: losses.SphereFace, width: int, classes: int) -> None:
        super().__init__(cfg.ramp, width, classes)
        self.s, self.m, self.share = cfg.s, cfg.m, 1 / (1 + cfg.blend)

    def logits(self, embedding: Float[Tensor, "B E"], label: Int[Tensor, " B"], grown: float = 1.0) -> Tensor:
        """SphereFace logits with the margin's share grown so far."""
        s = torch.linalg.vector_norm(embedding, dim=1) if self.s is None else self.s
        return sphereface_logits(self.cosine(embedding), label, s, self.m, grown * self.share)
