"""ArcFace: an additive angular margin on the true class."""

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize, one_hot

from twinlib import config
from twinlib.errors import InputError


def arcface_logits(
    cos: Float[Tensor, "B C"], label: Int[Tensor, " B"], s: float = 64.0, m: float = 0.5
) -> Float[Tensor, "B C"]:
    r"""Scaled logits with an additive angular margin on the true class.

    .. math:: z_{ij} = s\cos(\theta_{ij} + m\,[j = y_i]), \qquad \theta_{ij} = \arccos(\cos_{ij})

    Args:
        cos: cosine of embedding i to class centre j, in [-1, 1].
        label: index of the true class, in [0, C).
        s: scale, no unit.
        m: margin in **radians** (0.5 rad = 28.6 degrees), 0 <= m <= pi/2.

    Returns:
        Logits for a softmax cross-entropy.

    Raises:
        InputError: if m is outside [0, pi/2].

    Notes:
        Where theta + m passes pi the target is cos − m·sin m, which keeps the loss decreasing in cos. The gradient is
        the true derivative, finite at cos = ±1.

    Source:
        Deng et al., ArcFace, CVPR 2019. The branch past pi is not in the paper; three released treatments exist, this
        is the classic one (`arc_fallback` of the golden vectors).
    """
    if not 0 <= m <= math.pi / 2:
        raise InputError(f"margin m is in radians and must lie in [0, pi/2]; got {m} (degrees?).")
    sin = (1 - cos * cos).clamp_min(1e-18).sqrt()  # sin(theta)
    target = cos * math.cos(m) - sin * math.sin(m)  # cos(theta + m)
    wrapped = cos <= math.cos(math.pi - m)  # theta + m would pass pi
    target = torch.where(wrapped, cos - m * math.sin(m), target)
    return s * torch.where(one_hot(label, cos.shape[1]).bool(), target, cos)


class ArcFace(nn.Module):
    """Softmax cross-entropy over ArcFace logits; owns one centre per class.

    Args:
        cfg: scale, margin and ramp.
        width: size of the embedding.
        classes: number of identities.
    """

    def __init__(self, cfg: config.ArcFace, width: int, classes: int) -> None:
        super().__init__()
        if classes < 2:
            raise InputError(f"loss arcface needs at least 2 training identities; got {classes}.")
        self.s, self.m, self.ramp = cfg.s, cfg.m, cfg.ramp
        self.weight = nn.Parameter(torch.randn(classes, width) * 0.05)

    def forward(
        self, embedding: Float[Tensor, "B E"], label: Int[Tensor, " B"], done: float = 1.0
    ) -> Float[Tensor, ""]:
        """Mean loss in float32; `done` in [0, 1] is the share of the training that is over (for the margin's ramp)."""
        m = self.m * min(1.0, done / self.ramp) if self.ramp else self.m
        cos = normalize(embedding.float()) @ normalize(self.weight.float()).T
        return cross_entropy(arcface_logits(cos, label, self.s, m), label)
