"""What every classification loss is: one centre per class, cosines to them, a margin, softmax cross-entropy."""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from twinlib import losses
from twinlib.errors import InputError
from twinlib.models.unit import unit


def wide(x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Float64 as it is, everything shorter as float32."""
    return x if x.dtype == torch.float64 else x.float()


def full_precision(x: Tensor) -> torch.autocast:
    """Context without autocast on the device of x: at s = 64 half a per cent of a cosine is a third of a logit."""
    return torch.autocast(x.device.type, enabled=False)


def cosines(a: Float[Tensor, "A E"], b: Float[Tensor, "B E"]) -> Float[Tensor, "A B"]:
    """Cosine of every row of a with every row of b, in float32 or better even inside autocast.

    That of a row of zeros is 0, and no gradient reaches it.
    """
    with full_precision(a):
        return unit(wide(a)) @ unit(wide(b)).T


def of_target(cos: Float[Tensor, "B C"], label: Int[Tensor, " B"]) -> Float[Tensor, " B"]:
    """Entry of the true class of each row."""
    return cos.gather(1, label[:, None])[:, 0]


def with_target(cos: Float[Tensor, "B C"], label: Int[Tensor, " B"], target: Float[Tensor, " B"]) -> Tensor:
    """Copy of cos whose entry of the true class is `target`."""
    return cos.scatter(1, label[:, None], target[:, None])


def straight_through(c: Float[Tensor, " B"], value: Float[Tensor, " B"]) -> Float[Tensor, " B"]:
    """The value of `value` with the derivative of c, as released codes that set the margin without a gradient."""
    return c + (value - c).detach()


def sine(c: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Sine of the angle whose cosine is c; its derivative is 0, not infinite, at c = ±1 and just outside."""
    return (1 - c * c).clamp_min(1e-18).sqrt()


class Head(nn.Module):
    """Softmax cross-entropy over logits that a subclass makes from embeddings and class centres.

    Args:
        ramp: share of the training over which the margin grows from 0; 0 gives the full margin at once.
        width: size of the embedding.
        classes: number of identities.

    Raises:
        InputError: for fewer than two identities or a ramp outside [0, 1].
    """

    def __init__(self, ramp: float, width: int, classes: int) -> None:
        super().__init__()
        if classes < 2:
            raise InputError(
                f"loss {type(self).__name__.lower()} needs at least 2 training identities; got {classes}. Add families."
            )
        if not 0 <= ramp <= 1:
            raise InputError(f"loss.ramp is a share of the training, in [0, 1]; got {ramp}.")
        self.ramp = ramp
        self.weight = nn.Parameter(torch.randn(classes, width) * 0.05)

    def cosine(self, embedding: Float[Tensor, "B E"]) -> Float[Tensor, "B C"]:
        """Cosine of each embedding with each class centre; its largest entry is the predicted class."""
        return cosines(embedding, self.weight)

    def nearest(self, embedding: Float[Tensor, "B E"]) -> Int[Tensor, " B"]:
        """The nearest class centre of each embedding."""
        return self.cosine(embedding).argmax(1)

    def right(self, embedding: Float[Tensor, "B E"], label: Int[Tensor, " B"]) -> Bool[Tensor, " B"]:
        """Whether it is the image's own."""
        return self.nearest(embedding) == label

    def logits(
        self, embedding: Float[Tensor, "B E"], label: Int[Tensor, " B"], grown: float = 1.0
    ) -> Float[Tensor, "B C"]:
        """Scaled logits; `grown` in [0, 1] is how much of the margin applies."""
        raise NotImplementedError

    def sample_weights(self, logits: Float[Tensor, "B C"], label: Int[Tensor, " B"]) -> Float[Tensor, " B"] | None:
        """Factors of the samples that follow from the logits, constants for the gradient; None: all 1."""
        return None

    def extra(self, embedding: Float[Tensor, "B E"]) -> Float[Tensor, ""] | float:
        """Term beside the cross-entropy."""
        return 0.0

    def report(self) -> dict[str, float]:
        """Numbers worth a line in the training history."""
        return {}

    def forward(
        self,
        embedding: Float[Tensor, "B E"],
        label: Int[Tensor, " B"],
        done: float = 1.0,
        sample_weight: Float[Tensor, " B"] | None = None,
    ) -> Float[Tensor, ""]:
        """Mean loss in float32 (float64 for float64 input), inside autocast too.

        Args:
            embedding: any length; what the network gave.
            label: identity, in [0, C).
            done: share of the training that is over, in [0, 1], for the ramp.
            sample_weight: factor of each sample's cross-entropy, a constant for the gradient; the mean still divides
                by B.

        Raises:
            InputError: for an empty batch.
        """
        if not len(label):
            raise InputError(f"loss {type(self).__name__.lower()} needs at least one sample; the batch is empty.")
        grown = min(1.0, done / self.ramp) if self.ramp else 1.0
        with full_precision(embedding):
            embedding = wide(embedding)
            logits = self.logits(embedding, label, grown)
            ce = cross_entropy(logits, label, reduction="none")
            for weight in (sample_weight, self.sample_weights(logits.detach(), label)):
                ce = ce if weight is None else weight.detach() * ce
            return ce.mean() + self.extra(embedding)


class NoHead(nn.Module):
    """No classification loss: 0, without class centres."""

    @classmethod
    def of(cls, cfg: losses.NoHead, width: int, classes: int) -> "NoHead":
        """As a configuration names it: nothing of what a head is built from is needed."""
        return cls()

    def forward(
        self,
        embedding: Float[Tensor, "B E"],
        label: Int[Tensor, " B"],
        done: float = 1.0,
        sample_weight: Float[Tensor, " B"] | None = None,
    ) -> Float[Tensor, ""]:
        """0, whatever the embedding."""
        return embedding.new_zeros(())

    def report(self) -> dict[str, float]:
        """Nothing."""
        return {}
