"""What makes several processes compute what one would: losses and batch statistics of the whole batch.

Every process computes the whole loss from all embeddings. The head costs little beside the network, and in return
hardest negatives, running statistics and counts are those of the whole batch by construction.
"""

from typing import Any

import torch
import torch.distributed as dist
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from twinlib.errors import InputError


class _Gather(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, sizes: list[int], rank: int) -> Tensor:
        padded = x.new_zeros(max(sizes), *x.shape[1:])
        padded[: len(x)] = x
        parts = [torch.empty_like(padded) for _ in sizes]
        dist.all_gather(parts, padded)
        ctx.sizes, ctx.rank = sizes, rank
        return torch.cat([part[:size] for part, size in zip(parts, sizes, strict=True)])

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Tensor) -> tuple[Tensor, None, None]:
        [grad] = grad_outputs
        start = sum(ctx.sizes[: ctx.rank])
        return grad[start : start + ctx.sizes[ctx.rank]] * len(ctx.sizes), None, None


class _Sum(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        total = x.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Tensor) -> Tensor:
        [grad] = grad_outputs
        total = grad.contiguous().clone()
        dist.all_reduce(total)
        return total


def gather(x: Float[Tensor, "b ..."], sizes: list[int], rank: int) -> Float[Tensor, "B ..."]:
    """Rows of all processes in their order, with gradient to our own.

    Args:
        x: our rows.
        sizes: rows of each process.
        rank: number of this process.

    Notes:
        Every process must compute the *same* loss from the result. Our rows then get their gradient times the number
        of processes, and averaging the parameters' gradients over the processes, as DistributedDataParallel does, gives
        the gradient of that loss.
    """
    return x if len(sizes) == 1 else _Gather.apply(x.contiguous(), sizes, rank)


class GatheredBatchNorm(_BatchNorm):
    """Batch normalisation with the statistics of all processes, on any device (torch's own refuses the CPU)."""

    def _check_input_dim(self, input: Tensor) -> None:
        """Any number of dimensions from two."""

    def forward(self, input: Float[Tensor, "B C ..."]) -> Float[Tensor, "B C ..."]:
        """Normalised; in training mode by the mean and the variance of the batches of all processes together."""
        x = input
        if not self.training:
            return super().forward(x)
        over = [0, *range(2, x.ndim)]
        shape = (1, -1, *[1] * (x.ndim - 2))
        wide = x if x.dtype == torch.float64 else x.float()
        count = _Sum.apply(wide.new_tensor([x.numel() / x.shape[1]]))
        mean = _Sum.apply(wide.sum(over)) / count
        centred = wide - mean.reshape(shape)
        variance = _Sum.apply(centred.square().sum(over)) / count
        self._follow(mean.detach(), (variance * count / (count - 1).clamp_min(1)).detach())
        y = centred * (variance + self.eps).rsqrt().reshape(shape)
        if self.affine:
            y = y * self.weight.reshape(shape) + self.bias.reshape(shape)
        return y.to(x.dtype)

    def _follow(self, mean: Tensor, variance: Tensor) -> None:
        if self.running_mean is not None and self.running_var is not None and self.num_batches_tracked is not None:
            self.num_batches_tracked += 1
            share = 1 / float(self.num_batches_tracked) if self.momentum is None else self.momentum
            self.running_mean.lerp_(mean, share)
            self.running_var.lerp_(variance, share)


def gathered_batch_norm(net: nn.Module) -> nn.Module:
    """The network with every batch normalisation turned into one over all processes, in place; names stay.

    Raises:
        InputError: for a kind of batch normalisation that is not torch's own.
    """
    for module in net.modules():
        if type(module) in (nn.BatchNorm1d, nn.BatchNorm2d):
            module.__class__ = GatheredBatchNorm
        elif isinstance(module, _BatchNorm) and not isinstance(module, GatheredBatchNorm):
            raise InputError(f"several processes cannot share the statistics of a {type(module).__name__}; start one.")
    return net


def local_partner(partner: Tensor | None, here: slice) -> Tensor | None:
    """Our part of the partners of a whole batch.

    Args:
        partner: row of each image's partner, or which rows may be it (a square of flags); None stays None.
        here: our rows.

    Returns:
        Rows counted from our first. A partner on another process is replaced by the image in its place here; twins are
        always together, so this concerns random partners only.
    """
    if partner is None or here.step is not None:
        return partner
    if partner.dtype == torch.bool:
        return partner[here, here]
    return (partner[here] - here.start) % (here.stop - here.start)


def from_main(value: float, device: torch.device) -> float:
    """The number that the main process has; every process calls this."""
    if not dist.is_initialized():
        return value
    told = torch.tensor([value], dtype=torch.float64, device=device)
    dist.broadcast(told, 0)
    return float(told)


def total(x: Tensor) -> Tensor:
    """Sum of what the processes have, without a gradient; every process calls this."""
    if not dist.is_initialized():
        return x
    whole = x.detach().clone()
    dist.all_reduce(whole)
    return whole


def leave_to_main() -> None:
    """End every process but the main one: what follows training (scores, record) is written once."""
    if dist.is_initialized() and dist.get_world_size() > 1:
        main = dist.get_rank() == 0
        dist.barrier()
        dist.destroy_process_group()
        if not main:
            raise SystemExit(0)
