"""The loss of a step: the classification head's, and the terms beside it."""

from dataclasses import replace
from functools import partial

from jaxtyping import Float
from torch import Tensor, nn

from twinlib.config import LOSSES, TERMS, Experiment
from twinlib.losses.term import StepView


class Objective(nn.Module):
    """Head plus terms.

    Args:
        experiment: which; `triplet:` is the term twin_triplet by its older name.
        classes: number of identities.
    """

    def __init__(self, experiment: Experiment, classes: int) -> None:
        super().__init__()
        self.head = LOSSES.build(experiment.loss, experiment.model.embedding, classes)  # type: ignore[attr-defined]
        older = {} if experiment.triplet is None else {"twin_triplet": experiment.triplet}
        self.terms = nn.ModuleDict({name: TERMS.build(cfg) for name, cfg in (older | experiment.terms).items()})
        self.parts: dict[str, Tensor] = {}  # what each summand gave in the last step

    @property
    def wanted(self) -> tuple[str, ...]:
        """Extra outputs of the network that the terms read."""
        return tuple(dict.fromkeys(name for term in self.terms.values() for name in term.wanted))

    @property
    def wants_clean(self) -> bool:
        """Whether a term reads the images before the perturbation."""
        return any(term.wants_clean for term in self.terms.values())

    def forward(self, view: StepView) -> Float[Tensor, ""]:
        """The loss of a micro-batch; `view.head` is set here."""
        weight = None
        for term in self.terms.values():
            if (own := term.sample_weight(view)) is not None:
                weight = own if weight is None else weight * own
        view = replace(view, head=partial(self.head, label=view.subject, done=view.done, sample_weight=weight))
        self.parts = {}
        loss = None
        if not any(term.holds_head for term in self.terms.values()):
            loss = self.parts["head"] = view.head(view.embedding)
        for name, term in self.terms.items():
            self.parts[name] = term(view)
            loss = self.parts[name] if loss is None else loss + self.parts[name]
        return loss

    def report(self) -> dict[str, float]:
        """Numbers worth a line in the training history: the summands, if there are several, and the head's own."""
        several = (
            {f"loss_{name}": float(value.detach()) for name, value in self.parts.items()} if len(self.parts) > 1 else {}
        )
        inside = {f"loss_{name}_{part}": x for name, term in self.terms.items() for part, x in term.report().items()}
        return several | inside | self.head.report()
