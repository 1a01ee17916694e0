"""IResNet, the residual network of the face-recognition field; names of its weights as insightface has them."""

from jaxtyping import Float
from torch import Tensor, nn

from twinlib import models
from twinlib.errors import InputError
from twinlib.models.network import Network, whole_steps
from twinlib.models.preprocess import Preprocess
from twinlib.models.unit import Strided

BLOCKS = {  # depth by name → blocks of each stage
    10: (1, 1, 1, 1),
    18: (2, 2, 2, 2),
    34: (3, 4, 6, 3),
    50: (3, 4, 14, 3),
    100: (3, 13, 30, 3),
    200: (6, 26, 60, 6),
}


def conv(n_in: int, n_out: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    """Convolution without bias, padded to keep the size, weights of standard deviation 0.1."""
    kind = Strided if kernel == 1 and stride > 1 else nn.Conv2d
    layer = kind(n_in, n_out, kernel, stride, kernel // 2, bias=False)
    nn.init.normal_(layer.weight, 0, 0.1)
    return layer


class Block(nn.Module):
    """Norm, convolution, norm, PReLU, convolution with the stride, norm; added to the input or its projection."""

    def __init__(self, n_in: int, n_out: int, stride: int) -> None:
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(n_in), conv(n_in, n_out, 3)
        self.bn2, self.prelu = nn.BatchNorm2d(n_out), nn.PReLU(n_out)
        self.conv2, self.bn3 = conv(n_out, n_out, 3, stride), nn.BatchNorm2d(n_out)
        self.downsample = nn.Sequential(conv(n_in, n_out, 1, stride), nn.BatchNorm2d(n_out)) if stride > 1 else None

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B D h w"]:
        """Map of the block."""
        y = self.bn3(self.conv2(self.prelu(self.bn2(self.conv1(self.bn1(x))))))
        return y + (x if self.downsample is None else self.downsample(x))


class IResNet(Network):
    """Stem without striding, four stages of blocks, one linear layer over the whole last map, batch normalisation.

    Args:
        cfg: sizes.

    Raises:
        InputError: for an image size that 16 does not divide or a depth without a name.

    Source:
        Duta et al., ICPR 2020, in the form of insightface (last normalisation with slope fixed to 1, no dropout);
        weights with its key names load as they are.
    """

    def __init__(self, cfg: models.IResNet) -> None:
        super().__init__()
        whole_steps(cfg.image_size, 16)
        if cfg.depth not in BLOCKS:
            raise InputError(f"model.depth {cfg.depth} is unknown; known: {', '.join(map(str, BLOCKS))}.")
        self.preprocess = Preprocess(cfg.image_size, std=(cfg.divisor, cfg.divisor, cfg.divisor))
        widths = [cfg.width * 2**i for i in range(4)]
        self.conv1, self.bn1, self.prelu = conv(3, cfg.width, 3), nn.BatchNorm2d(cfg.width), nn.PReLU(cfg.width)
        stages = [
            nn.Sequential(Block(n_in, n_out, 2), *(Block(n_out, n_out, 1) for _ in range(blocks - 1)))
            for n_in, n_out, blocks in zip([cfg.width, *widths], widths, BLOCKS[cfg.depth], strict=False)
        ]
        self.layer1, self.layer2, self.layer3, self.layer4 = stages
        self.bn2 = nn.BatchNorm2d(widths[3])
        self.fc = nn.Linear(widths[3] * (cfg.image_size // 16) ** 2, cfg.embedding)
        self.features = nn.BatchNorm1d(cfg.embedding)
        self.features.weight.requires_grad_(False)

    def forward(self, images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B E"]:
        """Embedding, not normalised; compare by cosine. Images: aligned RGB crops, (x − 127.5) / 127.5."""
        x = self.prelu(self.bn1(self.conv1(images)))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.features(self.fc(self.bn2(x).flatten(1)))
