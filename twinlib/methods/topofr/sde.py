"""TopoFR's sample weights: hard samples, found by a mixture over prediction entropies, count more."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from twinlib.errors import InputError
from twinlib.losses.arcface import ArcFace
from twinlib.losses.head import of_target, wide
from twinlib.methods import topofr
from twinlib.methods.topofr.gum import fit

FORMS = {"paper": lambda p: 1 - p, "code": lambda p: 1 - p.floor()}  # of w2, from the true class's probability
SIGNS = ("position", "none")


def entropies(p: Float[Tensor, "B C"]) -> Float[Tensor, " B"]:
    """Entropy of each prediction, with the released floor of 1e-5 inside the logarithm (a sure one is just below 0)."""
    return -(p * (p + 1e-5).log()).sum(1)


def signed(entropy: Float[Tensor, " B"]) -> Float[Tensor, " B"]:
    """First entropy of every two in the batch negated; the last of an odd batch is left: the released code's signs."""
    sign = torch.ones_like(entropy)
    sign[: len(sign) // 2 * 2 : 2] = -1
    return sign * entropy


def structure_damage(
    logits: Float[Tensor, "B C"], label: Int[Tensor, " B"], form: str = "paper", sign: str = "position"
) -> Float[Tensor, " B"]:
    r"""Structure damage score of each sample, a constant for the gradient.

    .. math:: w = (2 - \gamma)\,(1 - p_y)

    γ is the posterior of an ordinary sample in the Gaussian–uniform mixture over the entropies of the batch.

    Args:
        logits: scaled, with the margin.
        label: true class.
        form: paper, or code: the released code writes p_y into whole numbers, so that the second factor is 1 except
            for p_y = 1 exactly.
        sign: position negates every second entropy of the batch (as released), whatever the samples are; none takes
            them as they are.

    Raises:
        InputError: for an unknown form or sign.

    Notes:
        The mixture is fitted on the CPU, so a GPU waits for it once per batch.

    Source:
        Dan et al., TopoFR, NeurIPS 2024.
    """
    if form not in FORMS:
        raise InputError(f"loss.damage {form!r} is unknown; known: {', '.join(FORMS)}.")
    if sign not in SIGNS:
        raise InputError(f"loss.sign {sign!r} is unknown; known: {', '.join(SIGNS)}.")
    p = wide(logits.detach()).softmax(1)
    entropy = entropies(p)
    gamma = fit((signed(entropy) if sign == "position" else entropy).cpu().double().numpy()).gamma
    return (2 - torch.from_numpy(gamma).to(p)) * FORMS[form](of_target(p, label))


class TopoFR(ArcFace):
    """ArcFace whose samples are weighted by their structure damage score.

    Args:
        cfg: that of ArcFace, and the form and sign of the score.
        width: size of the embedding.
        classes: number of identities.
    """

    def __init__(self, cfg: topofr.TopoFR, width: int, classes: int) -> None:
        super().__init__(cfg, width, classes)
        self.damage, self.sign = cfg.damage, cfg.sign

    def sample_weights(self, logits: Float[Tensor, "B C"], label: Int[Tensor, " B"]) -> Float[Tensor, " B"]:
        """Structure damage scores."""
        return structure_damage(logits, label, self.damage, self.sign)
