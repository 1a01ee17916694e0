"""Networks of `timm` as backbones: any plain ViT, any feature map, and the pixels that published weights expect."""

import dataclasses
import math
from difflib import get_close_matches
from typing import Any, cast

import timm
import torch
from jaxtyping import Float
from timm.models.vision_transformer import Attention, Block, VisionTransformer
from torch import Tensor, nn

from twinlib import ahan
from twinlib.ahan.attention import join_heads, split_heads
from twinlib.errors import InputError
from twinlib.models.network import whole_steps
from twinlib.models.unit import pick_pixels

HALF = (0.5, 0.5, 0.5)  # mean and deviation of our inputs, of pixels in 0 … 1


def expected(name: str) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Mean and deviation of pixels in 0 … 1 that the published weights of a network of `timm` expect."""
    about = timm.get_pretrained_cfg(name, allow_unregistered=True)
    return tuple(getattr(about, "mean", None) or HALF), tuple(getattr(about, "std", None) or HALF)


def blocks_of(vit: VisionTransformer) -> list[Block]:
    """The blocks of a ViT of `timm`, the first one first."""
    return [cast("Block", block) for block in vit.blocks]


def attention_of(block: Block) -> Attention:
    """Its self-attention."""
    return cast("Attention", block.attn)


def heads_of(
    block: Block, X: Float[Tensor, "B N d"]
) -> tuple[Float[Tensor, "B h N c"], Float[Tensor, "B h N c"], Float[Tensor, "B h N c"]]:
    """Queries, keys and values of a block's self-attention, as it compares them."""
    attn = attention_of(block)
    Q, K, V = (split_heads(y, attn.num_heads) for y in attn.qkv(block.norm1(X)).chunk(3, dim=2))
    return attn.q_norm(Q), attn.k_norm(K), V


def block_after(block: Block, X: Float[Tensor, "B N d"], read: Float[Tensor, "B h N c"]) -> Float[Tensor, "B N d"]:
    """What a block makes of its input and the weighted sum of the values, with all that `timm` does in between.

    Args:
        block: of a ViT.
        X: its input.
        read: the sum, head by head.
    """
    attn = attention_of(block)
    read = attn.norm(join_heads(read))
    if (gate := getattr(attn, "gate", None)) is not None:
        read = read * gate(block.norm1(X)).sigmoid()
    X = X + block.drop_path1(block.ls1(attn.proj_drop(attn.proj(read))))
    return X + block.drop_path2(block.ls2(block.mlp(block.norm2(X))))


def pixels_for(name: str, pixels: str) -> nn.Module:
    """What happens to pixels (x − ½) / ½ before a backbone: nothing (`ours`), or `Standardise` (`backbone`)."""
    return Standardise(name) if pixels == "backbone" else nn.Identity()


class Standardise(nn.Module):
    """Pixels (x − ½) / ½ as (x − mean) / std, which weights trained on another mean and deviation expect.

    Args:
        name: a network of `timm`, whose published configuration says mean and std.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        mean, std = (torch.tensor(value).view(3, 1, 1) for value in expected(name))
        self.scale: Tensor
        self.shift: Tensor
        self.register_buffer("scale", 0.5 / std, persistent=False)  # the settings say it, not the weights
        self.register_buffer("shift", (0.5 - mean) / std, persistent=False)

    def forward(self, x: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B 3 H W"]:
        """The same pixels on the other scale."""
        return x * self.scale + self.shift


def named_backbone(cfg: ahan.ViT) -> VisionTransformer:
    """The ViT that `cfg.backbone` names, with random weights and without classifier or pooling of its own.

    A layer norm that follows the pooling there comes before it here: tokens are normalised as in every ViT.

    Raises:
        InputError: if `timm` does not know the name, the network is no plain ViT, its patches do not divide the
            picture, or `cfg` has other sizes than the name implies.
    """
    name = known(cfg.backbone)
    net = _made(name, cfg.image_size)
    if isinstance(net, VisionTransformer) and (net.cls_token is None or isinstance(net.norm, nn.Identity)):
        net = _made(name, cfg.image_size, global_pool="", fc_norm=False)
    plain = isinstance(net, VisionTransformer) and not isinstance(net.norm, nn.Identity)
    if not plain or not all(type(block) is Block and type(block.attn) is Attention for block in net.blocks):
        raise InputError(f"model.backbone {name!r} is no plain ViT; timm.list_models('vit_*') names those.")
    if net.patch_embed.grid_size[0] != net.patch_embed.grid_size[1]:
        raise InputError(f"model.backbone {name!r} has patches that are not square, which the token map needs.")
    patches_fit(net, name, cfg.image_size)
    _agree(cfg, net)
    return net


def known(name: str | None) -> str:
    """A name that `timm` knows.

    Raises:
        InputError: for any other; the message lists similar ones.
    """
    name = str(name)
    if not timm.is_model(name):
        arch = name.split(".")[0]
        similar = timm.list_models(f"{arch.split('_patch')[0]}*") or get_close_matches(arch, timm.list_models(), 5)
        raise InputError(
            f"model.backbone {name!r} is no network of timm; similar: {', '.join(similar[:5]) or 'vit_*, resnet*'}."
        )
    return name


def feature_maps(net: nn.Module, images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B C h w"]:
    """The last features of any network of `timm` as a map with its channels first.

    Transformers give tokens: their patches in a square, without class, distillation and register tokens. Swin and its
    kin give maps with the channels last.

    Raises:
        InputError: for features of another form.
    """
    x = cast("VisionTransformer", net).forward_features(images)  # every network of `timm` has it
    if isinstance(x, Tensor) and x.ndim == 4:
        return x.permute(0, 3, 1, 2) if getattr(net, "output_fmt", "NCHW") == "NHWC" else x
    if isinstance(x, Tensor) and x.ndim == 3:
        x = x[:, getattr(net, "num_prefix_tokens", 0) :]
        if (side := math.isqrt(x.shape[1])) ** 2 == x.shape[1] > 0:
            return x.transpose(1, 2).unflatten(2, (side, side))
    found = list(x.shape) if isinstance(x, Tensor) else type(x).__name__
    raise InputError(f"{type(net).__name__} gives features {found}, neither a map nor tokens of a square grid.")


def patches_fit(net: nn.Module, name: str, size: int) -> None:
    """Refuse a picture that the patches of a transformer do not divide.

    Raises:
        InputError: names the two nearest sizes.
    """
    if (ratio := getattr(getattr(net, "patch_embed", None), "feat_ratio", None)) is not None:
        whole_steps(size, ratio(), f"the patches of {name},")


def mapped_backbone(name: str, size: int) -> tuple[nn.Module, int]:
    """Any network of `timm` whose features `feature_maps` reads, and their number of channels; tried on one picture.

    Raises:
        InputError: if `timm` does not know the name, or the network cannot be made for this size or gives no map.
    """
    name = known(name)
    about = timm.get_pretrained_cfg(name, allow_unregistered=True)
    sized: dict[str, Any] = {"img_size": size} if about is not None and about.fixed_input_size else {}
    try:
        try:
            net = timm.create_model(name, num_classes=0, global_pool="", **sized)
        except (TypeError, AssertionError):  # a network that will not leave its pooling out; it is not called
            net = timm.create_model(name, num_classes=0, **sized)
        patches_fit(net.eval(), name, size)
        with torch.no_grad():
            channels = feature_maps(net, torch.zeros(1, 3, size, size)).shape[1]
    except (RuntimeError, TypeError, ValueError, AssertionError, AttributeError, LookupError) as error:
        raise InputError(f"model.backbone {name!r} gives no map of {size} px pictures: {error}") from error
    return pick_pixels(net.train()), channels


def _made(name: str, size: int, **settings: Any) -> nn.Module:
    try:
        return timm.create_model(name, pretrained=False, num_classes=0, img_size=size, **settings)
    except (TypeError, ValueError, AssertionError, RuntimeError, ZeroDivisionError) as error:
        raise InputError(f"model.backbone {name!r} cannot be made as a ViT for {size} px: {error}") from error


def _agree(cfg: ahan.ViT, net: VisionTransformer) -> None:
    """Refuse sizes that are neither the defaults nor those of the named network: they would be ignored in silence."""
    own = {
        "patch": net.patch_embed.patch_size[0],
        "width": net.embed_dim,
        "depth": len(net.blocks),
        "heads": attention_of(blocks_of(net)[0]).num_heads,
        "stem": "patch",
    }
    defaults = {field.name: field.default for field in dataclasses.fields(cfg)}
    for name, value in own.items():
        if getattr(cfg, name) not in (defaults[name], value):
            raise InputError(
                f"model.{name} {getattr(cfg, name)} is not that of {cfg.backbone} ({value}); leave it out."
            )
