"""NDTWIN's sampler: pairs of images, every second one of one person."""

import numpy as np

from twinlib.data.feed.samplers import Lap, Picked, Room
from twinlib.data.feed.subjects import Subject, Subjects
from twinlib.data.feed.trainset import TrainSet
from twinlib.methods import ndtwin


class Pairs:
    """Pairs of images: even ones of one subject, odd ones of two; a group is one pair.

    Args:
        data: the training set.
        batch: images in a batch.
        seed: of all draws.
        cfg: share of twins among the pairs of two subjects.

    Raises:
        InputError: if nobody has two images, or twins are wanted and there are none.
    """

    def __init__(self, data: TrainSet, batch: int, seed: int, cfg: ndtwin.Pairs) -> None:
        self.who, self.twins = Subjects(data, relatives=cfg.twins > 0), cfg.twins
        self.pairs, self.seed, self.images = batch // 2, seed, len(data.rows)

    @classmethod
    def of(cls, cfg: ndtwin.Pairs, data: TrainSet, room: Room, seed: int) -> "Pairs":
        """As a configuration names it."""
        return cls(data, room.batch, seed, cfg)

    def pick(self, number: int) -> Picked:
        """Anchors at random; an epoch is as many images as the set has."""
        rng = np.random.default_rng([self.seed, 1, number])
        rows = [self._pair(rng, rng.choice(self.who.anchors), same=i % 2 == 0) for i in range(self.pairs)]
        size = 2 * self.pairs
        lap = Lap(number * size // self.images, self.images / size, self.images)
        return Picked(np.array(rows).ravel(), np.repeat(np.arange(self.pairs), 2), lap)

    def _pair(self, rng: np.random.Generator, subject: Subject, same: bool) -> list[int]:
        if same:
            return self.who.two_images(rng, subject)
        other = self.who.relative if rng.random() < self.twins else self.who.stranger
        return [self.who.image(rng, subject), self.who.image(rng, other(rng, subject))]
