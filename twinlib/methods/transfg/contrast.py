"""TransFG's contrastive term over all pairs of a batch."""

from jaxtyping import Float
from torch import Tensor

from twinlib.losses.contrastive import batch_contrastive
from twinlib.losses.term import StepView, Term
from twinlib.methods import transfg


class BatchContrastive(Term):
    """TransFG's contrastive loss over all pairs of the batch."""

    def __init__(self, cfg: transfg.BatchContrastive) -> None:
        super().__init__()
        self.cfg = cfg

    def forward(self, view: StepView) -> Float[Tensor, ""]:
        """Weight times the loss."""
        return self.cfg.weight * batch_contrastive(view.embedding, view.subject, self.cfg.margin)
