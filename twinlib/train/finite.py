"""Training stops at the first loss or gradient that is not finite, and says which images were in the batch."""

import math
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils import get_total_norm

from twinlib.errors import InputError


class Watch:
    """One optimiser step under watch: its losses, and the running statistics as they were before it.

    Args:
        modules: network and losses; their buffers (batch normalisation, lengths of embeddings) are copied.
    """

    def __init__(self, *modules: nn.Module) -> None:
        self.modules = modules
        self.kept = [(buffer, buffer.clone()) for module in modules for buffer in module.buffers()]
        self.losses: list[Tensor] = []
        self.parts: list[dict[str, Tensor]] = []

    def saw(self, loss: Tensor, parts: Mapping[str, Tensor] | None = None) -> None:
        """Note the loss of a micro-batch, and its summands by name."""
        self.losses.append(loss.detach())
        self.parts.append({name: value.detach() for name, value in (parts or {}).items()})

    def check(self, step: int, names: Callable[[int], Sequence[str]]) -> None:
        """Call it between the backward pass and the update of the weights.

        One number is read back a step, for which an accelerator waits once.

        Args:
            step: number of the step, from 0.
            names: from the number of a micro-batch in the step to its images.

        Raises:
            InputError: if a loss or the norm of the gradient is not finite. Weights are as before the step, and so are
                the running statistics.
        """
        slopes = [p.grad for module in self.modules for p in module.parameters() if p.grad is not None]
        norm = get_total_norm(slopes) if slopes else self.losses[0].new_zeros(())
        *losses, slope = torch.stack([*self.losses, norm.to(self.losses[0])]).tolist()
        if math.isfinite(slope) and all(map(math.isfinite, losses)):
            return
        for buffer, before in self.kept:
            buffer.copy_(before)
        parts, bad = "", next((micro for micro, loss in enumerate(losses) if not math.isfinite(loss)), None)
        if bad is None:
            what, micros = f"the gradient is {slope}", range(len(losses))
        else:
            what, micros = f"the loss is {losses[bad]}", range(bad, bad + 1)
            if len(self.parts[bad]) > 1:
                parts = f" ({', '.join(f'{name} {float(value):.4g}' for name, value in self.parts[bad].items())})"
        images = ", ".join(dict.fromkeys(name for micro in micros for name in names(micro)))
        raise InputError(
            f"{what} at step {step + 1}; lower train.lr or set train.precision to fp32{parts}. Nothing was written: "
            f"the last checkpoint stands. Images of the batch: {images}."
        )
