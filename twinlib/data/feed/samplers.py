"""Samplers: which images make up batch number n, each a pure function of (seed, n).

A batch is a list of groups; a group stays together on one process. A run resumed at any batch, or spread over several
processes, therefore sees what one process would have seen.
"""

import math
import warnings
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from jaxtyping import Int

from twinlib.data import feed
from twinlib.data.feed import seeds
from twinlib.data.feed.trainset import TrainSet, TwinBatches, places_of
from twinlib.errors import InputError


class Lap(NamedTuple):
    """The epoch a batch belongs to."""

    number: int  # from 0
    batches: float  # T: batches of the epoch; a part of one if epochs end within a batch
    samples: int  # N': samples of the epoch
    split: int = 0  # how many of its images come as two halves


@dataclass(frozen=True)
class Picked:
    """One batch.

    Attributes:
        rows: indices into the training set's arrays.
        group: number of each image's group, 0, 0, …, 1, 1, …
        part: 0 whole image, 1 its left half, 2 its right half, which follows the left one; None: all whole.
        lap: its epoch.
    """

    rows: Int[np.ndarray, " B"]
    group: Int[np.ndarray, " B"]
    lap: Lap
    part: Int[np.ndarray, " B"] | None = None

    @property
    def unit(self) -> Int[np.ndarray, " B"]:
        """Number of each sample's image in the batch; the halves of a face share it."""
        return np.arange(len(self.rows)) if self.part is None else np.cumsum(self.part != 2) - 1


class Room(NamedTuple):
    """How large a batch is."""

    groups: int  # twin groups
    images: int  # of each subject

    @property
    def batch(self) -> int:
        """Images in a batch."""
        return 2 * self.groups * self.images


def shuffled_places(first: int, count: int, pool: int, seed: tuple[int, int]) -> Int[np.ndarray, " count"]:
    """Places `first` … `first + count` of an endless list that holds 0 … pool − 1 in a new random order each time."""
    laps = range(first // pool, (first + count - 1) // pool + 1) if count else ()
    orders = ((_order(pool, *seed, lap), first - lap * pool) for lap in laps)
    pieces = [order[max(start, 0) : start + count] for order, start in orders]
    return np.concatenate([*pieces, np.empty(0, np.int64)]).astype(np.int64)


@lru_cache(maxsize=4)  # of ten million images it takes as long to draw as a batch
def _order(pool: int, *seed: int) -> Int[np.ndarray, " pool"]:
    """0 … pool − 1 in random order; shared, not to be changed."""
    order = np.random.default_rng(seed).permutation(pool)
    order.flags.writeable = False
    return order


def shares(group: Int[np.ndarray, " B"], parts: int) -> list[slice]:
    """Cut a batch between groups into parts of about equal size, one a process.

    Raises:
        InputError: if there are too few groups.
    """
    starts = np.append(np.flatnonzero(np.diff(group, prepend=-1)), len(group))
    groups = len(starts) - 1
    if parts > groups:
        raise InputError(f"{parts} processes cannot share a batch of {groups} groups; raise train.groups.")
    cuts = [0]
    for part in range(1, parts):
        nearest = int(np.abs(starts - part * len(group) / parts).argmin())
        cuts.append(min(max(nearest, cuts[-1] + 1), groups - (parts - part)))  # none stays empty
    return [slice(int(starts[a]), int(starts[b])) for a, b in pairwise([*cuts, groups])]


class TwinGroups:
    """Twin groups only; see `TwinBatches`."""

    def __init__(self, data: TrainSet, groups: int, images: int, seed: int) -> None:
        self.batches, self.groups, self.images = TwinBatches(data, groups, images, seed), groups, images

    @classmethod
    def of(cls, cfg: feed.Twins, data: TrainSet, room: Room, seed: int) -> "TwinGroups":
        """As a configuration names it."""
        return cls(data, room.groups, room.images, seed)

    def pick(self, number: int) -> Picked:
        """`groups` families, two subjects each, `images` images a subject."""
        families, size = len(self.batches.families), 2 * self.images
        lap = Lap(number * self.groups // families, families / self.groups, families * size)
        return Picked(self.batches.batch(number), np.repeat(np.arange(self.groups), size), lap)


class TwinsAndSingles:
    """Twin groups to single groups in a fixed ratio, in batches of one size: with K = 4 and 64 images 7 + 2 or 6 + 4.

    A batch has room for `groups` twin groups; two single groups take the place of one. How many are twin groups goes by
    a list without randomness whose mean is 2·ratio·groups / (1 + 2·ratio): six batches of 7 + 2, then one of 6 + 4.

    Args:
        data: the training set; families of one subject are its singles.
        groups: room.
        images: images of each subject.
        seed: of all draws.
        cfg: the ratio.

    Raises:
        InputError: if no family has two subjects.
    """

    def __init__(self, data: TrainSet, groups: int, images: int, seed: int, cfg: feed.TwinsAndSingles) -> None:
        self.twins, self.groups, self.images, self.seed = TwinBatches(data, 1, images, seed), groups, images, seed
        counts = np.bincount(data.family[np.unique(data.subject, return_index=True)[1]])
        first = np.unique(data.subject, return_index=True)[1]
        self.singles = np.flatnonzero(counts[data.family[first]] == 1)
        if not len(self.singles):
            warnings.warn("the training split has no family of one subject: batches hold twins only.", stacklevel=2)
        self.mean = 2 * cfg.ratio * groups / (1 + 2 * cfg.ratio) if len(self.singles) else float(groups)

    @classmethod
    def of(cls, cfg: feed.TwinsAndSingles, data: TrainSet, room: Room, seed: int) -> "TwinsAndSingles":
        """As a configuration names it."""
        return cls(data, room.groups, room.images, seed, cfg)

    def pick(self, number: int) -> Picked:
        """Twin groups first, then single ones."""
        before, after = (math.ceil(n * self.mean - 1e-9) for n in (number, number + 1))
        singles = 2 * (self.groups - (after - before))
        place = 2 * (number * self.groups - before)
        twins = [self.twins.batch(at) for at in range(before, after)]
        chosen = self.singles[shuffled_places(place, singles, max(1, len(self.singles)), (self.seed, seeds.SINGLES))]
        rng = np.random.default_rng([self.seed, seeds.ALONE, number])
        alone = [take(rng, self.twins.of_subject[s], self.images) for s in chosen]
        group = np.repeat(np.arange(len(twins) + singles), [len(rows) for rows in [*twins, *alone]])
        families, size = len(self.twins.families), 2 * self.images
        batches = families / self.mean
        lap = Lap(before // families, batches, round(batches * self.groups * size))
        return Picked(np.concatenate([*twins, *alone]), group, lap)


class Identities:
    """P × K: `subjects` subjects, whoever they are, `images` images each; every subject once an epoch."""

    def __init__(self, data: TrainSet, subjects: int, images: int, seed: int) -> None:
        self.of_subject = places_of(data.subject)
        self.subjects, self.images, self.seed = subjects, images, seed

    @classmethod
    def of(cls, cfg: feed.Identities, data: TrainSet, room: Room, seed: int) -> "Identities":
        """As a configuration names it."""
        return cls(data, 2 * room.groups, room.images, seed)

    def pick(self, number: int) -> Picked:
        """The next subjects."""
        S, pool = self.subjects, len(self.of_subject)
        rng = np.random.default_rng([self.seed, seeds.PICKED, number])
        chosen = shuffled_places(number * S, S, pool, (self.seed, seeds.ORDER))
        rows = np.concatenate([take(rng, self.of_subject[s], self.images) for s in chosen])
        lap = Lap(number * S // pool, pool / S, pool * self.images)
        return Picked(rows, np.repeat(np.arange(S), self.images), lap)


class Shuffled:
    """Every image once an epoch, in random order; each image is a group."""

    def __init__(self, data: TrainSet, batch: int, seed: int) -> None:
        self.images, self.batch, self.seed = len(data.rows), batch, seed

    @classmethod
    def of(cls, cfg: feed.Shuffled, data: TrainSet, room: Room, seed: int) -> "Shuffled":
        """As a configuration names it."""
        return cls(data, room.batch, seed)

    def pick(self, number: int) -> Picked:
        """The next images."""
        rows = shuffled_places(number * self.batch, self.batch, self.images, (self.seed, seeds.ORDER))
        lap = Lap(number * self.batch // self.images, self.images / self.batch, self.images)
        return Picked(rows, np.arange(self.batch), lap)


def take(rng: np.random.Generator, pool: Int[np.ndarray, " N"], count: int) -> Int[np.ndarray, " count"]:
    """`count` of the pool, some of them repeatedly only if it is smaller."""
    return rng.choice(pool, count, replace=len(pool) < count)
