"""A margin head for very many identities: each process holds the centres of its share of them.

Weights, gradients, optimiser states and logits are cut over the processes; what is sent are the embeddings, their
gradients and three numbers an image. Values and gradients are those of the head that holds everything.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
import torch.distributed as dist
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn.functional import embedding as rows_of
from torch.nn.functional import pad

from twinlib import losses
from twinlib.errors import InputError
from twinlib.losses.arcface import arcface_logits
from twinlib.losses.cosface import cosface_logits
from twinlib.losses.head import cosines, full_precision, wide

Logits = Callable[..., Tensor]  # cosines B × C and labels, possibly m=margin → logits B × C
BLOCK = 1024  # centres that are drawn from one seed, so that the first ones are the same on any number of processes


class _Spread(torch.autograd.Function):
    """The same tensor on every process; each computes a part of what follows, so that the gradients add up."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, *grad: Any) -> Any:
        return _reduced(grad[0], dist.ReduceOp.SUM)


class _Total(torch.autograd.Function):
    """Sum over the processes, from which every process computes the same; each summand gets that one gradient."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return _reduced(x, dist.ReduceOp.SUM)

    @staticmethod
    def backward(ctx: Any, *grad: Any) -> Any:
        return grad[0]


def _reduced(x: Tensor, how: Any) -> Tensor:
    whole = x.contiguous().clone()
    if dist.is_initialized():
        dist.all_reduce(whole, how)
    return whole


def shard(classes: int, rank: int, processes: int) -> range:
    """The classes whose centres process `rank` holds: about as many each, in order.

    Raises:
        InputError: if a process would get none.
    """
    if classes < processes:
        raise InputError(f"{processes} processes cannot share {classes} identities; start fewer.")
    return range(classes * rank // processes, classes * (rank + 1) // processes)


def sharded_cross_entropy(logits: Float[Tensor, "B c"], target: Int[Tensor, " B"]) -> Float[Tensor, " B"]:
    r"""Softmax cross-entropy over the logits of all processes.

    .. math:: \ell_i = \log\sum_p\sum_{j\in p} e^{z_{ij}} - z_{i y_i}

    Args:
        logits: of the classes of this process, for every image of the whole batch.
        target: column of the true class here; c where another process holds it.

    Returns:
        The loss of each image, the same on every process. The gradient is exact if every process computes the same
        from it.
    """
    top = _reduced(logits.detach().amax(1), dist.ReduceOp.MAX)
    mass = _Total.apply((logits - top[:, None]).exp().sum(1))
    own = target < logits.shape[1]
    true = logits.gather(1, torch.where(own, target, 0)[:, None])[:, 0]
    return top + mass.log() - _Total.apply(torch.where(own, true, 0.0))


class ShardedHead(nn.Module):
    """Mean softmax cross-entropy over margin logits; owns the centres of `self.own`, a range of the classes.

    `loss: sharded` of an experiment; `train.stored.shards` writes and reads its checkpoints on every process. In a loop
    of your own, gather the embeddings with `twinlib.train.parallel.gather`, give `weight` to an optimiser of this
    process, and save it from every process.

    Args:
        logits: the margin, e.g. `partial(arcface_logits, s=64.0, m=0.5)`; the target may depend on its cosine only.
        width: size of the embedding.
        classes: number of identities over all processes.
        share: of the centres of this process that take part in a step: those of the batch's identities and, to make up
            the number, others at random. Below 1 the loss is that over fewer classes, so it is smaller.
        m: margin that `logits` takes as `m`, for one that grows; None: `logits` has it.
        ramp: share of the training over which `m` grows from 0.
        sparse: below a share of 1, a sparse gradient of `weight`: for `torch.optim.SparseAdam` or SGD without momentum.

    Raises:
        InputError: fewer than two classes, fewer than processes, or a share outside (0, 1].

    Source:
        An et al., Partial FC, CVPR 2022: shards and sampling. Theirs keeps a second matrix for the sampled centres; a
        sparse gradient is our choice.
    """

    def __init__(
        self,
        logits: Logits,
        width: int,
        classes: int,
        share: float = 1.0,
        m: float | None = None,
        ramp: float = 0.0,
        sparse: bool = True,
    ) -> None:
        super().__init__()
        if not 0 < share <= 1:
            raise InputError(f"share of the centres in a step must lie in (0, 1]; got {share}.")
        if classes < 2:
            raise InputError(f"loss sharded needs at least 2 training identities; got {classes}. Add families.")
        rank, processes = (dist.get_rank(), dist.get_world_size()) if dist.is_initialized() else (0, 1)
        self.logits, self.share, self.own = logits, share, shard(classes, rank, processes)
        self.m, self.ramp, self.sparse = m, ramp, sparse
        self.weight = nn.Parameter(0.05 * drawn_rows(self.own, width, int(torch.randint(2**62, ()))))

    @classmethod
    def of(cls, cfg: losses.Sharded, width: int, classes: int) -> "ShardedHead":
        """As a configuration names it; its gradient is dense, for any optimiser of `train`."""
        logits = partial({"arcface": arcface_logits, "cosface": cosface_logits}[cfg.margin], s=cfg.s)
        return cls(logits, width, classes, cfg.share, cfg.m, cfg.ramp, sparse=False)

    def draw(self, label: Int[Tensor, " B"]) -> Int[Tensor, " c"]:
        """Rows of `weight` that take part in a step, rising: the batch's identities that are here, and others."""
        here = label[(label >= self.own.start) & (label < self.own.stop)].unique() - self.own.start
        count = max(len(here), round(self.share * len(self.own)))
        order = torch.rand(len(self.own), device=label.device)
        order[here] = 2.0  # before all that were drawn
        return order.topk(count).indices.sort().values

    def forward(
        self,
        embedding: Float[Tensor, "B E"],
        label: Int[Tensor, " B"],
        done: float = 1.0,
        sample_weight: Float[Tensor, " B"] | None = None,
    ) -> Float[Tensor, ""]:
        """The mean loss of the whole batch, on every process.

        Args:
            embedding: of all images of all processes, the same on every process.
            label: identity of each, in [0, classes).
            done: share of the training that is over, for the ramp.
            sample_weight: factor of each sample's cross-entropy, a constant for the gradient.

        Raises:
            InputError: for an empty batch.
        """
        if not len(label):
            raise InputError("loss sharded needs at least one sample; the batch is empty.")
        grown = {} if self.m is None else {"m": self.m * (min(1.0, done / self.ramp) if self.ramp else 1.0)}
        with full_precision(embedding):
            target = label - self.own.start
            centres = self.weight
            if self.share < 1:
                drawn = self.draw(label)
                centres = rows_of(drawn, self.weight, sparse=self.sparse)
                target = torch.searchsorted(drawn, target)  # right for those that are here, and they were all drawn
            here = self._here(label)
            target = torch.where(here, target, len(centres))
            # One column more, dropped again, so that images of other processes' identities have a true class as well.
            cos = pad(cosines(_Spread.apply(wide(embedding)), centres), (0, 1))
            loss = sharded_cross_entropy(self.logits(cos, target, **grown)[:, :-1], target)
            return (loss if sample_weight is None else sample_weight.detach() * loss).mean()

    @torch.no_grad()
    def right(self, embedding: Float[Tensor, "B E"], label: Int[Tensor, " B"]) -> Bool[Tensor, " B"]:
        """Whether no centre of any process is nearer than the image's own; every process calls this."""
        cos, here = cosines(embedding, self.weight), self._here(label)
        own = cos.gather(1, torch.where(here, label - self.own.start, 0)[:, None])[:, 0]
        own = _reduced(torch.where(here, own, -torch.inf), dist.ReduceOp.MAX)
        return own >= _reduced(cos.amax(1), dist.ReduceOp.MAX)

    def sample_weights(self, logits: Float[Tensor, "B C"], label: Int[Tensor, " B"]) -> None:
        """None: all samples count alike."""

    def report(self) -> dict[str, float]:
        """Nothing."""
        return {}

    def _here(self, label: Int[Tensor, " B"]) -> Bool[Tensor, " B"]:
        return (label >= self.own.start) & (label < self.own.stop)


class Centres(nn.Module):
    """All class centres of a finished training, in this process's memory; an accelerator gets a block at a time.

    Args:
        weight: of every identity.
    """

    def __init__(self, weight: Float[Tensor, "C E"]) -> None:
        super().__init__()
        self.weight = weight  # no parameter: `to` leaves it where it is

    def nearest(self, embedding: Float[Tensor, "B E"]) -> Int[Tensor, " B"]:
        """The nearest class centre of each embedding."""
        best = embedding.new_full((len(embedding),), -torch.inf)
        found = torch.zeros(len(embedding), dtype=torch.long, device=embedding.device)
        for start in range(0, len(self.weight), 64 * BLOCK):
            cos, place = cosines(embedding, self.weight[start : start + 64 * BLOCK].to(embedding)).max(1)
            found = torch.where(cos > best, place + start, found)
            best = torch.maximum(best, cos.to(best))
        return found


def drawn_rows(own: range, width: int, seed: int) -> Float[Tensor, "c E"]:
    """Some rows of a matrix of normal numbers that follows from the seed alone, whichever rows are asked for."""
    blocks = range(own.start // BLOCK, -(-own.stop // BLOCK))
    seeds = [torch.Generator().manual_seed((seed + block) % 2**63) for block in blocks]
    rows = torch.cat([torch.randn(BLOCK, width, generator=rng) for rng in seeds])
    return rows[own.start - BLOCK * blocks.start :][: len(own)].clone()
