"""Trained networks on disk: `model.safetensors` with a `config.json` that says what to build, or published files."""

from pathlib import Path
from typing import Any

from torch import nn

from twinlib import files
from twinlib.config import MODELS
from twinlib.config.sections import section
from twinlib.errors import InputError
from twinlib.models.mobilefacenet import MARKS, published
from twinlib.models.network import Network
from twinlib.ranges import Settings

WEIGHTS, CONFIG = "model.safetensors", "config.json"


def load(weights: Path, model: str | None = None, settings: Path | None = None) -> Network:
    """A trained network in `eval` mode; its `preprocess` says what it wants to see.

    Args:
        weights: a safetensors file, or a folder that holds `model.safetensors` and `config.json`.
        model: name in the registry; not needed where the settings name one.
        settings: `config.json` as `save` writes it, or the `run.json` of a record; by default the one beside
            the weights, and none for published MobileFaceNet files.

    Raises:
        InputError: a file is missing or damaged, the network is unknown, or weights and settings do not fit.
    """
    file = weights / WEIGHTS if weights.is_dir() else weights
    if not file.is_file():
        raise InputError(f"{file} does not exist. Name a .safetensors file or a folder with {WEIGHTS}.")
    beside = next(
        (one for name in (CONFIG, "run.json") if (one := file.with_name(name)).is_file()), file.with_name(CONFIG)
    )
    if settings is None and not beside.is_file():
        return _published(file, model)
    name, cfg = read_settings(settings or beside)
    if model is not None and model != name:
        raise InputError(f"{settings or beside} describes {name!r}, not {model!r}. Leave --model out.")
    net = MODELS.build(cfg)
    try:
        net.load_state_dict(_tensors(file))
    except RuntimeError as error:
        raise InputError(f"{file} does not fit {name}: {' '.join(str(error).split())[:300]}") from error
    return net.eval()


def save(net: nn.Module, name: str, settings: Settings, folder: Path) -> None:
    """Write `model.safetensors` and `config.json`.

    Args:
        net: the network.
        name: in the registry.
        settings: its dataclass.
        folder: to write into.
    """
    from dataclasses import asdict

    from safetensors.torch import save_file

    with files.replacing(folder / WEIGHTS) as temporary:
        save_file({key: value.contiguous() for key, value in net.state_dict().items()}, temporary)
    describe(name, asdict(settings), folder)


def describe(name: str, settings: object, folder: Path) -> None:
    """Write `config.json`, which says what network the weights beside it are of.

    Args:
        name: in the registry.
        settings: plain values, as a record holds them.
        folder: to write into.
    """
    files.write_json(folder / CONFIG, {"model_name": name, "model": settings})


def read_settings(path: Path) -> tuple[str, Any]:
    """Name and dataclass of a network, from a `config.json` or the `run.json` of a record.

    Raises:
        InputError: missing, no JSON, or other contents.
    """
    value = files.read_json(path)
    value = value.get("config", value) if isinstance(value, dict) else {}
    name = value.get("model_name") if isinstance(value, dict) else None
    if not isinstance(name, str) or name not in MODELS:
        raise InputError(f"{path}: wanted model_name, one of {', '.join(MODELS)}; found {name!r}.")
    return name, section(MODELS[name], value.get("model"), "model", str(path))


def _published(file: Path, model: str | None) -> Network:
    """A network of somebody else's file, recognised by the names in it."""
    keys = set(_tensors(file))
    if not any(mark in keys for mark in MARKS):
        raise InputError(
            f"{file} is no published network that is known here, and no {CONFIG} lies beside it. `twinlib run` writes "
            f"one; else copy the run.json of its record there as {CONFIG}."
        )
    if model not in (None, "mobilefacenet"):
        raise InputError(f"{file} holds a mobilefacenet, not {model!r}. Correct --model.")
    return published(file)


def _tensors(file: Path) -> dict:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(file)
    except (OSError, SafetensorError) as error:
        raise InputError(
            f"{file} is no readable safetensors file ({error}). Copy it again; a PyTorch checkpoint must be converted "
            "(torch.load with weights_only, then safetensors.torch.save_file)."
        ) from error
