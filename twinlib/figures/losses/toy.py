"""What a loss does to twins among strangers, on the circle or the sphere: a toy that is optimised in a second.

A class has one direction, which a training may move, and its images lie around it at fixed errors, as a network's
images of one person do. At the start the strangers are spread out and two classes, the twins, nearly agree.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import normalize

from twinlib import losses
from twinlib.errors import InputError
from twinlib.losses.adaface import AdaFace
from twinlib.losses.arcface import ArcFace
from twinlib.losses.contrastive import batch_contrastive, contrastive
from twinlib.losses.cosface import CosFace
from twinlib.losses.head import Head
from twinlib.losses.magface import MagFace
from twinlib.losses.triplet import twin_triplet

IMAGES, LENGTH = 8, 30.0  # images of a class; length of the embeddings
STRANGERS = 5  # classes beside the twins


@dataclass(frozen=True)
class Track:
    """An optimisation of the toy.

    Attributes:
        start: images before it, unit length.
        end: images after it.
        subject: class of each image; 0 and 1 are the twins.
        gap: angle between the directions of the twins after each step, degrees.
        nearest: smallest angle between a twin and a stranger after each step, degrees.
    """

    start: Float[Tensor, "N D"]
    end: Float[Tensor, "N D"]
    subject: Int[Tensor, " N"]
    gap: Float[Tensor, " S"]
    nearest: Float[Tensor, " S"]


Loss = Callable[[Tensor, Tensor, Tensor], Tensor]  # embedding, subject, family


def _pairs(e: Tensor, subject: Tensor, family: Tensor) -> Tensor:
    i, j = torch.triu_indices(len(e), len(e), 1)
    unit = normalize(e)
    return contrastive(unit[i], unit[j], subject[i] == subject[j])


PAIR_LOSSES: dict[str, Loss] = {
    "twin triplet": twin_triplet,
    "batch-hard triplet": lambda e, subject, family: twin_triplet(e, subject, subject),
    "TransFG contrastive": lambda e, subject, family: batch_contrastive(e, subject),
    "NDTWIN contrastive": _pairs,
}
HEADS: dict[str, Callable[[int, int], Head]] = {
    "plain softmax": lambda width, classes: ArcFace(losses.ArcFace(s=16.0, m=0.0), width, classes),
    "ArcFace": lambda width, classes: ArcFace(losses.ArcFace(s=16.0), width, classes),
    "CosFace": lambda width, classes: CosFace(losses.CosFace(s=16.0), width, classes),
    "AdaFace": lambda width, classes: AdaFace(losses.AdaFace(s=16.0, start="measured"), width, classes),
    "MagFace": lambda width, classes: MagFace(losses.MagFace(s=16.0), width, classes),
}


def optimise(
    name: str,
    dims: int = 2,
    apart: float = 6.0,
    spread: float = 5.0,
    steps: int = 200,
    seed: int = 0,
) -> Track:
    """Move the directions of two twins and some strangers downhill.

    Args:
        name: one of `HEADS` (whose centres move too, and start at the directions) or `PAIR_LOSSES`.
        dims: 2 for the circle, 3 for the sphere.
        apart: angle between the twins at the start, degrees.
        spread: standard deviation of the images around their class, degrees in each direction.
        steps: of Adam at a rate of .02, whose steps do not depend on the scale of a loss.
        seed: of the images' errors, and of the strangers' places on the sphere.

    Raises:
        InputError: for an unknown name.
    """
    if name not in HEADS and name not in PAIR_LOSSES:
        raise InputError(f"loss {name!r} is unknown here; known: {', '.join([*HEADS, *PAIR_LOSSES])}.")
    rng = torch.Generator().manual_seed(seed)
    directions = nn.Parameter(_directions(dims, math.radians(apart), rng))
    subject = torch.arange(STRANGERS + 2).repeat_interleave(IMAGES)
    family = (subject - 1).clamp_min(0)
    error = math.radians(spread) * torch.randn(len(subject), dims, generator=rng)
    lengths = LENGTH * (1 + 0.1 * torch.randn(len(subject), 1, generator=rng))
    loss, moved = PAIR_LOSSES.get(name), [directions]
    if loss is None:
        head = HEADS[name](dims, STRANGERS + 2)
        head.weight.data.copy_(directions)
        moved.append(head.weight)

        def loss(e: Tensor, subject: Tensor, family: Tensor) -> Tensor:
            return head(e, subject)

    def images() -> Tensor:
        return normalize(normalize(directions)[subject] + error)

    start, opt, gap, nearest = images().detach(), torch.optim.Adam(moved, lr=0.02), [], []
    for _ in range(steps):
        opt.zero_grad()
        loss(lengths * images(), subject, family).backward()
        opt.step()
        angle = _angles(directions.detach())
        gap.append(angle[0, 1])
        nearest.append(angle[:2, 2:].min())
    return Track(start, images().detach(), subject, torch.stack(gap), torch.stack(nearest))


def _directions(dims: int, apart: float, rng: torch.Generator) -> Float[Tensor, "C D"]:
    """Twins around the first axis; strangers evenly over the rest of the circle, or at random on the sphere."""
    if dims == 2:
        angle = torch.cat(
            [torch.tensor([-apart / 2, apart / 2]), torch.arange(1, STRANGERS + 1) * 2 * math.pi / (STRANGERS + 1)]
        )
        return torch.stack([angle.cos(), angle.sin()], 1)
    twins = torch.zeros(2, dims)
    twins[:, 0], twins[0, 1], twins[1, 1] = math.cos(apart / 2), -math.sin(apart / 2), math.sin(apart / 2)
    others = normalize(torch.randn(STRANGERS, dims, generator=rng))
    return torch.cat([twins, torch.cat([-others[:, :1].abs(), others[:, 1:]], 1)])


def _angles(directions: Float[Tensor, "C D"]) -> Float[Tensor, "C C"]:
    unit = normalize(directions)
    return torch.rad2deg((unit @ unit.T).clamp(-1, 1).arccos())
