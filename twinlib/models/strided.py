"""1 × 1 convolutions with a stride, as the same convolution of every s-th pixel."""

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import conv2d


class Strided(nn.Conv2d):
    """Convolution of 1 × 1 that picks its pixels first; weights and numbers are those of `nn.Conv2d`.

    On a CPU, oneDNN writes past its memory in the gradient of a strided 1 × 1 convolution, channels last, of fewer
    channels than one of the processor's vectors holds, and the process dies, or worse does not.
    """

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B D h w"]:
        """Map at every s-th pixel, from the first one on."""
        down, across = self.stride
        return conv2d(x[..., ::down, ::across], self.weight, self.bias, groups=self.groups)


def pick_pixels(net: nn.Module) -> nn.Module:
    """Turn every strided 1 × 1 convolution of a network, of a library's too, into `Strided`, in place.

    Names and values of the weights stay. Returns the network.
    """
    for module in net.modules():
        if type(module) is nn.Conv2d and module.kernel_size == (1, 1) and max(module.stride) > 1:
            if module.padding in ((0, 0), 0, "valid"):
                module.__class__ = Strided
    return net
