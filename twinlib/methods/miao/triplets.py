"""Miao's triplets: drawn once, used in every epoch, and their loss in Euclidean distance."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import triplet_margin_loss

from twinlib.arrays import Rows, number_rows
from twinlib.data.feed import seeds
from twinlib.data.feed.samplers import Lap, Picked, Room, shuffled_places
from twinlib.data.feed.trainset import Subjects, TrainSet
from twinlib.errors import InputError
from twinlib.losses.head import wide
from twinlib.losses.term import StepView, Term
from twinlib.methods import miao
from twinlib.ranges import NotNegative, within


class Triplets:
    """A fixed list of triplets, each once an epoch; a group is one triplet: anchor, positive, negative.

    Args:
        data: the training set.
        batch: images in a batch, three a triplet; what is left over stays empty.
        seed: of all draws.
        cfg: how many triplets there are, and who the negative is.

    Raises:
        InputError: if the batch has no room for a triplet or nobody has such a negative.
    """

    def __init__(self, data: TrainSet, batch: int, seed: int, cfg: miao.Triplets) -> None:
        if batch < 3:
            raise InputError(f"sampler triplets needs batches of at least 3 images, got {batch}; raise train.groups.")
        who = Subjects(data, relatives=cfg.negative == "family")
        other = who.relative if cfg.negative == "family" else who.stranger
        rng = np.random.default_rng([seed, seeds.TRIPLETS])
        anchors = rng.choice(who.anchors, cfg.count)
        drawn = [[*who.two_images(rng, s), who.image(rng, other(rng, s))] for s in anchors]
        self.triplets: Int[np.ndarray, "T 3"] = np.array(drawn)
        self.per_batch, self.seed = batch // 3, seed

    @classmethod
    def of(cls, cfg: miao.Triplets, data: TrainSet, room: Room, seed: int) -> "Triplets":
        """As a configuration names it."""
        return cls(data, room.batch, seed, cfg)

    def pick(self, number: int) -> Picked:
        """The next triplets."""
        n, pool = self.per_batch, len(self.triplets)
        chosen = shuffled_places(number * n, n, pool, (self.seed, seeds.ORDER))
        lap = Lap(number * n // pool, pool / n, 3 * pool)
        return Picked(self.triplets[chosen].ravel(), np.repeat(np.arange(n), 3), lap)


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


class Measured(NamedTuple):
    """What a list of triplets gives.

    Attributes:
        loss: mean of max{d(a, p) − d(a, n) + margin, 0}, in units of the embedding.
        right: triplets whose positive is nearer than their negative; a tie is wrong.
        triplets: how many there are.
    """

    loss: float
    right: int
    triplets: int


def measured(e: Rows, triplets: Rows, margin: float = 1.0) -> Measured:
    """Mean triplet loss and right triplets, in Euclidean distance.

    Args:
        e: embeddings, of any length.
        triplets: rows of e: anchor, positive, negative.
        margin: in units of the embedding.

    Raises:
        InputError: no triplet, rows that are not three or not there, NaN, or a negative margin.

    Source:
        Miao, section 2.4. Its text calls a triplet right where the positive is *farther*; its accuracies, which rise
        as the loss falls, say that the opposite is meant.
    """
    within(NotNegative, margin=margin)
    x, rows = number_rows(e, "e"), number_rows(triplets, "triplets").astype(int)
    if rows.size == 0 or rows.shape[1] != 3 or not 0 <= rows.min() <= rows.max() < len(x):
        raise InputError(f"triplets must be rows of three numbers from 0 to {len(x) - 1}; found shape {rows.shape}.")
    a, p, n = (x[column] for column in rows.T)
    near, far = np.linalg.norm(a - p, axis=1), np.linalg.norm(a - n, axis=1)
    return Measured(float(np.maximum(near - far + margin, 0).mean()), int((near < far).sum()), len(rows))
