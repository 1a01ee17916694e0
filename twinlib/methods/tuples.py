"""Samplers of small tuples: triplets drawn once (Miao), pairs (NDTWIN)."""

import numpy as np
from jaxtyping import Int

from twinlib.data.feed.samplers import Lap, Picked, shuffled_places
from twinlib.data.feed.trainset import TrainSet, places_of
from twinlib.errors import InputError
from twinlib.methods import miao, ndtwin

Subject = int | np.integer


class _Subjects:
    """Who can be drawn: images by subject, and subjects by family."""

    def __init__(self, data: TrainSet, relatives: bool) -> None:
        self.of_subject = places_of(data.subject)
        self.family = np.array([data.family[rows[0]] for rows in self.of_subject])
        many = np.array([len(rows) > 1 for rows in self.of_subject])
        has_relative = np.bincount(self.family)[self.family] > 1
        self.anchors = np.flatnonzero(many & has_relative if relatives else many)
        if not len(self.anchors) or data.subjects < 2:
            what = " that has a relative" if relatives else ""
            raise InputError(f"sampler: no training subject with two images{what}; check manifest.csv.")

    def two_images(self, rng: np.random.Generator, subject: Subject) -> list[int]:
        return rng.choice(self.of_subject[subject], 2, replace=False).tolist()

    def image(self, rng: np.random.Generator, subject: Subject) -> int:
        return int(rng.choice(self.of_subject[subject]))

    def relative(self, rng: np.random.Generator, subject: Subject) -> int:
        """Another subject of the family."""
        same = np.flatnonzero(self.family == self.family[subject])
        return int(rng.choice(same[same != subject]))

    def stranger(self, rng: np.random.Generator, subject: Subject) -> int:
        """A subject of another family."""
        others = np.flatnonzero(self.family != self.family[subject])
        if not len(others):
            raise InputError("sampler: the training split has one family only, so nobody in it has a stranger.")
        return int(rng.choice(others))


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
        who = _Subjects(data, relatives=cfg.negative == "family")
        other = who.relative if cfg.negative == "family" else who.stranger
        rng = np.random.default_rng([seed, 6])
        anchors = rng.choice(who.anchors, cfg.count)
        drawn = [[*who.two_images(rng, s), who.image(rng, other(rng, s))] for s in anchors]
        self.triplets: Int[np.ndarray, "T 3"] = np.array(drawn)
        self.per_batch, self.seed = batch // 3, seed

    def pick(self, number: int) -> Picked:
        """The next triplets."""
        n, pool = self.per_batch, len(self.triplets)
        chosen = shuffled_places(number * n, n, pool, (self.seed, 2))
        lap = Lap(number * n // pool, pool / n, 3 * pool)
        return Picked(self.triplets[chosen].ravel(), np.repeat(np.arange(n), 3), lap)


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
        self.who, self.twins = _Subjects(data, relatives=cfg.twins > 0), cfg.twins
        self.pairs, self.seed, self.images = batch // 2, seed, len(data.rows)

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
