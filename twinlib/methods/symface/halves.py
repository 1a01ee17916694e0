"""SymFace's split faces: which are split in an epoch, what their halves look like, how they come in batches."""

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from twinlib.data.feed.samplers import Lap, Picked, Room
from twinlib.data.feed.trainset import TrainSet
from twinlib.errors import InputError
from twinlib.faces.align import frontness
from twinlib.methods import symface


def split_at(
    images: Float[Tensor, "S 3 H W"], column: Int[Tensor, " S"], fill: float = -1.0
) -> tuple[Float[Tensor, "S 3 H W"], Float[Tensor, "S 3 H W"]]:
    """Left and right part of each face, each moved to the middle of an otherwise empty image of the same size.

    Args:
        images: aligned faces.
        column: of the tip of the nose, px; the left part holds the columns below it, the right part the rest. Columns
            outside the image are taken to its edge.
        fill: value of the padding: black, −1 for images in [−1, 1].
    """
    width = images.shape[3]
    column = column.clamp(0, width)
    return _middle(images, 0 * column, column, fill), _middle(images, column, 0 * column + width, fill)


def _middle(images: Tensor, first: Tensor, last: Tensor, fill: float) -> Tensor:
    """Columns first … last − 1 of each image, centred (one pixel to the left if the rest is odd)."""
    width = images.shape[3]
    x = torch.arange(width, device=images.device)[None]
    start = ((width - (last - first)) // 2)[:, None]
    source = x - start + first[:, None]
    inside = (source >= first[:, None]) & (source < last[:, None])
    index = source.clamp(0, width - 1)[:, None, None, :].expand_as(images)
    return images.gather(3, index).masked_fill(~inside[:, None, None, :], fill)


@dataclass(frozen=True)
class Epoch:
    """The samples of an epoch: every image once, full or as two halves in one batch."""

    batches: list[Int[np.ndarray, " _"]]  # images of each batch, by row
    split: Int[np.ndarray, " s"]  # rows that are split in this epoch, ascending
    samples: int  # N' = images + split ones


def epoch(rho: Float[np.ndarray, " N"], batch: int, seed: int, number: int, cfg: symface.Halves) -> Epoch:
    """Draw the split faces of an epoch and put all images in batches.

    Args:
        rho: frontness of every image.
        batch: samples per batch, at least 2; a split face counts as two and is never divided between batches, so a
            batch may be one short, and the last one shorter; a lone last image gets company from the batch before.
        seed: of the run.
        number: of the epoch; (seed, number) decide everything.
        cfg: p, the share of the symmetric faces (ρ > τ) that is split, drawn without replacement, rounded down; τ.

    Raises:
        InputError: for a batch below 2.
    """
    if batch < 2:
        raise InputError(f"symface needs batches of at least 2; got {batch}. Raise train.groups.")
    rng = np.random.default_rng((seed, number))
    symmetric = np.flatnonzero(rho > cfg.tau)
    split = np.sort(rng.choice(symmetric, int(cfg.p * len(symmetric)), replace=False))
    order = rng.permutation(len(rho))
    size = 1 + np.isin(order, split)
    batches, start, held = [], 0, 0
    for at, samples in enumerate(size):
        if held + samples > batch:
            batches.append(order[start:at])
            start, held = at, 0
        held += samples
    if held:
        batches.append(order[start:])
    if held == 1 and batch > 4 and len(batches) > 1:  # batch normalisation cannot train on one sample
        before = batches[-2]
        batches[-2:] = [before[:-1], np.append(before[-1:], batches[-1])]
    return Epoch(batches, split, len(rho) + len(split))


class SymFaceHalves:
    """SymFace's epochs: every image once, some as two halves, which are one group.

    Args:
        rho: frontness of every image.
        batch: samples in a batch, at most.
        seed: of all draws.
        cfg: which faces are split.
    """

    def __init__(self, rho: Float[np.ndarray, " N"], batch: int, seed: int, cfg: symface.Halves) -> None:
        self.rho, self.batch, self.seed, self.cfg = rho, batch, seed, cfg
        self.starts = [0]  # number of the first batch of each epoch drawn so far
        self.drawn: tuple[int, Epoch] | None = None

    def _epoch(self, number: int) -> Epoch:
        if self.drawn is None or self.drawn[0] != number:
            self.drawn = number, epoch(self.rho, self.batch, self.seed, number, self.cfg)
        return self.drawn[1]

    @classmethod
    def of(cls, cfg: symface.Halves, data: TrainSet, room: Room, seed: int) -> "SymFaceHalves":
        """As a configuration names it."""
        return cls(rho_of(data), room.batch, seed, cfg)

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
    return frontness(*data.columns.T, width=data.crops.shape[2])
