"""What a term of the loss is, and what it sees of a step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from jaxtyping import Float, Int
from torch import Tensor, nn

from twinlib.data.feed.samplers import Lap


@dataclass(frozen=True)
class StepView:
    """One micro-batch after the forward pass: all of it, also the images that other processes computed.

    Attributes:
        embedding: what the network gave, not normalised.
        outputs: the extra outputs of the network that the terms need, by name.
        subject: identity of each image.
        family: family of each image.
        part: 0 whole image, 1 left half, 2 right half (which follows its left one).
        frontness: ρ of each face, 0 where no landmarks are known.
        clean: images before the perturbation; None unless a term needs them.
        lap: the epoch.
        done: share of the training that is over.
        head: classification loss of an embedding of this batch.
    """

    embedding: Float[Tensor, "B E"]
    outputs: Mapping[str, Tensor]
    subject: Int[Tensor, " B"]
    family: Int[Tensor, " B"]
    part: Int[Tensor, " B"]
    frontness: Float[Tensor, " B"]
    clean: Float[Tensor, "B 3 H W"] | None
    lap: Lap
    done: float
    head: Callable[[Float[Tensor, "B E"]], Float[Tensor, ""]]


class Term(nn.Module):
    """A summand of the loss beside the classification head's; the base adds nothing.

    Attributes:
        wanted: extra outputs of the network that it reads.
        wants_clean: it reads the images before the perturbation.
        holds_head: its value holds the head's loss already (by `view.head`), so that this is not added again.
    """

    wanted: tuple[str, ...] = ()
    wants_clean: bool = False
    holds_head: bool = False

    def sample_weight(self, view: StepView) -> Float[Tensor, " B"] | None:
        """Factors of the samples' classification losses, constants for the gradient; None: all 1."""
        return None

    def forward(self, view: StepView) -> Float[Tensor, ""]:
        """The weighted summand."""
        return view.embedding.new_zeros(())

    def report(self) -> dict[str, float]:
        """Numbers of the last step that are worth a curve, by name."""
        return {}
