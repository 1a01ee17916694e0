"""The terms by name: thin adapters from a step's view to the formulas."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import triplet_margin_loss

from twinlib import losses
from twinlib.errors import InputError
from twinlib.losses.contrastive import batch_contrastive
from twinlib.losses.cosine import wide
from twinlib.losses.term import StepView, Term
from twinlib.losses.triplet import twin_triplet
from twinlib.methods import dcal, miao, ndtwin, symface, topofr, transface, transfg
from twinlib.methods.dcal.uncertainty import Uncertainty
from twinlib.methods.ndtwin.ndtwin import Features, ndtwin_parts
from twinlib.methods.symface.symface import SymFace as SymFaceLoss
from twinlib.methods.symface.symface import face_weight
from twinlib.methods.topofr.ptsa import Alignment as AlignmentLoss
from twinlib.methods.transface.ehsm import ehsm_weight


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


class Triplet(Term):
    """Triplet loss of a batch of anchor, positive, negative, anchor, …: max{‖a − p‖ − ‖a − n‖ + margin, 0}, mean."""

    def __init__(self, cfg: miao.Triplet) -> None:
        super().__init__()
        self.cfg = cfg

    def forward(self, view: StepView) -> Float[Tensor, ""]:
        """Weight times the loss.

        Raises:
            InputError: if the batch does not hold triplets.
        """
        if len(view.subject) % 3 or (view.subject[0::3] != view.subject[1::3]).any():
            raise InputError("term triplet needs batches of triplets: set sampler to triplets.")
        a, p, n = wide(view.embedding).unflatten(0, (-1, 3)).unbind(1)
        return self.cfg.weight * triplet_margin_loss(a, p, n, self.cfg.margin)


class Alignment(Term):
    """TopoFR's alignment of clean images and embeddings of the perturbed ones."""

    wants_clean = True

    def __init__(self, cfg: topofr.Alignment) -> None:
        super().__init__()
        self.alignment = AlignmentLoss(cfg)

    def forward(self, view: StepView) -> Float[Tensor, ""]:
        """Weight times the alignment."""
        return self.alignment(view.clean, view.embedding)


class SymFace(Term):
    """The pull between halves; the head's loss becomes the sum over the batch times T/N' (`face_weight`)."""

    def __init__(self, cfg: symface.SymFace) -> None:
        super().__init__()
        self.cfg = cfg

    def sample_weight(self, view: StepView) -> Float[Tensor, " B"] | None:
        """B · T/N' for every sample, so that the head's mean is the sum times T/N'; None in the form by batch."""
        if self.cfg.scale == "batch":
            return None
        size = len(view.subject)
        return view.frontness.new_full((size,), face_weight(size, view.lap.batches, view.lap.samples))

    def forward(self, view: StepView) -> Float[Tensor, ""]:
        """The pull in this batch."""
        left, right = (view.part == side for side in (1, 2))
        pull = SymFaceLoss(self.cfg, round(view.lap.batches), view.lap.split)
        return pull(view.embedding[left], view.embedding[right], view.frontness[left])


class EHSM(Term):
    """TransFace's sample weights; adds nothing of its own. Reads the extra output `tokens`."""

    wanted = ("tokens",)

    def __init__(self, cfg: transface.EHSM) -> None:
        super().__init__()
        self.cfg = cfg

    def sample_weight(self, view: StepView) -> Float[Tensor, " B"]:
        """Weights from the spread of the tokens."""
        return ehsm_weight(view.outputs["tokens"], self.cfg.information)


class BatchContrastive(Term):
    """TransFG's contrastive loss over all pairs of the batch."""

    def __init__(self, cfg: transfg.BatchContrastive) -> None:
        super().__init__()
        self.cfg = cfg

    def forward(self, view: StepView) -> Float[Tensor, ""]:
        """Weight times the loss."""
        return self.cfg.weight * batch_contrastive(view.embedding, view.subject, self.cfg.margin)


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


class NDTwin(Term):
    """NDTWIN's composite loss of a batch of pairs. Reads the extra outputs `whole`, `local` and `attention`."""

    wanted = ("whole", "local", "attention")

    def __init__(self, cfg: ndtwin.NDTwin) -> None:
        super().__init__()
        self.cfg, self.parts = cfg, {}

    def forward(self, view: StepView) -> Float[Tensor, ""]:
        """The loss of the pairs (0, 1), (2, 3) and so on.

        Raises:
            InputError: for an odd batch.
        """
        if len(view.subject) % 2:
            raise InputError("term ndtwin needs batches of pairs: set sampler to pairs.")
        given = (view.embedding, *(view.outputs[name] for name in self.wanted))
        a, b = (Features(*(x[side::2] for x in given)) for side in (0, 1))
        one, other = view.subject[0::2], view.subject[1::2]
        self.parts = ndtwin_parts(a, b, one == other, self.cfg, torch.cat([one, other]))
        return torch.stack(list(self.parts.values())).sum()

    def report(self) -> dict[str, float]:
        """Losses of the branches and of the attention, and of the fused embedding if that is trained."""
        return {name: float(value.detach()) for name, value in self.parts.items()}


TERMS: dict[str, type[Term]] = {
    "twin_triplet": TwinTriplet,
    "triplet": Triplet,
    "alignment": Alignment,
    "symface": SymFace,
    "ehsm": EHSM,
    "batch_contrastive": BatchContrastive,
    "hard_negatives": HardNegatives,
    "branches": Branches,
    "ndtwin": NDTwin,
}


def build_terms(settings: dict[str, object]) -> dict[str, Term]:
    """Terms by name, in the order given.

    Args:
        settings: name → its config dataclass.

    Raises:
        InputError: for an unknown name; the message lists the known ones.
    """
    if unknown := [name for name in settings if name not in TERMS]:
        raise InputError(f"term {unknown[0]!r} is unknown; known: {', '.join(sorted(TERMS))}.")
    return {name: TERMS[name](cfg) for name, cfg in settings.items()}  # type: ignore[call-arg]
