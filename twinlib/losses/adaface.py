"""AdaFace: the margin follows the length of the embedding, a stand-in for the quality of the image."""

import math

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from twinlib import losses
from twinlib.errors import InputError
from twinlib.losses.head import Head, of_target, sine, straight_through, with_target

EPS = 1e-3
START = (20.0, 100.0)  # mean and standard deviation before the first batch, as released


def running_statistics(
    norm: Float[Tensor, " B"], mean: Float[Tensor, ""], std: Float[Tensor, ""], alpha: float
) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
    """Exponential averages of the mean and the unbiased standard deviation; a batch of one leaves the deviation."""
    new = norm.std() if len(norm) > 1 else std
    return alpha * norm.mean() + (1 - alpha) * mean, alpha * new + (1 - alpha) * std


def margin_scaler(
    norm: Float[Tensor, " B"], mean: Float[Tensor, ""], std: Float[Tensor, ""], h: float
) -> Float[Tensor, " B"]:
    """Scaler k in [−1, 1]: how far the length lies above its running mean."""
    return (h * (norm - mean) / (std + EPS)).clamp(-1, 1)


def head_form(c: Float[Tensor, " B"], k: Float[Tensor, " B"], m: float) -> Float[Tensor, " B"]:
    """Target cos(θ − mk) − (m + mk), the angle clipped to [EPS, π − EPS]; true derivative, 0 where a clip acts."""
    theta = (c.arccos() - m * k).clamp(EPS, math.pi - EPS)
    return theta.cos() - (m + m * k)


def cvlface_form(c: Float[Tensor, " B"], k: Float[Tensor, " B"], m: float) -> Float[Tensor, " B"]:
    """The same without any clip; the derivative is that of c (straight-through)."""
    return straight_through(c, c * (m * k).cos() + sine(c) * (m * k).sin() - (m + m * k))


FORMS = {"head": head_form, "cvlface": cvlface_form}


def adaface_logits(
    cos: Float[Tensor, "B C"],
    label: Int[Tensor, " B"],
    k: Float[Tensor, " B"],
    s: float = 64.0,
    m: float = 0.4,
    form: str = "head",
) -> Float[Tensor, "B C"]:
    r"""Scaled logits with an angular and a cosine margin that depend on k.

    .. math:: z_{i y_i} = s\,[\cos(\theta_{i y_i} - m k_i) - (m + m k_i)]

    A long embedding (k > 0) gets less angular and more cosine margin, a short one the reverse.

    Args:
        cos: cosine of embedding i to class centre j.
        label: index of the true class, in [0, C).
        k: from `margin_scaler`, a constant for the gradient.
        s: scale.
        m: margin, in radians and in cosine.
        form: head (all cosines clipped to ±(1 − 1e-3), angle clipped, true derivative) or cvlface (neither clip,
            straight-through).

    Raises:
        InputError: if m is outside [0, 1] or `form` is unknown.

    Source:
        Kim et al., AdaFace, CVPR 2022; head: its released code; cvlface: the form in CVLface, made for partial FC.
    """
    if not 0 <= m <= 1:
        raise InputError(f"loss.m of adaface must lie in [0, 1]; got {m} (degrees?).")
    if form not in FORMS:
        raise InputError(f"loss.form {form!r} is unknown; known: {', '.join(FORMS)}.")
    if form == "head":
        cos = cos.clamp(-1 + EPS, 1 - EPS)
    return s * with_target(cos, label, FORMS[form](of_target(cos, label), k, m))


class AdaFace(Head):
    """Softmax cross-entropy over AdaFace logits; owns class centres and, as buffers, the running statistics.

    In training mode the statistics take in the batch before they are used; in evaluation mode they stand still.
    From the released start of 20 and 100 they need some 350 batches to come near the truth, and until then k hardly
    varies: short runs start from the first batch (`start: measured`). They are those of this process.

    Args:
        cfg: scale, margin, h, t_alpha, start, form and ramp.
        width: size of the embedding.
        classes: number of identities.
    """

    mean: Float[Tensor, ""]
    std: Float[Tensor, ""]
    measured: Bool[Tensor, ""]

    def __init__(self, cfg: losses.AdaFace, width: int, classes: int) -> None:
        super().__init__(cfg.ramp, width, classes)
        self.s, self.m, self.h, self.t_alpha, self.form = cfg.s, cfg.m, cfg.h, cfg.t_alpha, cfg.form
        self.register_buffer("mean", torch.tensor(START[0]))
        self.register_buffer("std", torch.tensor(START[1]))
        self.register_buffer("measured", torch.tensor(cfg.start != "measured"))  # False: the next batch sets them

    def logits(self, embedding: Float[Tensor, "B E"], label: Int[Tensor, " B"], grown: float = 1.0) -> Tensor:
        """AdaFace logits with the margin grown so far; takes in the batch's lengths in training mode."""
        length = torch.linalg.vector_norm(embedding.detach(), dim=1)
        norm = length.clamp(EPS, 100)
        if self.training:
            self._take_in(norm, length.isfinite().all())
        k = margin_scaler(norm, self.mean, self.std, self.h)
        return adaface_logits(self.cosine(embedding), label, k, self.s, grown * self.m, self.form)

    def _take_in(self, norm: Tensor, finite: Tensor) -> None:
        """The lengths of a batch; one that holds NaN or infinity leaves everything as it was."""
        first = running_statistics(norm, self.mean, self.std, 1.0)
        later = running_statistics(norm, self.mean, self.std, self.t_alpha)
        for buffer, early, late in zip((self.mean, self.std), first, later, strict=True):
            new = torch.where(self.measured, late, early)  # no branch: a GPU would have to wait for it
            buffer.copy_(torch.where(finite, new, buffer))
        self.measured.logical_or_(finite)

    def report(self) -> dict[str, float]:
        """The running mean and standard deviation of the length."""
        return {"norm_mean": float(self.mean), "norm_std": float(self.std)}
