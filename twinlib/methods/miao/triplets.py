"""Miao's triplets: drawn once, gone through in each epoch, and their loss in Euclidean distance."""

import numpy as np
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import triplet_margin_loss

from twinlib.data.feed.samplers import Lap, Picked, Room, shuffled_places
from twinlib.data.feed.subjects import Subjects
from twinlib.data.feed.trainset import TrainSet
from twinlib.errors import InputError
from twinlib.losses.head import wide
from twinlib.losses.term import StepView, Term
from twinlib.methods import miao


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
        rng = np.random.default_rng([seed, 6])
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
        chosen = shuffled_places(number * n, n, pool, (self.seed, 2))
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
