"""The plain vision transformer: the paper's base, and the backbone of what is built on it."""

from typing import Literal

from jaxtyping import Float
from timm.models.vision_transformer import VisionTransformer
from torch import Tensor, nn

from twinlib import ahan
from twinlib.ahan.backbone import named_backbone
from twinlib.errors import InputError
from twinlib.models.network import Network, whole_steps
from twinlib.models.preprocess import Preprocess

GRID_CHANNELS = 16  # each token keeps this many numbers in the grid head


def conv_bn_relu(n_in: int, n_out: int, stride: int, kernel: int = 3) -> nn.Sequential:
    """3×3 or 4×4 convolution, batch normalisation, ReLU."""
    return nn.Sequential(nn.Conv2d(n_in, n_out, kernel, stride, 1, bias=False), nn.BatchNorm2d(n_out), nn.ReLU())


class Residual(nn.Module):
    """x + two convolutions of x, at constant size."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            conv_bn_relu(width, width, 1), nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width)
        )

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C H W"]:
        """Return relu(x + body(x))."""
        return (x + self.body(x)).relu()


def conv_stem(patch: int, width: int, stem: Literal["conv", "even"] = "conv") -> nn.Sequential:
    """Convolutions that replace the linear patch embedding: same grid, local detail kept. Our choice.

    Args:
        patch: side of a patch, px.
        width: d.
        stem: conv halves with 3×3 kernels, whose middle is a pixel: a token then looks (patch − 1) / 2 px to the left
            of and above its cell, and the map of a mirrored picture is not the mirrored map's. even halves with 4×4
            kernels, whose middle lies between pixels: each column sees the mirror image of what its mirror column sees.

    Raises:
        InputError: unless `patch` is a power of two from 4 to 32 and `width` divides by 4.
    """
    if patch not in (4, 8, 16, 32) or width % 4:
        raise InputError(f"stem conv needs patch 4, 8, 16 or 32 and width divisible by 4; got {patch} and {width}.")
    halvings = patch.bit_length() - 1
    widths = [3] + [max(width >> (halvings - i), width // 4) for i in range(1, halvings)] + [width]
    layers: list[nn.Module] = []
    for i in range(halvings):
        layers.append(conv_bn_relu(widths[i], widths[i + 1], 2, 4 if stem == "even" else 3))
        if i >= halvings - 2:
            layers.append(Residual(widths[i + 1]))
    return nn.Sequential(*layers)


def own_backbone(cfg: ahan.ViT) -> VisionTransformer:
    """A ViT of the sizes and with the stem of `cfg`.

    Raises:
        InputError: for sizes that do not divide.
    """
    whole_steps(cfg.image_size, cfg.patch, "model.patch")
    if cfg.width % cfg.heads:
        raise InputError(f"model.width {cfg.width} must be a multiple of model.heads {cfg.heads}.")
    net = VisionTransformer(
        img_size=cfg.image_size,
        patch_size=cfg.patch,
        embed_dim=cfg.width,
        depth=cfg.depth,
        num_heads=cfg.heads,
        mlp_ratio=cfg.mlp_ratio,
        num_classes=0,
    )
    if cfg.stem != "patch":
        net.patch_embed.proj = conv_stem(cfg.patch, cfg.width, cfg.stem)
    return net


def require_class_token(net: "ViT", cfg: ahan.ViT) -> None:
    """Refuse what a network that chooses parts by the class token cannot be built on.

    Raises:
        InputError: for a backbone without a class token, or the grid head, which does not read it.
    """
    name = type(net).__name__.lower()
    if not net.backbone.has_class_token:
        raise InputError(f"{name} chooses parts by the class token, and model.backbone {cfg.backbone!r} has none.")
    if cfg.head != "cls":
        raise InputError(f"{name} needs model.head cls; got {cfg.head}.")


class ViT(Network):
    """A `timm` VisionTransformer with a linear embedding and batch normalisation on top: e = BN(W · features).

    Args:
        cfg: sizes, stem and head.

    Source:
        Dosovitskiy et al., ICLR 2021; the embedding head follows the paper's fusion layer. `head="grid"` is ours:
        tokens keep their place, so that the head can read *where* something is. Backbones without a class token give
        the mean of their patch tokens instead.
    """

    placed: bool = True  # `tokens` gives every patch in its place, so that there are maps of them

    def __init__(self, cfg: ahan.ViT) -> None:
        super().__init__()
        self.preprocess = Preprocess(cfg.image_size)
        self.backbone = own_backbone(cfg) if cfg.backbone is None else named_backbone(cfg)
        self.backbone.set_grad_checkpointing(cfg.recompute)
        self.grid = self.backbone.patch_embed.grid_size[0]
        width = self.backbone.embed_dim
        self.head = cfg.head
        self.reduce = nn.Linear(width, GRID_CHANNELS) if cfg.head == "grid" else None
        features = width if self.reduce is None else GRID_CHANNELS * self.grid**2
        self.embed = nn.Linear(features, cfg.embedding, bias=False)
        self.norm = nn.BatchNorm1d(cfg.embedding)

    def tokens(self, images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B T d"]:
        """Tokens of the last block after its layer norm: class token (and registers) first, then the N patches.

        Args:
            images: aligned RGB crops, (x − 127.5) / 127.5.
        """
        return self.backbone.forward_features(images)

    def global_stream(self, X: Float[Tensor, "B T d"]) -> Float[Tensor, "B G"]:
        """g: class token, or mean of the patches (also where there is none; G = d), or each token in its place."""
        if self.reduce is not None:
            return self.reduce(self.map(X)).flatten(1)
        token = self.head == "cls" and self.backbone.has_class_token
        return X[:, 0] if token else self.map(X).mean(dim=(1, 2))

    def map(self, X: Float[Tensor, "B T d"]) -> Float[Tensor, "B H W d"]:
        """The patch tokens in their places."""
        return X[:, self.backbone.num_prefix_tokens :].unflatten(1, (self.grid, self.grid))

    def forward(self, images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B E"]:
        """Embedding, not normalised; compare by cosine. Images: aligned RGB crops, (x − 127.5) / 127.5."""
        return self.norm(self.embed(self.global_stream(self.tokens(images))))
