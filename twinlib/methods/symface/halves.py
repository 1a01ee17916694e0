"""SymFace's split faces: which are split in an epoch, what their halves look like, how they come in batches."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from twinlib.errors import InputError
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
