"""MagFace: the margin grows with the length of the embedding, and length is rewarded."""

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor

from twinlib import losses
from twinlib.errors import InputError
from twinlib.losses.head import Head, of_target, sine, with_target


def margin(a: Float[Tensor, " B"], cfg: losses.MagFace) -> Float[Tensor, " B"]:
    """m(a): from l_margin at l_a linearly to u_margin at u_a, radians."""
    return (cfg.u_margin - cfg.l_margin) / (cfg.u_a - cfg.l_a) * (a - cfg.l_a) + cfg.l_margin


def with_margin(c: Float[Tensor, "*S"], m: Float[Tensor, "..."], easy: bool) -> Float[Tensor, "*S"]:
    """Cosine of θ + m; `easy` falls back to c for c <= 0, else to c − m·sin m where θ + m passes π."""
    g = c * m.cos() - sine(c) * m.sin()  # cos(theta + m)
    if easy:
        return torch.where(c > 0, g, c)
    return torch.where(c > (math.pi - m).cos(), g, c - m * m.sin())


def clip(norm: Float[Tensor, " B"], l_a: float, u_a: float) -> Float[Tensor, " B"]:
    """Length clipped to [l_a, u_a]; the gradient passes at the bounds themselves, where torch's versions differ."""
    outside = (norm < l_a) | (norm > u_a)
    return torch.where(outside, norm.detach().clamp(l_a, u_a), norm)


def pull(a: Float[Tensor, " B"], u_a: float) -> Float[Tensor, ""]:
    """Mean of a/u_a² + 1/a, which falls up to a = u_a."""
    return (a / u_a**2 + 1 / a).mean()


def lambda_g_min(cfg: losses.MagFace) -> float:
    """Smallest weight of the pull with which the best length of an easy sample lies inside [l_a, u_a]."""
    slope = (cfg.u_margin - cfg.l_margin) / (cfg.u_a - cfg.l_a)
    return cfg.s * slope * cfg.u_a**2 * cfg.l_a**2 / (cfg.u_a**2 - cfg.l_a**2)


class MagFace(Head):
    r"""Softmax cross-entropy with the margin m(a) plus λ_g times the pull, a = clip(length, l_a, u_a).

    .. math:: z_{i y_i} = s\cos(\theta_{i y_i} + m(a_i)), \qquad L = \overline{\mathrm{CE}} + \lambda_g\,\overline{g(a)}

    The gradient flows through a into both terms, and is 0 outside [l_a, u_a]. Lengths of short runs or fine-tuned
    networks fill a narrow band: look at `report` and fit the bounds.

    Args:
        cfg: scale, bounds, margins, weight of the pull, easy and ramp.
        width: size of the embedding.
        classes: number of identities.

    Raises:
        InputError: if lambda_g is below its least useful value.

    Source:
        Meng et al., MagFace, CVPR 2021; `easy` is what its released code trains with, the paper does not say so. The
        code's own default of 20 for lambda_g is below the least value of 22.59 and only warned of there.
    """

    norms: Tensor

    def __init__(self, cfg: losses.MagFace, width: int, classes: int) -> None:
        super().__init__(cfg.ramp, width, classes)
        if cfg.lambda_g < lambda_g_min(cfg):
            raise InputError(
                f"loss.lambda_g must be at least {lambda_g_min(cfg):.4g} for these bounds, margins and scale; "
                f"got {cfg.lambda_g}."
            )
        self.cfg = cfg
        self.register_buffer("norms", torch.zeros(3), persistent=False)

    def logits(self, embedding: Float[Tensor, "B E"], label: Int[Tensor, " B"], grown: float = 1.0) -> Tensor:
        """Scaled logits with the margins grown so far."""
        a = self._clipped(embedding)
        cos = self.cosine(embedding)
        target = with_margin(of_target(cos, label), grown * margin(a, self.cfg), self.cfg.easy)
        return self.cfg.s * with_target(cos, label, target)

    def extra(self, embedding: Float[Tensor, "B E"]) -> Float[Tensor, ""]:
        """The weighted pull towards long embeddings."""
        return self.cfg.lambda_g * pull(self._clipped(embedding), self.cfg.u_a)

    def report(self) -> dict[str, float]:
        """Shortest, mean and longest embedding of the last batch without NaN or infinity."""
        return dict(zip(("norm_min", "norm_mean", "norm_max"), self.norms.tolist(), strict=True))

    def _clipped(self, embedding: Tensor) -> Tensor:
        norm = torch.linalg.vector_norm(embedding, dim=1)
        seen = torch.stack([norm.min(), norm.mean(), norm.max()]).detach()
        self.norms.copy_(torch.where(seen.isfinite().all(), seen, self.norms))
        return clip(norm, self.cfg.l_a, self.cfg.u_a)
