"""Published weights of any network of `timm`, from a file or its hub: how much of a backbone they fill is counted."""

import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import timm
import torch
from timm.layers import PatchEmbed
from timm.models import clean_state_dict
from timm.models.vision_transformer import VisionTransformer, checkpoint_filter_fn
from torch import Tensor, nn

from twinlib.ahan.backbone import HALF
from twinlib.errors import InputError
from twinlib.models import HUB

WHOLE = 0.99  # share of a backbone's numbers from which nothing is said to be missing
ENOUGH = 0.95  # share below which its weights are refused
REMEDY = "Give the weights of this network, or name theirs as model.backbone."


def load_pretrained(net: VisionTransformer, source: str) -> str:
    """Load published weights into a ViT.

    Our inputs are (x − 127.5) / 127.5. Weights that were trained on another mean and deviation get the difference
    folded into their patch embedding, so that the network computes what it did.

    Args:
        net: backbone; its name in `timm` decides what the hub is asked for.
        source: "hub", or a `.safetensors`, `.pth`, `.pt` or `.bin` file with the weights of the backbone, with or
            without a classifier. Position embeddings and patches of another size are resampled as `timm` does.

    Returns:
        What a run records as its `init`, see `fill`.

    Raises:
        InputError: if the hub cannot be reached, the file is missing, holds anything but tensors, or does not fit.
    """
    about = getattr(net, "pretrained_cfg", None) or {}
    name = about.get("architecture") and ".".join(filter(None, (about["architecture"], about.get("tag"))))
    state, init = read_published(name, source)
    state = checkpoint_filter_fn(state, net)
    if "norm.weight" not in state:  # it stands behind the pooling there: see `named_backbone`
        state = {name.replace("fc_norm.", "norm."): value for name, value in state.items()}
    init = fill(net, {k: v for k, v in state.items() if not k.startswith(("head", "fc_norm", "attn_pool"))}, init)
    _fold(cast("PatchEmbed", net.patch_embed).proj, about.get("mean", HALF), about.get("std", HALF))
    return init


def load_published(net: nn.Module, name: str, source: str) -> str:
    """Load published weights into a backbone that is no plain ViT (for those: `load_pretrained`).

    Args:
        net: the network of that name without its classifier, whole or as feature maps.
        name: of the network in `timm`.
        source: "hub", or a `.safetensors`, `.pth`, `.pt` or `.bin` file with its weights.

    Returns:
        What a run records as its `init`, see `fill`.

    Raises:
        InputError: if the hub cannot be reached, the file is missing, holds anything but tensors, or does not fit.
    """
    state, init = read_published(name, source)
    architecture = sys.modules[timm.model_entrypoint(name.split(".")[0]).__module__]
    if (fit := getattr(architecture, "checkpoint_filter_fn", None)) is not None and hasattr(net, "patch_embed"):
        like = timm.create_model(
            name, num_classes=0, img_size=cast("PatchEmbed", net.patch_embed).img_size
        )  # `net` may be maps only
        state = fit(state, like)  # position biases and windows of another size, as timm resamples them
    about = timm.get_pretrained_cfg(name, allow_unregistered=True)
    named = getattr(about, "classifier", None) or "head"
    heads = tuple(f"{head}." for head in ((named,) if isinstance(named, str) else named))
    return fill(net, {key: value for key, value in state.items() if not key.startswith(heads)}, init)


def read_published(name: str | None, source: str) -> tuple[dict[str, Tensor], str]:
    """Weights of a network by its name in `timm`, and where they are from: "hub: NAME" or "file: NAME".

    Raises:
        InputError: if the hub cannot be reached, the file is missing, or holds anything but tensors.
    """
    if source == HUB:
        return _from_hub(name), f"hub: {name}"
    return read_weights(Path(source)), f"file: {Path(source).name}"


def read_weights(file: Path) -> dict[str, Tensor]:
    """Tensors of a weight file, perhaps nested (`state_dict`, `model`); pickles are read with `weights_only`.

    Raises:
        InputError: if the file is missing or holds anything but tensors.
    """
    if not file.is_file():
        raise InputError(f"no weight file {file.name!r} at that place; give a .safetensors or .pth file, or 'hub'.")
    if not file.stat().st_size:
        raise InputError(f"train.trunk: {file} is empty. Copy it again.")
    if file.suffix == ".safetensors":
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            return load_file(file)
        except (SafetensorError, OSError) as error:
            raise InputError(f"train.trunk: {file} is no safetensors file: {error}. Copy it again.") from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of another pickle protocol
            state = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # damaged bytes end in any error: KeyError, IndexError, UnicodeDecodeError …
        raise InputError(
            f"train.trunk: {file} is damaged or holds more than weights, which is not run. Copy it again, or convert "
            "its state_dict to .safetensors where you trust it."
        ) from error
    for key in ("state_dict", "model"):
        state = state[key] if isinstance(state, Mapping) and isinstance(state.get(key), Mapping) else state
    table = state if isinstance(state, Mapping) else {None: None}
    if not all(isinstance(name, str) and isinstance(value, Tensor) for name, value in table.items()):
        raise InputError(f"train.trunk: {file} holds no table of tensors; give the state_dict of a network.")
    return dict(clean_state_dict(state))


def fill(net: nn.Module, state: Mapping[str, Tensor], init: str) -> str:
    """Load what a table of weights has for a backbone, if that is nearly all of it.

    Args:
        net: the backbone.
        state: name → weights; a name may have dots where the backbone has underscores (`features_only` of `timm`).
        init: where they are from.

    Returns:
        `init`; with the share of the backbone's numbers that were loaded where that is below 99 %, and the count of
        weights that the backbone has no place for.

    Raises:
        InputError: weights of another shape, no real finite numbers, or of less than 95 % of the backbone; the message
            names the first.
    """
    own, unfit = net.state_dict(), f"train.trunk: the weights of {init} do not fit the backbone"
    places = {_plain(name): name for name in own}
    given = {places[_plain(name)]: value for name, value in state.items() if _plain(name) in places}
    for name, value in given.items():
        if value.shape != own[name].shape:
            raise InputError(f"{unfit}: {name} is {list(value.shape)} there, {list(own[name].shape)} here. {REMEDY}")
        if own[name].is_floating_point() and not value.is_floating_point():
            raise InputError(f"{unfit}: {name} holds {value.dtype}, wanted real numbers. {REMEDY}")
        if value.is_floating_point() and not value.float().isfinite().all():
            raise InputError(f"{unfit}: {name} holds NaN or infinity. Give weights of a training that ended well.")
    sizes = {name: value.numel() for name, value in own.items() if value.is_floating_point()}
    missing = [name for name in sizes if name not in given]
    share = 1 - sum(sizes[name] for name in missing) / max(1, sum(sizes.values()))
    if share < ENOUGH:
        raise InputError(
            f"{unfit}: they fill {share:.1%} of it, wanted {ENOUGH:.0%}; {len(missing)} are missing, "
            f"first {missing[0]}. {REMEDY}"
        )
    net.load_state_dict(given, strict=False)
    spare = len(state) - len(given)
    loaded = [f"{share:.1%} of the backbone, without {missing[0]}"] if share < WHOLE else []
    return ", ".join([init, *loaded, *([f"{spare} of its weights unused"] if spare else [])])


def _plain(name: str) -> str:
    return name.replace("_", ".")


def _from_hub(name: str | None) -> dict[str, Tensor]:
    if not name:
        raise InputError("weights 'hub' need model.backbone, the name of a network that timm has weights for.")
    try:
        return timm.create_model(name, pretrained=True).state_dict()
    except Exception as error:  # the hub's clients raise errors of several libraries, which may change
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(
            f"weights of {name} cannot be had from the hub ({reason}). Without a network, fetch them elsewhere and "
            "give the file: train.trunk=FILE, or train.trunk=null to start from random weights."
        ) from error


def _fold(proj: nn.Module, mean: tuple[float, ...], std: tuple[float, ...]) -> None:
    """Let a patch embedding for inputs (x − mean) / std take inputs (x − ½) / ½."""
    if tuple(mean) == HALF and tuple(std) == HALF:
        return  # a stem of several layers, as our small networks have, is of this kind
    proj = cast("nn.Conv2d", proj)
    if proj.bias is None or proj.in_channels != len(mean):
        raise InputError(f"a patch embedding without bias cannot take inputs of another mean than {tuple(mean)}.")
    weight = proj.weight / torch.tensor(std)[:, None, None]
    with torch.no_grad():
        proj.bias += ((torch.tensor(HALF) - torch.tensor(mean))[:, None, None] * weight).sum((1, 2, 3))
        proj.weight.copy_(weight * torch.tensor(HALF)[:, None, None])
