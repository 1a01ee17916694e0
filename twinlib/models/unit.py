"""Layers and helpers that several networks share: unit vectors, strided 1 × 1 convolutions, extra outputs."""

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import conv2d, normalize


def unit(x: Float[Tensor, "B E"], eps: float = 1e-12) -> Float[Tensor, "B E"]:
    """Each row over its length; a row shorter than `eps` is divided by `eps`, and gets no gradient.

    torch's own passes such a row 1 / eps times the gradient, which ends a training: a vector of zeros has no direction
    that could be mended.
    """
    short = torch.linalg.vector_norm(x.detach(), dim=1, keepdim=True) < eps
    return normalize(torch.where(short, x.detach(), x), eps=eps)


def answer(
    embedding: Tensor, given: Mapping[str, Tensor], wanted: tuple[str, ...]
) -> Tensor | tuple[Tensor, dict[str, Tensor]]:
    """The embedding alone, or with the extra outputs that were requested.

    A network that has extra outputs names them in its attribute `outputs` and takes `wanted` in `forward`.
    """
    return (embedding, {name: given[name] for name in wanted}) if wanted else embedding


class Strided(nn.Conv2d):
    """Convolution of 1 × 1 that picks its pixels first; weights and numbers are those of `nn.Conv2d`.

    On a CPU, oneDNN writes past its memory in the gradient of a strided 1 × 1 convolution, channels last, of fewer
    channels than one of the processor's vectors holds, and the process dies, or worse does not.
    """

    def forward(self, input: Float[Tensor, "B C H W"]) -> Float[Tensor, "B D h w"]:
        """Map at every s-th pixel, from the first one on."""
        down, across = self.stride
        return conv2d(input[..., ::down, ::across], self.weight, self.bias, groups=self.groups)


def pick_pixels(net: nn.Module) -> nn.Module:
    """Turn every strided 1 × 1 convolution of a network, of a library's too, into `Strided`, in place.

    Names and values of the weights stay. Returns the network.
    """
    for module in net.modules():
        if type(module) is nn.Conv2d and module.kernel_size == (1, 1) and max(module.stride) > 1:
            if module.padding in ((0, 0), 0, "valid"):
                module.__class__ = Strided
    return net
