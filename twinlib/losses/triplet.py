"""The twin triplet: per anchor the farthest image of itself against the nearest image of its twin."""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from twinlib import losses
from twinlib.errors import InputError
from twinlib.losses.head import cosines
from twinlib.losses.term import StepView, Term

OVER = ("anchors", "all", "nonzero")


def hardest(
    d: Float[Tensor, "B B"], subject: Int[Tensor, " B"], negative: Bool[Tensor, "B B"]
) -> tuple[Float[Tensor, " B"], Float[Tensor, " B"]]:
    """Distance to the farthest positive and to the nearest negative of each anchor.

    Args:
        d: distances.
        subject: identity; positives are the other images of the anchor's.
        negative: which images are the negatives of each anchor (row).

    Returns:
        −inf where an anchor has no positive, +inf where it has no negative.
    """
    itself = torch.eye(len(d), dtype=torch.bool, device=d.device)
    positive = (subject[:, None] == subject[None]) & ~itself
    return d.masked_fill(~positive, -torch.inf).amax(1), d.masked_fill(~negative, torch.inf).amin(1)


def twin_triplet(
    embedding: Float[Tensor, "B E"],
    subject: Int[Tensor, " B"],
    family: Int[Tensor, " B"],
    margin: float = 0.5,
    over: str = "anchors",
) -> Float[Tensor, ""]:
    r"""Batch-hard triplet loss in cosine distance whose negative is the twin where the batch holds one.

    .. math:: \frac{1}{|A|}\sum_{a \in A} \max\{0,\; \max_{p} d(a, p) - \min_{n} d(a, n) + \text{margin}\},
              \qquad d = 1 - \cos

    p runs over the other images of the anchor's subject; n over the images of its twin (same family, other subject)
    if the batch has one, else over all other subjects; A are the anchors with a positive and a negative. The
    term of any other anchor is 0.

    Args:
        embedding: any length; compared by cosine.
        subject: identity of each image.
        family: family of each image; twins share it.
        margin: in cosine distance, 0 to 2.
        over: what the mean runs over. anchors: A; nonzero: those of A whose term is not 0 (the default elsewhere, which
            hides that triplets are solved); all: every image, one without a positive counting as if it were at
            distance 0.

    Returns:
        Mean, computed in float32 or better; 0 (with a graph) if there is nothing to average.

    Raises:
        InputError: for an unknown `over`.

    Source:
        The paper's twin-aware triplet term, made exact in our notes; without twins it is batch-hard triplet loss.
    """
    if over not in OVER:
        raise InputError(f"triplet.over {over!r} is unknown; known: {', '.join(OVER)}.")
    d = 1 - cosines(embedding, embedding)
    same = subject[:, None] == subject[None]
    twin = (family[:, None] == family[None]) & ~same
    positive, negative = hardest(d, subject, torch.where(twin.any(1, keepdim=True), twin, ~same))
    if over == "all":
        positive = positive.masked_fill(positive.isinf(), 0)
        return (positive - negative + margin).clamp_min(0).mean()
    term = (positive - negative + margin).clamp_min(0)
    counted = term > 0 if over == "nonzero" else positive.isfinite() & negative.isfinite()
    return term.sum() / counted.sum().clamp_min(1)


class TwinTriplet(Term):
    """Batch-hard triplet whose negative is the twin."""

    def __init__(self, cfg: losses.TwinTriplet) -> None:
        super().__init__()
        self.cfg = cfg

    def forward(self, view: StepView) -> Float[Tensor, ""]:
        """Weight times the loss."""
        loss = twin_triplet(view.embedding, view.subject, view.family, self.cfg.margin)
        return self.cfg.weight * loss


class HardNegatives(Term):
    """Batch-hard triplet whose negative is the nearest image of any other identity: the twin triplet without twins."""

    def __init__(self, cfg: losses.HardNegatives) -> None:
        super().__init__()
        self.cfg = cfg

    def forward(self, view: StepView) -> Float[Tensor, ""]:
        """Weight times the loss."""
        nobodys_twin = view.subject  # a family of one for everybody
        return self.cfg.weight * twin_triplet(view.embedding, view.subject, nobodys_twin, self.cfg.margin)
