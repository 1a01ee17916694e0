"""Cosines in full precision, and the three small steps that every margin shares."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from twinlib.models.unit import unit


def wide(x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Float64 as it is, everything shorter as float32."""
    return x if x.dtype == torch.float64 else x.float()


def full_precision(x: Tensor) -> torch.autocast:
    """Context without autocast on the device of x: at s = 64 half a per cent of a cosine is a third of a logit."""
    return torch.autocast(x.device.type, enabled=False)


def cosines(a: Float[Tensor, "A E"], b: Float[Tensor, "B E"]) -> Float[Tensor, "A B"]:
    """Cosine of every row of a with every row of b, in float32 or better even inside autocast.

    That of a row of zeros is 0, and no gradient reaches it.
    """
    with full_precision(a):
        return unit(wide(a)) @ unit(wide(b)).T


def of_target(cos: Float[Tensor, "B C"], label: Int[Tensor, " B"]) -> Float[Tensor, " B"]:
    """Entry of the true class of each row."""
    return cos.gather(1, label[:, None])[:, 0]


def with_target(cos: Float[Tensor, "B C"], label: Int[Tensor, " B"], target: Float[Tensor, " B"]) -> Tensor:
    """Copy of cos whose entry of the true class is `target`."""
    return cos.scatter(1, label[:, None], target[:, None])


def straight_through(c: Float[Tensor, " B"], value: Float[Tensor, " B"]) -> Float[Tensor, " B"]:
    """The value of `value` with the derivative of c, as released codes that set the margin without a gradient."""
    return c + (value - c).detach()


def sine(c: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Sine of the angle whose cosine is c; its derivative is 0, not infinite, at c = ±1 and just outside."""
    return (1 - c * c).clamp_min(1e-18).sqrt()
