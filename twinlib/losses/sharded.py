"""A margin head for very many identities: each process holds the centres of its share of them.

Weights, gradients, optimiser states and logits are cut over the processes; what is sent are the embeddings, their
gradients and three numbers an image. Values and gradients are those of the head that holds everything.
"""

from collections.abc import Callable
from typing import Any

import torch
import torch.distributed as dist
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import embedding as rows_of
from torch.nn.functional import pad

from twinlib.errors import InputError
from twinlib.losses.head import cosines, full_precision, wide

Logits = Callable[[Tensor, Tensor], Tensor]  # cosines B × C and labels → logits B × C


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

    Not a loss of `twinlib run`: its checkpoints are written by the main process, which does not hold the other shards,
    and its clipping and accuracy would need sums over processes too. In a loop of your own, gather the embeddings with
    `twinlib.train.parallel.gather`, give `weight` to an optimiser of this process, and save it from every process.

    Args:
        logits: the margin, e.g. `partial(arcface_logits, s=64.0, m=0.5)`; the target may depend on its cosine only.
        width: size of the embedding.
        classes: number of identities over all processes.
        share: of the centres of this process that take part in a step: those of the batch's identities and, to make up
            the number, others at random. Below 1 the loss is that over fewer classes, so it is smaller, and the
            gradient of `weight` is sparse: for `torch.optim.SparseAdam`, or SGD without momentum.

    Raises:
        InputError: fewer classes than processes, or a share outside (0, 1].

    Source:
        An et al., Partial FC, CVPR 2022: shards and sampling. Theirs keeps a second matrix for the sampled centres; a
        sparse gradient is our choice.
    """

    def __init__(self, logits: Logits, width: int, classes: int, share: float = 1.0) -> None:
        super().__init__()
        if not 0 < share <= 1:
            raise InputError(f"share of the centres in a step must lie in (0, 1]; got {share}.")
        rank, processes = (dist.get_rank(), dist.get_world_size()) if dist.is_initialized() else (0, 1)
        self.logits, self.share, self.own = logits, share, shard(classes, rank, processes)
        # Processes start from one seed, but two centres must not start as one.
        rng = torch.Generator().manual_seed(int(torch.randint(2**62, ())) + rank)
        self.weight = nn.Parameter(torch.randn(len(self.own), width, generator=rng) * 0.05)

    def draw(self, label: Int[Tensor, " B"]) -> Int[Tensor, " c"]:
        """Rows of `weight` that take part in a step, rising: the batch's identities that are here, and others."""
        here = label[(label >= self.own.start) & (label < self.own.stop)].unique() - self.own.start
        count = max(len(here), round(self.share * len(self.own)))
        order = torch.rand(len(self.own), device=label.device)
        order[here] = 2.0  # before all that were drawn
        return order.topk(count).indices.sort().values

    def forward(self, embedding: Float[Tensor, "B E"], label: Int[Tensor, " B"]) -> Float[Tensor, ""]:
        """The mean loss of the whole batch, on every process.

        Args:
            embedding: of all images of all processes, the same on every process.
            label: identity of each, in [0, classes).
        """
        with full_precision(embedding):
            target = label - self.own.start
            centres = self.weight
            if self.share < 1:
                drawn = self.draw(label)
                centres = rows_of(drawn, self.weight, sparse=True)
                target = torch.searchsorted(drawn, target)  # right for those that are here, and they were all drawn
            here = (label >= self.own.start) & (label < self.own.stop)
            target = torch.where(here, target, len(centres))
            # One column more, dropped again, so that images of other processes' identities have a true class as well.
            cos = pad(cosines(_Spread.apply(wide(embedding)), centres), (0, 1))
            return sharded_cross_entropy(self.logits(cos, target)[:, :-1], target).mean()
