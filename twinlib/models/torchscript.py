"""A network as a TorchScript file, which runs without this library, and whether that file says the same."""

import warnings
from pathlib import Path

import torch

from twinlib import files
from twinlib.errors import InputError
from twinlib.models.network import Network
from twinlib.models.onnx import IMAGES, apart, examples


@torch.no_grad()
def export_torchscript(net: Network, path: Path) -> None:
    """Write a network in `eval` mode as TorchScript, for any number of images; inputs in the order of `examples`.

    Args:
        net: network of `twinlib.models`, on the CPU.
        path: file to write, whole or not at all.

    Raises:
        InputError: this torch has no TorchScript, or cannot trace the network.
    """
    if not hasattr(torch.jit, "trace"):
        raise InputError(f"torch {torch.__version__} has no TorchScript. Use --format onnx.")
    given = tuple(examples(net.eval(), IMAGES).values())
    try:
        with warnings.catch_warnings():  # it is called deprecated; sizes that are read off a shape are told of
            warnings.simplefilter("ignore")
            traced = torch.jit.trace(net, given, check_trace=False)
    except RuntimeError as error:
        raise InputError(
            f"torch cannot trace the network ({str(error).splitlines()[0]}). Use --format onnx."
        ) from error
    with files.replacing(path) as temporary, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(traced, str(temporary))


@torch.no_grad()
def script_difference(net: Network, path: Path, images: int = 3) -> float:
    """What `onnx.difference` says, of a TorchScript file.

    Args:
        net: what was exported.
        path: the file.
        images: of the noise that both see; another number than the file was made with.

    Raises:
        InputError: as `apart`.
    """
    given = examples(net, images)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return apart(net, given, torch.jit.load(str(path))(*given.values()))
