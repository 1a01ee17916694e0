"""The samplers by name, and the one that needs a loss's idea of an epoch."""

from bisect import bisect_right
from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Float

from twinlib.config import Experiment
from twinlib.data.feed import samplers
from twinlib.data.feed.samplers import Lap, Picked, Sampler
from twinlib.data.feed.trainset import TrainSet
from twinlib.errors import InputError
from twinlib.methods import tuples
from twinlib.methods.symface import Halves
from twinlib.methods.symface.halves import Epoch, epoch
from twinlib.methods.symface.symface import frontness


class SymFaceHalves:
    """SymFace's epochs: every image once, some as two halves, which are one group.

    Args:
        rho: frontness of every image.
        batch: samples in a batch, at most.
        seed: of all draws.
        cfg: which faces are split.
    """

    def __init__(self, rho: Float[np.ndarray, " N"], batch: int, seed: int, cfg: Halves) -> None:
        self.rho, self.batch, self.seed, self.cfg = rho, batch, seed, cfg
        self.starts = [0]  # number of the first batch of each epoch drawn so far
        self.drawn: tuple[int, Epoch] | None = None

    def _epoch(self, number: int) -> Epoch:
        if self.drawn is None or self.drawn[0] != number:
            self.drawn = number, epoch(self.rho, self.batch, self.seed, number, self.cfg)
        return self.drawn[1]

    def pick(self, number: int) -> Picked:
        """The next images of the epoch; a batch may be one short, and the last of an epoch shorter."""
        while self.starts[-1] <= number:
            self.starts.append(self.starts[-1] + len(self._epoch(len(self.starts) - 1).batches))
        lap = bisect_right(self.starts, number) - 1
        drawn = self._epoch(lap)
        images = drawn.batches[number - self.starts[lap]]
        halved = np.isin(images, drawn.split)
        unit = np.repeat(np.arange(len(images)), 1 + halved)
        first = np.diff(unit, prepend=-1) > 0
        part = np.where(halved[unit], np.where(first, 1, 2), 0)
        return Picked(images[unit], unit, Lap(lap, len(drawn.batches), drawn.samples, len(drawn.split)), part)


def rho_of(data: TrainSet) -> Float[np.ndarray, " N"]:
    """Frontness of every training image, from the detector's landmarks; 0 where none are known."""
    if data.columns is None:
        return np.zeros(len(data.rows))
    columns = (torch.from_numpy(column) for column in data.columns.T)
    return frontness(*columns, width=data.crops.shape[2]).numpy()


def _halves(e: Experiment, data: TrainSet) -> Sampler:
    if e.data.rotation or e.data.shift:
        raise InputError("sampler halves splits at the detected nose: set data.rotation and data.shift to 0.")
    return SymFaceHalves(rho_of(data), e.train.batch, e.seed, e.sampler)


SAMPLERS: dict[str, Callable[[Experiment, TrainSet], Sampler]] = {
    "twins": lambda e, d: samplers.TwinGroups(d, e.train.groups, e.train.images_per_subject, e.seed),
    "twins_and_singles": lambda e, d: samplers.TwinsAndSingles(
        d, e.train.groups, e.train.images_per_subject, e.seed, e.sampler
    ),
    "identities": lambda e, d: samplers.Identities(d, 2 * e.train.groups, e.train.images_per_subject, e.seed),
    "shuffled": lambda e, d: samplers.Shuffled(d, e.train.batch, e.seed),
    "halves": _halves,
    "triplets": lambda e, d: tuples.Triplets(d, e.train.batch, e.seed, e.sampler),
    "pairs": lambda e, d: tuples.Pairs(d, e.train.batch, e.seed, e.sampler),
}


def build_sampler(experiment: Experiment, data: TrainSet) -> Sampler:
    """The sampler an experiment names.

    Raises:
        InputError: if the training set cannot fill its batches.
    """
    return SAMPLERS[experiment.sampler_name](experiment, data)
