"""Settings of the peers' networks; defaults are published (P) or our choice (C)."""

from dataclasses import dataclass
from typing import Annotated, Literal

from twinlib.config.models import AHAN, ViT
from twinlib.ranges import Count, Positive, Settings, Within


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


@dataclass(frozen=True)
class FPN(Settings):
    """Residual network with a feature pyramid, one level of it pooled to the embedding."""

    image_size: Count = 224  # side of the input, px (P)
    backbone: str = "resnet50"  # any `timm` network with four feature maps (P)
    level: Literal["p2", "p3", "p4", "p5", "none"] = "p5"  # none: a linear layer instead (C; P: p5, none)
    embedding: Count = 256  # E: channels of the pyramid (C)


@dataclass(frozen=True)
class LocalGlobal(Settings):
    """Global branch and attention branch over one backbone, fused."""

    image_size: Count = 224  # side of the input, px (M)
    backbone: str = "resnet50"  # any `timm` name; resnet50, resnet101, efficientnet_b0 (M)
    attention: Literal["cbam", "transformer", "spatial"] = "cbam"  # (M)
    reduction: Count = 16  # of the gates' hidden layers (M)
    heads: Count = 8  # of the transformer attention (M)
    dropout: Annotated[float, Within("[0, 1)")] = 0.3  # after each branch and the fusion (M)
    embedding: Count = 512  # E; each branch has half (M)


@dataclass(frozen=True)
class TransFace(Settings):
    """Vision transformer without a class token whose patches are gated; the defaults are TransFace-S."""

    image_size: Count = 112  # side of the input, px (P)
    patch: Count = 9  # side of a patch, px; pixels beyond the last whole patch are not seen (P)
    width: Count = 512  # d (P)
    depth: Count = 12  # L (P)
    heads: Count = 8  # h (P)
    mlp_ratio: Positive = 4.0  # hidden width of the MLP over d (P)
    drop_path: Annotated[float, Within("[0, 1)")] = 0.05  # stochastic depth of the last block (M)
    embedding: Count = 512  # E (P)


@dataclass(frozen=True)
class TransFG(ViT):
    """Vision transformer whose last block sees the class token and one selected patch a head."""

    image_size: Count = 448  # side of the square input, px (P)
    stride: Count = 12  # from patch to patch, px; below `patch` they overlap (P)


@dataclass(frozen=True)
class DCAL(ViT):
    """Dual cross-attention learning: global-local attention, and attention to a distractor in training."""

    image_size: Count = 256  # side of the square input, px (P)
    share: Annotated[float, Within("(0, 1]")] = 0.3  # of the patches, by highest rollout, that are queries (P: re-id)
    glca: bool = True  # global-local branch (P)
    pair: bool = True  # pairwise branch; training only (P)
    partner: Literal["random", "twin"] = "random"  # the other image of a pair (P)


MODELS: dict[str, type] = {
    "vit": ViT,
    "ahan": AHAN,
    "mobilefacenet": MobileFaceNet,
    "iresnet": IResNet,
    "shufflefacenet": ShuffleFaceNet,
    "vargfacenet": VarGFaceNet,
    "fpn": FPN,
    "local_global": LocalGlobal,
    "transface": TransFace,
    "transfg": TransFG,
    "dcal": DCAL,
}
