"""Any plain ViT of `timm` as backbone, with its published weights from a file or from the hub."""

import dataclasses
import pickle
from pathlib import Path

import timm
import torch
from timm.models.vision_transformer import Block, VisionTransformer, checkpoint_filter_fn
from torch import Tensor, nn

from twinlib import config
from twinlib.errors import InputError

OURS = (0.5, 0.5, 0.5)  # mean and std of our inputs, of pixels in 0 … 1


def named_backbone(cfg: config.ViT) -> VisionTransformer:
    """The ViT that `cfg.backbone` names, with random weights and without classifier.

    Raises:
        InputError: if `timm` does not know the name, the network is no plain ViT with a class token, or `cfg` asks
            for other sizes than the name stands for.
    """
    name = str(cfg.backbone)
    if not timm.is_model(name):
        similar = timm.list_models(f"{name.split('.')[0].split('_patch')[0]}*", module="vision_transformer")[:5]
        raise InputError(f"model.backbone {name!r} is no model of timm; similar: {', '.join(similar) or 'vit_*'}.")
    try:
        net = timm.create_model(name, pretrained=False, num_classes=0, img_size=cfg.image_size)
    except (TypeError, AssertionError, RuntimeError) as error:
        raise InputError(f"model.backbone {name!r} cannot be made for {cfg.image_size} px: {error}") from error
    plain = isinstance(net, VisionTransformer) and all(type(block) is Block for block in net.blocks)
    if not plain or net.cls_token is None or isinstance(net.norm, nn.Identity):
        raise InputError(f"model.backbone {name!r} is no plain ViT with a class token, which the global stream reads.")
    _agree(cfg, net)
    return net


def _agree(cfg: config.ViT, net: VisionTransformer) -> None:
    """Refuse sizes that are neither the defaults nor those of the named network: they would be ignored in silence."""
    own = {
        "patch": net.patch_embed.patch_size[0],
        "width": net.embed_dim,
        "depth": len(net.blocks),
        "heads": net.blocks[0].attn.num_heads,
        "stem": "patch",
    }
    defaults = {field.name: field.default for field in dataclasses.fields(cfg)}
    for name, value in own.items():
        if getattr(cfg, name) not in (defaults[name], value):
            raise InputError(
                f"model.{name} {getattr(cfg, name)} is not that of {cfg.backbone} ({value}); leave it out."
            )


def load_pretrained(net: VisionTransformer, source: str) -> str:
    """Load published weights into a backbone.

    Our inputs are (x − 127.5) / 127.5. Weights that were trained on another mean and deviation get the difference
    folded into their patch embedding, so that the network computes what it did.

    Args:
        net: backbone; its name in `timm` decides what the hub is asked for.
        source: "hub", or a `.safetensors`, `.pth`, `.pt` or `.bin` file with the weights of the backbone, with or
            without a classifier. Position embeddings and patches of another size are resampled as `timm` does.

    Returns:
        What a run records as its `init`: "hub: NAME" or "file: NAME".

    Raises:
        InputError: if the hub cannot be reached, the file is missing, holds anything but tensors, or does not fit.
    """
    about = getattr(net, "pretrained_cfg", None) or {}
    if source == "hub":
        state, init = _from_hub(about), f"hub: {about.get('architecture')}.{about.get('tag')}"
    else:
        state, init = read_weights(Path(source)), f"file: {Path(source).name}"
    state = {k: v for k, v in checkpoint_filter_fn(state, net).items() if not k.startswith(("head", "fc_norm"))}
    try:
        net.load_state_dict(state)
    except RuntimeError as error:
        first = str(error).splitlines()[1].strip()
        raise InputError(f"the weights of {init} do not fit the backbone: {first}") from error
    _fold(net.patch_embed.proj, about.get("mean", OURS), about.get("std", OURS))
    return init


def read_weights(file: Path) -> dict[str, object]:
    """Tensors of a weight file, perhaps nested (`state_dict`); pickles are read with `weights_only`.

    Raises:
        InputError: if the file is missing or holds anything but tensors.
    """
    if not file.is_file():
        raise InputError(f"no weight file {file.name!r} at that place; give a .safetensors or .pth file, or 'hub'.")
    if file.suffix == ".safetensors":
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            return load_file(file)
        except SafetensorError as error:
            raise InputError(f"{file.name} is no safetensors file: {error}") from error
    try:
        return torch.load(file, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise InputError(f"{file.name} holds more than weights, or is damaged; convert it to .safetensors.") from error


def _from_hub(about: dict[str, object]) -> dict[str, Tensor]:
    name = f"{about.get('architecture')}.{about.get('tag')}"
    if not about.get("architecture"):
        raise InputError("weights 'hub' need model.backbone, the name of a network that timm has weights for.")
    try:
        return timm.create_model(name, pretrained=True).state_dict()
    except Exception as error:  # the hub's clients raise errors of several libraries, which may change
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(
            f"weights of {name} cannot be had from the hub ({reason}). Without a network, fetch them elsewhere and "
            "give the file."
        ) from error


def _fold(proj: nn.Module, mean: tuple[float, ...], std: tuple[float, ...]) -> None:
    """Let a patch embedding for inputs (x − mean) / std take inputs (x − ½) / ½."""
    if tuple(mean) == OURS and tuple(std) == OURS:
        return
    if proj.bias is None:
        raise InputError(f"a patch embedding without bias cannot take inputs of another mean than {tuple(mean)}.")
    weight = proj.weight / torch.tensor(std)[:, None, None]
    with torch.no_grad():
        proj.bias += ((torch.tensor(OURS) - torch.tensor(mean))[:, None, None] * weight).sum((1, 2, 3))
        proj.weight.copy_(weight * torch.tensor(OURS)[:, None, None])
