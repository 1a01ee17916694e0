"""Augmented batches on the device, a function of (seed, number)."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from twinlib.config import PERTURBATIONS, SAMPLERS, Experiment
from twinlib.data.feed import seeds
from twinlib.data.feed.augment import (
    flip,
    flip_boxes,
    jitter_factors,
    normalise,
    random_affine,
    recolour,
    warp,
    warp_boxes,
)
from twinlib.data.feed.samplers import Lap, Picked, Room, shares
from twinlib.data.feed.trainset import TrainSet
from twinlib.methods.symface.halves import rho_of, split_at


@dataclass(frozen=True)
class Batch:
    """A micro-batch: the images of this process, the labels of all.

    Attributes:
        images: what the network sees.
        clean: the same before the perturbation.
        boxes: of the regions, (x0, y0, x1, y1) in [0, 1].
        subject: identity of every image of the whole batch.
        family: family of every image of the whole batch.
        twins: whether every image of the whole batch is of one of identical twins.
        part: 0 whole image, 1 left half, 2 right half, of the whole batch.
        frontness: ρ of every image of the whole batch.
        lap: the epoch.
        sizes: images of each process.
        here: which part of the whole batch is ours.
    """

    images: Float[Tensor, "b 3 H W"]
    clean: Float[Tensor, "b 3 H W"]
    boxes: Float[Tensor, "b R 4"]
    subject: Int[Tensor, " B"]
    family: Int[Tensor, " B"]
    twins: Bool[Tensor, " B"]
    part: Int[Tensor, " B"]
    frontness: Float[Tensor, " B"]
    lap: Lap
    sizes: list[int]
    here: slice


class Draws(NamedTuple):
    """The random numbers of a batch: of every image, whichever process computes it."""

    mirrored: Tensor
    theta: Float[Tensor, "B 2 3"]
    factors: Float[Tensor, "3 B"]


class Batches:
    """The batches of a run.

    Args:
        experiment: sampler, augmentation, perturbation, seed.
        data: training images.
        device: where the batches go.
        rank: number of this process.
        processes: how many there are; each gets whole groups.
    """

    def __init__(
        self, experiment: Experiment, data: TrainSet, device: torch.device, rank: int = 0, processes: int = 1
    ) -> None:
        self.cfg, self.seed, self.data, self.device = experiment.data, experiment.seed, data, device
        self.rank, self.processes = rank, processes
        room = Room(experiment.train.groups, experiment.train.images_per_subject)
        self.sampler = SAMPLERS.build(experiment.sampler, data, room, experiment.seed)
        self.rho = rho_of(data)
        self.classes = data.subjects * (2 if self.cfg.flip == "identity" else 1)
        self.perturbation = None if experiment.perturb is None else PERTURBATIONS.build(experiment.perturb)

    def __call__(self, number: int) -> Batch:
        """Batch `number`, augmented; a mirrored group counts as new people if `flip` is identity."""
        picked = self.sampler.pick(number)
        cuts = shares(picked.group, self.processes)
        here = cuts[self.rank]
        draws = self._draw(picked, number)
        images, boxes = self._images(picked, draws, here)
        new = draws.mirrored if self.cfg.flip == "identity" else torch.zeros_like(draws.mirrored)
        subject, family = (torch.from_numpy(labels[picked.rows]) for labels in (self.data.subject, self.data.family))
        part = np.zeros(len(picked.rows), np.int64) if picked.part is None else picked.part
        return Batch(
            images=images,
            clean=images,
            boxes=boxes,
            subject=(subject + self.data.subjects * new).to(self.device),
            family=(family + (int(self.data.family.max()) + 1) * new).to(self.device),
            twins=torch.from_numpy(self.data.twins[picked.rows]).to(self.device),
            part=torch.from_numpy(part).to(self.device),
            frontness=torch.from_numpy(self.rho[picked.rows]).float().to(self.device),
            lap=picked.lap,
            sizes=[cut.stop - cut.start for cut in cuts],
            here=here,
        )

    def names(self, number: int) -> list[str]:
        """Images of batch `number`, each once."""
        return list(dict.fromkeys(self.data.named(self.sampler.pick(number).rows)))

    def perturbed(self, batch: Batch, number: int, net: nn.Module) -> Batch:
        """The batch with its images perturbed, if the experiment perturbs them; draws differ between processes."""
        if self.perturbation is None:
            return batch
        rng = torch.Generator().manual_seed((self.seed * seeds.PERTURB + number) * seeds.PROCESSES + self.rank)
        return replace(batch, images=self.perturbation(batch.clean, rng, net))

    def _draw(self, picked: Picked, number: int) -> Draws:
        rng = torch.Generator().manual_seed(self.seed * seeds.AUGMENT + number)
        unit = torch.from_numpy(picked.unit)
        together = torch.from_numpy(picked.group) if self.cfg.flip == "identity" else unit
        mirrored = torch.zeros(len(unit), dtype=torch.bool)
        if self.cfg.flip != "none":
            mirrored = (torch.rand(int(together[-1]) + 1, generator=rng) < 0.5)[together]
        count = int(unit[-1]) + 1
        theta = random_affine(count, self.cfg.rotation, self.cfg.shift, rng)
        return Draws(mirrored, theta[unit], jitter_factors(count, self.cfg.jitter, rng)[:, unit])

    def _images(self, picked: Picked, draws: Draws, here: slice) -> tuple[Tensor, Tensor]:
        """Our images and boxes: flipped, warped, recoloured, and split where they are halves."""
        rows = self.data.rows[picked.rows[here]]
        crops = torch.from_numpy(self.data.crops[rows]).to(self.device)
        boxes = torch.from_numpy(self.data.boxes[rows]).float().to(self.device)
        mirrored = draws.mirrored[here].to(self.device)
        if self.cfg.flip != "none":  # as bytes: a quarter of the memory
            crops = flip(crops.permute(0, 3, 1, 2), mirrored).permute(0, 2, 3, 1)
            boxes = flip_boxes(boxes, mirrored)
        theta = draws.theta[here].to(self.device)
        still = not (self.cfg.rotation or self.cfg.shift)
        images = recolour(warp(normalise(crops), theta[:1] if still else theta), draws.factors[:, here])
        if picked.part is not None:
            images = self._split(images, picked.rows[here], picked.part[here], mirrored)
        return images.contiguous(memory_format=torch.channels_last), warp_boxes(boxes, theta)

    def _split(self, images: Tensor, rows: np.ndarray, part: np.ndarray, mirrored: Tensor) -> Tensor:
        """Images of which some are replaced by their left or right half; a mirrored nose is mirrored too."""
        if self.data.columns is None or not part.any():
            return images
        nose = torch.from_numpy(self.data.columns[rows, 2]).to(images)
        column = torch.where(mirrored, images.shape[3] - nose, nose).round().long()
        left, right = split_at(images, column)
        which = torch.from_numpy(part).to(images.device)[:, None, None, None]
        return torch.where(which == 1, left, torch.where(which == 2, right, images))
