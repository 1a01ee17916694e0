"""DCAL's weighting of several losses by learned uncertainties."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from twinlib.losses.head import wide
from twinlib.losses.term import StepView, Term
from twinlib.methods import dcal


def uncertainty_weighted(losses: Float[Tensor, " K"], w: Float[Tensor, " K"]) -> Float[Tensor, ""]:
    r"""Losses weighted by learned uncertainties, and the price of being uncertain.

    .. math:: \tfrac12 \sum_k e^{-w_k} L_k + w_k

    Args:
        losses: the K losses.
        w: log-variances; at the optimum w = ln L.

    Source:
        Zhu et al., DCAL, CVPR 2022, after Kendall, Gal and Cipolla, CVPR 2018.
    """
    return ((-w).exp() * wide(losses) + w).sum() / 2


class Uncertainty(nn.Module):
    """Owns one log-variance per loss, from 0.

    Args:
        count: number of losses.
    """

    def __init__(self, count: int) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.zeros(count))

    def forward(self, losses: Float[Tensor, " K"]) -> Float[Tensor, ""]:
        """Weighted sum of the losses."""
        return uncertainty_weighted(losses, self.w)


class Branches(Term):
    """DCAL's sum of the head's losses of embedding and branches, weighted by learned uncertainties.

    Reads the extra outputs named by `of`, embeddings as wide as the main one; all share the head's class centres.
    """

    holds_head = True

    def __init__(self, cfg: dcal.Branches) -> None:
        super().__init__()
        self.wanted = cfg.of
        self.uncertainty = Uncertainty(1 + len(cfg.of))

    def forward(self, view: StepView) -> Float[Tensor, ""]:
        """Weighted sum of the losses."""
        branches = [view.embedding, *(view.outputs[name] for name in self.wanted)]
        return self.uncertainty(torch.stack([view.head(branch) for branch in branches]))
