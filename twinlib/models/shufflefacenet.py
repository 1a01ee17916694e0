"""ShuffleFaceNet: ShuffleNet V2 with PReLU and a global depthwise convolution in place of pooling."""

from typing import cast

from jaxtyping import Float
from torch import Tensor, nn
from torchvision.models.shufflenetv2 import InvertedResidual

from twinlib import models
from twinlib.errors import InputError
from twinlib.models.mobilefacenet import conv_norm
from twinlib.models.network import Network, whole_steps
from twinlib.models.preprocess import Preprocess


def with_prelu(module: nn.Module) -> nn.Module:
    """The same module with a PReLU, a slope a channel, for every ReLU that follows a batch normalisation."""
    for parent in list(module.modules()):
        if isinstance(parent, nn.Sequential):
            for i, layer in enumerate(parent):
                if isinstance(layer, nn.ReLU):
                    parent[i] = nn.PReLU(cast("nn.BatchNorm2d", parent[i - 1]).num_features)
    return module


class ShuffleFaceNet(Network):
    """Strided stem, three stages of shuffled units, 1 × 1 convolution, global depthwise convolution, linear embedding.

    Args:
        cfg: channels and units.

    Raises:
        InputError: for an image size that 16 does not divide, or odd channels of a stage.

    Source:
        Martínez-Díaz et al., ShuffleFaceNet, ICCV workshop 2019; the units are torchvision's.
    """

    def __init__(self, cfg: models.ShuffleFaceNet) -> None:
        super().__init__()
        whole_steps(cfg.image_size, 16)
        if any(n % 2 for n in cfg.channels[1:4]):
            raise InputError(f"model.channels of the stages must be even, got {cfg.channels}.")
        self.preprocess = Preprocess(cfg.image_size, std=(cfg.divisor, cfg.divisor, cfg.divisor))
        stem, *stages, last = cfg.channels
        self.stem = nn.Sequential(*conv_norm(3, stem, 3, 2), nn.PReLU(stem))
        self.stages = nn.Sequential()
        for n_in, n_out, blocks in zip([stem, *stages], stages, cfg.blocks, strict=False):
            units = [InvertedResidual(n_in if i == 0 else n_out, n_out, 2 if i == 0 else 1) for i in range(blocks)]
            self.stages.append(with_prelu(nn.Sequential(*units)))
        self.last = nn.Sequential(*conv_norm(stages[-1], last, 1), nn.PReLU(last))
        side = cfg.image_size // 16
        self.pool = nn.Sequential(*conv_norm(last, last, (side, side), depthwise=True))
        self.embed = nn.Sequential(*conv_norm(last, cfg.embedding, 1))

    def forward(self, images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B E"]:
        """Embedding, not normalised; compare by cosine. Images: aligned RGB crops, (x − 127.5) / 127.5."""
        return self.embed(self.pool(self.last(self.stages(self.stem(images))))).flatten(1)
