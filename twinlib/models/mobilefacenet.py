"""MobileFaceNet, in the two forms whose weights are published."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Literal

from jaxtyping import Float
from torch import Tensor, nn

from twinlib import models
from twinlib.errors import InputError
from twinlib.models.network import Network, whole_steps
from twinlib.models.preprocess import Preprocess


def conv_norm(n_in: int, n_out: int, kernel: int | tuple[int, int], stride: int = 1, depthwise: bool = False) -> list:
    """Convolution and batch normalisation; padded to keep the size unless the kernel is even or not square."""
    padding = kernel // 2 if isinstance(kernel, int) else 0
    groups = n_in if depthwise else 1
    return [nn.Conv2d(n_in, n_out, kernel, stride, padding, groups=groups, bias=False), nn.BatchNorm2d(n_out)]


def activation(form: str, channels: int) -> nn.Module:
    """PReLU with a slope a channel, or ReLU6."""
    return nn.PReLU(channels) if form == "prelu" else nn.ReLU6()


class Bottleneck(nn.Module):
    """Expand, filter each channel, project; added to the input where the shapes allow.

    Args:
        n_in: channels of the input.
        n_out: channels of the output.
        expansion: inner channels over `n_in`.
        stride: of the filter.
        form: prelu or relu6.
    """

    def __init__(self, n_in: int, n_out: int, expansion: int, stride: int, form: str) -> None:
        super().__init__()
        inner = n_in * expansion
        self.residual = stride == 1 and n_in == n_out
        self.body = nn.Sequential(
            *conv_norm(n_in, inner, 1), activation(form, inner),
            *conv_norm(inner, inner, 3, stride, depthwise=True), activation(form, inner),
            *conv_norm(inner, n_out, 1),
        )  # fmt: skip

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B D h w"]:
        """Filtered map."""
        return x + self.body(x) if self.residual else self.body(x)


class MobileFaceNet(Network):
    """Stem, bottlenecks, a depthwise convolution as large as the last map in place of pooling, a linear embedding.

    Args:
        cfg: sizes and form. prelu: the paper's, a depthwise convolution after the stem; relu6: a depthwise-separable
            one after the stem, a bias in the last layer.

    Raises:
        InputError: if the image size is no multiple of 16 px, or of 112 px for a narrow input.

    Source:
        Chen et al., MobileFaceNets, CCBR 2018; weights of two public re-implementations, see `published`.
    """

    def __init__(self, cfg: models.MobileFaceNet) -> None:
        super().__init__()
        whole_steps(cfg.image_size, *((112, "model.narrow's") if cfg.narrow else (16,)))
        margin = cfg.image_size // 14 if cfg.narrow else 0
        columns = (margin, cfg.image_size - margin) if margin else None
        self.preprocess = Preprocess(cfg.image_size, columns, std=(cfg.divisor, cfg.divisor, cfg.divisor))
        w, last, form = cfg.width, 8 * cfg.width, cfg.form
        self.stem = nn.Sequential(*conv_norm(3, w, 3, 2), activation(form, w))
        self.depthwise = nn.Sequential(
            *conv_norm(w, w, 3, depthwise=True), nn.PReLU(w) if form == "prelu" else nn.ReLU()
        )
        if form == "relu6":
            self.depthwise.extend([*conv_norm(w, w, 1), nn.ReLU()])
        self.blocks = nn.Sequential(*_bottlenecks(w, cfg.blocks, form))
        self.last = nn.Sequential(*conv_norm(2 * w, last, 1), activation(form, last))
        kernel = (cfg.image_size // 16, (cfg.image_size - 2 * margin) // 16)
        self.pool = nn.Sequential(*conv_norm(last, last, kernel, depthwise=True))
        self.embed = nn.Sequential(
            nn.Conv2d(last, cfg.embedding, 1, bias=form == "relu6"), nn.BatchNorm2d(cfg.embedding)
        )

    def forward(self, images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B E"]:
        """Embedding, not normalised; compare by cosine. Images: as `preprocess` gives them."""
        x = self.blocks(self.depthwise(self.stem(images)))
        return self.embed(self.pool(self.last(x))).flatten(1)


def _bottlenecks(w: int, blocks: tuple[int, int, int], form: str) -> list[Bottleneck]:
    first, middle, end = blocks
    stages = [(w, 2, first, 2), (2 * w, 4, 1, 2), (2 * w, 2, middle, 1), (2 * w, 4, 1, 2), (2 * w, 2, end, 1)]
    layers, n_in = [], w
    for n_out, expansion, count, stride in stages:
        for i in range(count):
            layers.append(Bottleneck(n_in, n_out, expansion, stride if i == 0 else 1, form))
            n_in = n_out
    return layers


# Names in the published files → ours: each pattern in turn.
BOTH = {r"^conv1\.": "stem.", r"^conv2\.": "last."}
KEYS = {
    "prelu": {
        r"^blocks\.(\d+)\.conv\.": r"blocks.\1.body.",
        r"^(\w+)\.conv\.": r"\1.0.", r"^(\w+)\.bn\.": r"\1.1.", r"^(\w+)\.prelu\.": r"\1.2.",
        r"^dw_conv1\.": "depthwise.", r"^linear7\.": "pool.", r"^linear1\.": "embed.",
    } | BOTH,
    "relu6": {
        r"^features\.(\d+)\.conv\.0\.(\d)\.": r"blocks.\1.body.\2.",
        r"^features\.(\d+)\.conv\.1\.0\.": r"blocks.\1.body.3.",
        r"^features\.(\d+)\.conv\.1\.1\.": r"blocks.\1.body.4.",
        r"^features\.(\d+)\.conv\.2\.": r"blocks.\1.body.6.", r"^features\.(\d+)\.conv\.3\.": r"blocks.\1.body.7.",
        r"^dw_conv\.depthwise\.": "depthwise.0.", r"^dw_conv\.bn1\.": "depthwise.1.",
        r"^dw_conv\.pointwise\.": "depthwise.3.", r"^dw_conv\.bn2\.": "depthwise.4.",
        r"^gdconv\.depthwise\.": "pool.0.", r"^gdconv\.bn\.": "pool.1.", r"^conv3\.": "embed.0.", r"^bn\.": "embed.1.",
    } | BOTH,
}  # fmt: skip
MARKS: dict[str, Literal["prelu", "relu6"]] = {
    "linear7.conv.weight": "prelu",
    "gdconv.depthwise.weight": "relu6",
}  # a key that only this form's file has
IMAGENET = {
    "mean": (123.675, 116.28, 103.53),
    "std": (58.395, 57.12, 57.375),
}  # .485 .456 .406 and .229 .224 .225 of 255


def published(path: Path | str) -> MobileFaceNet:
    """The network of a published weights file, in `eval` mode, with the input it was trained on as `preprocess`.

    Args:
        path: safetensors file with the names of its origin: Xiaoccer's network (112 × 96 px, PReLU) or foamliu's
            (112 × 112 px, ReLU6).

    Raises:
        InputError: if the file is neither, or not whole.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        weights = load_file(path)
    except (OSError, SafetensorError) as error:
        raise InputError(f"{path} is no readable safetensors file ({error}).") from error
    form = next((form for key, form in MARKS.items() if key in weights), None)
    if form is None:
        raise InputError(f"{path} holds no MobileFaceNet that is known here; wanted a key {' or '.join(MARKS)}.")
    net = MobileFaceNet(models.MobileFaceNet(form=form, narrow=form == "prelu"))
    try:
        net.load_state_dict({_renamed(key, form): value for key, value in weights.items()})
    except RuntimeError as error:
        raise InputError(f"{path} does not fit MobileFaceNet: {error}") from error
    scale = {"std": (128.0, 128.0, 128.0)} if form == "prelu" else IMAGENET
    net.preprocess = replace(net.preprocess, **scale)
    return net.eval()


def _renamed(key: str, form: str) -> str:
    for pattern, ours in KEYS[form].items():
        key = re.sub(pattern, ours, key)
    return key
