"""SymFace's loss: it pulls the embeddings of a face's halves together, by its frontness (`align.frontness`)."""

from jaxtyping import Float
from torch import Tensor, nn

from twinlib.errors import InputError
from twinlib.losses.head import wide
from twinlib.losses.term import StepView, Term
from twinlib.methods import symface
from twinlib.models.unit import unit as to_unit


def halves_distance(
    left: Float[Tensor, "S E"], right: Float[Tensor, "S E"], rho: Float[Tensor, " S"], unit: bool = False
) -> Float[Tensor, ""]:
    """Sum over split faces of ρ times the squared distance of the embeddings of their halves.

    Args:
        left: embeddings of the left halves; S may be 0.
        right: of the right halves, in the same order.
        rho: frontness of the faces.
        unit: scale embeddings to length 1 first; else as printed, raw.
    """
    left, right = (to_unit(wide(e)) if unit else wide(e) for e in (left, right))
    return (rho * (left - right).square().sum(1)).sum()


class Pull(nn.Module):
    r"""The symmetry loss of one batch, such that the mean over the steps of an epoch is the paper's sum exactly.

    .. math:: L_\rho = \frac{1}{2 p N_{sym}} \sum_i \rho_i\,\|E(x^l_i) - E(x^r_i)\|^2
              \quad\text{over the epoch}; \qquad \text{per batch: } \frac{T}{2 p N_{sym}} \sum_{i \in \text{batch}}

    T is the number of steps of the epoch. Empty and short batches need no special case. `scale: batch` divides by
    twice the batch's own count instead, which weights a half in a batch with few halves more; it is a variant.

    Args:
        cfg: unit length or raw, scale.
        steps: T.
        split: number of faces that are split in an epoch, p·N_sym (after rounding down).

    Raises:
        InputError: if no face is split or there is no step.
    """

    def __init__(self, cfg: symface.SymFace, steps: int, split: int) -> None:
        super().__init__()
        if steps < 1 or split < 1:
            raise InputError(
                f"symface needs at least one step and one split face per epoch; got {steps} and {split}. "
                f"Lower sampler.tau or raise sampler.p."
            )
        self.unit, self.scale, self.factor = cfg.unit, cfg.scale, steps / (2 * split)

    def forward(
        self, left: Float[Tensor, "S E"], right: Float[Tensor, "S E"], rho: Float[Tensor, " S"]
    ) -> Float[Tensor, ""]:
        """Loss of the S split faces of a batch; 0 (with a graph) for none."""
        total = halves_distance(left, right, rho, self.unit)
        return total / (2 * max(len(rho), 1)) if self.scale == "batch" else self.factor * total


def face_weight(batch: int, steps: float | int, samples: float | int) -> float:
    r"""Weight of each sample of a batch, such that the mean over an epoch's batches is the paper's mean over samples.

    .. math:: L_f = \frac{T}{N'} \sum_{i \in \text{batch}} L_i = \frac{1}{B} \sum_i \frac{B\,T}{N'} L_i

    Args:
        batch: B, samples of the batch: full faces and both halves of split ones.
        steps: T, steps of the epoch.
        samples: N', samples of the epoch: images + split faces.
    """
    return batch * steps / samples


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
        pull = Pull(self.cfg, round(view.lap.batches), view.lap.split)
        return pull(view.embedding[left], view.embedding[right], view.frontness[left])
