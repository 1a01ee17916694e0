"""Plain networks of the field, and what a network must offer. Defaults are published (P) or our choice (C)."""

from dataclasses import dataclass
from typing import Literal

from twinlib.ranges import Count, Positive, Settings

HUB = "hub"  # where weights come from that `timm` downloads


@dataclass(frozen=True)
class MobileFaceNet(Settings):
    """Inverted residuals and a global depthwise convolution, 1 M parameters."""

    image_size: Count = 112  # height of the input, px; a multiple of 16 (P)
    width: Count = 64  # channels of the first layers; later ones have twice, the last eight times as many (P)
    blocks: tuple[Count, Count, Count] = (5, 6, 2)  # bottlenecks of each resolution (P)
    form: Literal["prelu", "relu6"] = "prelu"  # activation, and what follows the stem (P: prelu)
    narrow: bool = False  # the input lacks a seventh of its columns: 96 of 112 (P: both are published)
    embedding: Count = 128  # E (P)
    divisor: Positive = 127.5  # of pixels, (x − 127.5) / divisor (C; SymFace: 128)


@dataclass(frozen=True)
class IResNet(Settings):
    """Improved residual network of the face-recognition field."""

    image_size: Count = 112  # side of the input, px; a multiple of 16 (P)
    depth: Count = 100  # 18, 34, 50, 100 or 200 layers by name (P); 10 has one block a stage (C)
    width: Count = 64  # channels of the first stage; the others have 2, 4 and 8 times as many (P)
    embedding: Count = 512  # E (P)
    divisor: Positive = 127.5  # of pixels, (x − 127.5) / divisor (C; SymFace: 128)


@dataclass(frozen=True)
class ShuffleFaceNet(Settings):
    """ShuffleNet V2 with PReLU and a global depthwise convolution; the defaults are the one 1.5 times as wide."""

    image_size: Count = 112  # side of the input, px; a multiple of 16 (P)
    channels: tuple[Count, Count, Count, Count, Count] = (24, 176, 352, 704, 1024)  # stem, three stages, last layer (P)
    blocks: tuple[Count, Count, Count] = (4, 8, 4)  # units of each stage (P)
    embedding: Count = 128  # E (P)
    divisor: Positive = 127.5  # of pixels, (x − 127.5) / divisor (C; SymFace: 128)


@dataclass(frozen=True)
class VarGFaceNet(Settings):
    """Variable group convolutions: groups of 8 channels, however many there are."""

    image_size: Count = 112  # side of the input, px; a multiple of 16 (P)
    width: Count = 40  # channels of the stem, a multiple of 8; the stages have 2, 4 and 8 times as many (P)
    blocks: tuple[Count, Count, Count] = (3, 7, 4)  # units of each stage (P)
    last: Count = 1024  # channels of the last layer, a multiple of 8 (P)
    embedding: Count = 512  # E (P)
    divisor: Positive = 127.5  # of pixels, (x − 127.5) / divisor (C; SymFace: 128)


# What a configuration can name: kind → name → its settings, and the class they build.
NAMED = {
    "model": {
        "mobilefacenet": (MobileFaceNet, "twinlib.models.mobilefacenet:MobileFaceNet"),
        "iresnet": (IResNet, "twinlib.models.iresnet:IResNet"),
        "shufflefacenet": (ShuffleFaceNet, "twinlib.models.shufflefacenet:ShuffleFaceNet"),
        "vargfacenet": (VarGFaceNet, "twinlib.models.vargfacenet:VarGFaceNet"),
    },
}
