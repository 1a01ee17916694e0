"""TransFace's hard-sample mining: samples whose tokens vary little, and so say little, count more."""

import math

from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import cross_entropy

from twinlib.errors import InputError
from twinlib.losses.head import full_precision, wide
from twinlib.losses.term import StepView, Term
from twinlib.methods import transface

LEAST = 0.01  # of a token's deviation in the paper's form: no sample then counts more than 25 times
INFORMATION = {
    "std": lambda std: std,  # the released code
    "gaussian": lambda std: std.clamp_min(LEAST).log() + 0.5 + 0.5 * math.log(2 * math.pi),  # the paper
}


def ehsm_weight(tokens: Float[Tensor, "B P d"], information: str = "std") -> Float[Tensor, " B"]:
    r"""Weight of each sample from the spread of its patch tokens, a constant for the gradient.

    .. math:: w = 1 + \exp\left(-\frac1P \sum_p H(\sigma_p)\right)

    σ is the unbiased standard deviation of a token over its d features. Pass it to a head as `sample_weight`.

    Args:
        tokens: last patch tokens, without a class token.
        information: std takes H = σ, as the released code; gaussian H = ln σ + ½ + ½ ln 2π, the entropy in the paper,
            which that code switched off for being unstable: w grows without bound as σ falls to 0. Here σ counts as
            at least .01 (our choice), which bounds w by 25.2; tokens after a layer norm have a σ near 1.

    Raises:
        InputError: for an unknown kind of information, or tokens of one feature, which have no deviation.

    Source:
        Dan et al., TransFace, ICCV 2023.
    """
    if information not in INFORMATION:
        raise InputError(f"information {information!r} is unknown; known: {', '.join(INFORMATION)}.")
    if min(tokens.shape[1:]) < 1 or tokens.shape[2] < 2:
        raise InputError(f"EHSM needs tokens of at least two features, [B, P, d]; got {list(tokens.shape)}.")
    std = wide(tokens.detach()).std(dim=2)
    return 1 + (-INFORMATION[information](std).mean(dim=1)).exp()


def ehsm_loss(
    logits: Float[Tensor, "B C"], label: Int[Tensor, " B"], weight: Float[Tensor, " B"], floor: float = 1e-30
) -> Float[Tensor, ""]:
    """Weighted mean cross-entropy whose value, not its gradient, stops at the floor of the probability.

    Args:
        logits: scaled, with the margin.
        label: true class.
        weight: from `ehsm_weight`.
        floor: smallest probability in the logged value; −ln 1e-30 = 69.08.
    """
    with full_precision(logits):
        ce = cross_entropy(wide(logits), label, reduction="none")
        ce = ce + (ce.clamp_max(-math.log(floor)) - ce).detach()
        return (weight.detach() * ce).mean()


class EHSM(Term):
    """TransFace's sample weights; adds nothing of its own. Reads the extra output `tokens`."""

    wanted = ("tokens",)

    def __init__(self, cfg: transface.EHSM) -> None:
        super().__init__()
        self.cfg = cfg

    def sample_weight(self, view: StepView) -> Float[Tensor, " B"]:
        """Weights from the spread of the tokens."""
        return ehsm_weight(view.outputs["tokens"], self.cfg.information)
