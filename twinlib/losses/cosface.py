"""CosFace: a margin subtracted from the cosine of the true class."""

from jaxtyping import Float, Int
from torch import Tensor

from twinlib import losses
from twinlib.errors import InputError
from twinlib.losses.head import Head, of_target, with_target

END = {"insight": 0.0, "clip": 1e-4}  # distance that the cosines keep from ±1


def cosface_logits(
    cos: Float[Tensor, "B C"], label: Int[Tensor, " B"], s: float = 64.0, m: float = 0.4, ends: str = "insight"
) -> Float[Tensor, "B C"]:
    r"""Scaled logits with an additive cosine margin on the true class.

    .. math:: z_{ij} = s\,(\cos\theta_{ij} - m\,[j = y_i])

    Args:
        cos: cosine of embedding i to class centre j.
        label: index of the true class, in [0, C).
        s: scale, no unit.
        m: margin in units of **cosine**, 0 <= m <= 1.
        ends: insight leaves the cosines alone; clip keeps all of them 1e-4 away from ±1, with derivative 0 beyond.

    Raises:
        InputError: if m is outside [0, 1] or `ends` is unknown.

    Source:
        Wang et al., CosFace, CVPR 2018; the clip is that of the head released beside AdaFace.
    """
    if not 0 <= m <= 1:
        raise InputError(f"margin m is a difference of cosines and must lie in [0, 1]; got {m} (degrees?).")
    if ends not in END:
        raise InputError(f"loss.ends {ends!r} is unknown; known: {', '.join(END)}.")
    if end := END[ends]:
        cos = cos.clamp(-1 + end, 1 - end)
    return s * with_target(cos, label, of_target(cos, label) - m)


class CosFace(Head):
    """Softmax cross-entropy over CosFace logits.

    Args:
        cfg: scale, margin, ramp and treatment of the ends.
        width: size of the embedding.
        classes: number of identities.
    """

    def __init__(self, cfg: losses.CosFace, width: int, classes: int) -> None:
        super().__init__(cfg.ramp, width, classes)
        self.s, self.m, self.ends = cfg.s, cfg.m, cfg.ends

    def logits(self, embedding: Float[Tensor, "B E"], label: Int[Tensor, " B"], grown: float = 1.0) -> Tensor:
        """CosFace logits with the margin grown so far."""
        return cosface_logits(self.cosine(embedding), label, self.s, grown * self.m, self.ends)
