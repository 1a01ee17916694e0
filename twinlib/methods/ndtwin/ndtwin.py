"""The composite loss of the local–global twin network (NDTWIN)."""

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from twinlib.data.feed import seeds
from twinlib.data.feed.samplers import Lap, Picked, Room
from twinlib.data.feed.trainset import Subject, Subjects, TrainSet
from twinlib.errors import InputError
from twinlib.losses.contrastive import contrastive
from twinlib.losses.head import full_precision, wide
from twinlib.losses.term import StepView, Term
from twinlib.losses.triplet import hardest
from twinlib.methods import ndtwin
from twinlib.models.unit import unit
from twinlib.topology.differentiable import distances


class Features(NamedTuple):
    """What the network gives for a batch of images."""

    fused: Float[Tensor, "B E"]  # the embedding used to verify
    whole: Float[Tensor, "B G"]  # its global branch
    local: Float[Tensor, "B L"]  # its attention branch
    attention: Float[Tensor, "B 1 H W"]


def attention_regulariser(
    maps: Float[Tensor, "M 1 H W"], sparse: float = 0.01, diverse: float = 0.01
) -> Float[Tensor, ""]:
    """Mean mass of an attention map, and mean cosine similarity of two different ones.

    Args:
        maps: non-negative attention maps of at least two images.
        sparse: weight of the mass.
        diverse: weight of the similarity; it runs over all maps of the batch, so it also pushes two maps of one person
            apart.

    Raises:
        InputError: for fewer than two maps.
    """
    flat = wide(maps).flatten(1)
    # the pairs' sum is the square of the sum less the diagonal: O(M) instead of O(M²) products
    if len(flat) < 2:
        raise InputError(f"the attention regulariser compares maps of at least two images; got {len(flat)}.")
    length = unit(flat, eps=1e-8)
    pairs = length.sum(0).square().sum() - length.square().sum()
    return sparse * flat.sum(1).mean() + diverse * pairs / (len(flat) * (len(flat) - 1))


def batch_hard(features: Float[Tensor, "M E"], subject: Int[Tensor, " M"], margin: float = 1.0) -> Float[Tensor, ""]:
    """Batch-hard triplet loss in Euclidean distance, mean over all anchors; a lonely one adds 0.

    Args:
        features: as they are (not scaled to unit length).
        subject: label of each image.
        margin: in units of the features' length.
    """
    with full_precision(features):
        d = distances(features)
    positive, negative = hardest(d, subject, subject[:, None] != subject[None])
    return (positive - negative + margin).clamp_min(0).mean()


def ndtwin_loss(
    a: Features,
    b: Features,
    same: Bool[Tensor, " B"],
    cfg: ndtwin.NDTwin,
    subject: Int[Tensor, " M"] | None = None,
) -> Float[Tensor, ""]:
    """The sum of `ndtwin_parts`, which says what is what."""
    return torch.stack(list(ndtwin_parts(a, b, same, cfg, subject).values())).sum()


def ndtwin_parts(
    a: Features,
    b: Features,
    same: Bool[Tensor, " B"],
    cfg: ndtwin.NDTwin,
    subject: Int[Tensor, " M"] | None = None,
) -> dict[str, Float[Tensor, ""]]:
    """Weighted losses of the branches, the attention regulariser and, if requested, the fused embedding, by name.

    Args:
        a: features of the first image of each pair.
        b: features of the second.
        same: whether the pair shows one person.
        cfg: kind, weights, margin, and `train_embedding`.
        subject: who is on the first images, then on the second ones (2B); only kind triplet needs it.

    Raises:
        InputError: for a triplet without subjects.

    Notes:
        The public code computes the loss of the fused embedding and leaves it out of the total: the layers that make
        the embedding it verifies with then stay as initialised. `train_embedding` adds it, with weight 1 (our choice).
        Its triplet takes the pair's label for the identity: all images of same pairs are then positives of one
        another, whoever they show. That is kind triplet_code; kind triplet goes by the subjects.

    Source:
        The public NDTWIN2 code; there is no paper.
    """
    if cfg.kind == "triplet" and subject is None:
        raise InputError("ndtwin.kind triplet needs the subject of every image; got none. Give them, or contrastive.")
    label = torch.cat([same, same]).long() if cfg.kind == "triplet_code" or subject is None else subject

    def branch(x: Tensor, y: Tensor) -> Tensor:
        if cfg.kind == "contrastive":
            return contrastive(x, y, same, cfg.margin)
        return batch_hard(torch.cat([x, y]), label, cfg.margin)

    maps = torch.cat([a.attention, b.attention])
    parts = {
        "global": cfg.whole * branch(a.whole, b.whole),
        "local": cfg.local * branch(a.local, b.local),
        "attention": cfg.attention * attention_regulariser(maps, cfg.sparse, cfg.diverse),
    }
    return parts | ({"fused": branch(a.fused, b.fused)} if cfg.train_embedding else {})


class NDTwin(Term):
    """NDTWIN's composite loss of a batch of pairs. Reads the extra outputs `whole`, `local` and `attention`."""

    wanted = ("whole", "local", "attention")

    def __init__(self, cfg: ndtwin.NDTwin) -> None:
        super().__init__()
        self.cfg, self.parts = cfg, {}

    def forward(self, view: StepView) -> Float[Tensor, ""]:
        """The loss of the pairs (0, 1), (2, 3) and so on.

        Raises:
            InputError: for an odd batch.
        """
        if len(view.subject) % 2:
            raise InputError("term ndtwin needs batches of pairs: set sampler to pairs.")
        given = (view.embedding, *(view.outputs[name] for name in self.wanted))
        a, b = (Features(*(x[side::2] for x in given)) for side in (0, 1))
        one, other = view.subject[0::2], view.subject[1::2]
        self.parts = ndtwin_parts(a, b, one == other, self.cfg, torch.cat([one, other]))
        return torch.stack(list(self.parts.values())).sum()

    def report(self) -> dict[str, float]:
        """Losses of the branches and of the attention, and of the fused embedding if that is trained."""
        return {name: float(value.detach()) for name, value in self.parts.items()}


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
        rng = np.random.default_rng([self.seed, seeds.PICKED, number])
        rows = [self._pair(rng, rng.choice(self.who.anchors), same=i % 2 == 0) for i in range(self.pairs)]
        size = 2 * self.pairs
        lap = Lap(number * size // self.images, self.images / size, self.images)
        return Picked(np.array(rows).ravel(), np.repeat(np.arange(self.pairs), 2), lap)

    def _pair(self, rng: np.random.Generator, subject: Subject, same: bool) -> list[int]:
        if same:
            return self.who.two_images(rng, subject)
        other = self.who.relative if rng.random() < self.twins else self.who.stranger
        return [self.who.image(rng, subject), self.who.image(rng, other(rng, subject))]
