"""ArcFace: an additive angular margin on the true class, in the three treatments that were released."""

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor

from twinlib import losses
from twinlib.errors import InputError
from twinlib.losses.head import Head, of_target, sine, straight_through, with_target

END = 1e-4  # distance that `clip` keeps from ±1 and from 0 and pi


def fallback(c: Float[Tensor, " B"], m: float) -> Float[Tensor, " B"]:
    """Cosine of θ + m; where that would pass π, c − m·sin m, so that it falls with θ all the way. True derivative."""
    target = c * math.cos(m) - sine(c) * math.sin(m)  # cos(theta + m)
    wrapped = c <= math.cos(math.pi - m)  # theta + m would pass pi
    return torch.where(wrapped, c - m * math.sin(m), target)


def insight(c: Float[Tensor, " B"], m: float) -> Float[Tensor, " B"]:
    """Cosine of θ + m everywhere, which rises again past π; the derivative is that of c (straight-through)."""
    return straight_through(c, c * math.cos(m) - sine(c) * math.sin(m))


def clip(c: Float[Tensor, " B"], m: float) -> Float[Tensor, " B"]:
    """Cosine of θ + m clipped to [END, π − END]; derivative 0 where the clip is active."""
    theta = c.clamp(-1 + END, 1 - END).arccos()
    return (theta + m).clamp(END, math.pi - END).cos()


PAST_PI = {"fallback": fallback, "insight": insight, "clip": clip}


def arcface_logits(
    cos: Float[Tensor, "B C"], label: Int[Tensor, " B"], s: float = 64.0, m: float = 0.5, past_pi: str = "fallback"
) -> Float[Tensor, "B C"]:
    r"""Scaled logits with an additive angular margin on the true class.

    .. math:: z_{ij} = s\cos(\theta_{ij} + m\,[j = y_i]), \qquad \theta_{ij} = \arccos(\cos_{ij})

    Args:
        cos: cosine of embedding i to class centre j, in [-1, 1].
        label: index of the true class, in [0, C).
        s: scale, no unit.
        m: margin in **radians** (0.5 rad = 28.6 degrees), 0 <= m <= pi/2.
        past_pi: fallback, insight or clip: what the target is where theta + m passes pi, and which derivative.

    Returns:
        Logits for a softmax cross-entropy.

    Raises:
        InputError: if m is outside [0, pi/2] or `past_pi` is unknown.

    Notes:
        All three are finite at cos = ±1, with their gradients.

    Source:
        Deng et al., ArcFace, CVPR 2019, which does not say what happens past pi. `fallback` is the classic released
        form, `insight` the one insightface has used since the end of 2022, `clip` the one beside AdaFace's code.
    """
    if not 0 <= m <= math.pi / 2:
        raise InputError(f"margin m is in radians and must lie in [0, pi/2]; got {m} (degrees?).")
    if past_pi not in PAST_PI:
        raise InputError(f"loss.past_pi {past_pi!r} is unknown; known: {', '.join(PAST_PI)}.")
    if past_pi == "clip":
        cos = cos.clamp(-1 + END, 1 - END)  # all classes, as released
    return s * with_target(cos, label, PAST_PI[past_pi](of_target(cos, label), m))


class ArcFace(Head):
    """Softmax cross-entropy over ArcFace logits; owns one centre per class.

    Args:
        cfg: scale, margin, ramp and the treatment past pi.
        width: size of the embedding.
        classes: number of identities.
    """

    def __init__(self, cfg: losses.ArcFace, width: int, classes: int) -> None:
        super().__init__(cfg.ramp, width, classes)
        self.s, self.m, self.past_pi = cfg.s, cfg.m, cfg.past_pi

    def logits(self, embedding: Float[Tensor, "B E"], label: Int[Tensor, " B"], grown: float = 1.0) -> Tensor:
        """ArcFace logits with the margin grown so far."""
        return arcface_logits(self.cosine(embedding), label, self.s, grown * self.m, self.past_pi)
