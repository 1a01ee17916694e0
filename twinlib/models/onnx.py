"""A network as an ONNX file, for any number of images at a time, and whether that file says the same."""

import importlib.util
from pathlib import Path
from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor

from twinlib import files
from twinlib.errors import InputError
from twinlib.faces.align import CANONICAL_BOXES
from twinlib.models.network import Network

IMAGES = 2  # of the example; torch.export takes a batch of 1 for a constant


def examples(net: Network, images: int) -> dict[str, Tensor]:
    """Noise in the shape that a network takes, by the names of its inputs; region boxes are the canonical ones.

    Partners are for training and are left out.
    """
    size, columns = net.preprocess.size, net.preprocess.columns or (0, net.preprocess.size)
    boxes = torch.from_numpy(CANONICAL_BOXES).float().expand(images, -1, -1).contiguous()
    made = {"images": torch.randn(images, 3, size, columns[1] - columns[0]), "boxes": boxes}
    return {name: made[name] for name in net.inputs if name in made}


def export_onnx(net: Network, path: Path) -> None:
    """Write a network in `eval` mode as ONNX: inputs `images` (and `boxes`), any number of images, output embeddings.

    Args:
        net: network of `twinlib.models`, on the CPU.
        path: file to write, whole or not at all.

    Raises:
        InputError: the packages of the extra `onnx` are missing.

    Notes:
        AHAN needs its boxes as an input: with those that it lays itself the number of images becomes a constant.
        `CANONICAL_BOXES` of `twinlib.faces.align` are what it would lay. onnxscript's optimiser is left out: its
        version 0.7.2 stumbles over AHAN's split, and onnxruntime optimises what it loads.
    """
    if missing := [name for name in ("onnx", "onnxscript") if importlib.util.find_spec(name) is None]:
        raise InputError(f'export needs {" and ".join(missing)}: pip install "twinlib[onnx]".')
    given = examples(net.eval(), IMAGES)
    free = {name: {0: torch.export.Dim.DYNAMIC} for name in given}
    with torch.no_grad():
        graph = torch.export.export(net, tuple(given.values()), dynamic_shapes=free, strict=False)
        program = cast("torch.onnx.ONNXProgram", torch.onnx.export(graph, dynamo=True, verbose=False, optimize=False))
    with files.replacing(path) as temporary:
        program.save(temporary)


def difference(net: Network, path: Path, images: int = 3) -> float:
    """Largest difference between the embeddings of a network and of its ONNX file, as a share of how they vary.

    Vary: the largest difference of an entry from its mean over the images.

    Args:
        net: what was exported.
        path: the file.
        images: of the noise that both see; another number than the file was made with.

    Raises:
        InputError: onnxruntime is missing, or the embeddings do not vary at all.
    """
    if importlib.util.find_spec("onnxruntime") is None:
        raise InputError("checking an ONNX file needs onnxruntime: pip install onnxruntime.")
    import onnxruntime

    given = examples(net, images)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    [e] = session.run(None, {name: value.numpy() for name, value in given.items()})
    return apart(net, given, torch.from_numpy(e))


@torch.no_grad()
def apart(net: Network, given: dict[str, Tensor], e: Float[Tensor, "N E"]) -> float:
    """Largest difference of embeddings from those of a network, as a share of how the network's vary over the images.

    Args:
        net: network of `twinlib.models`.
        given: see `examples`.
        e: what another form of it makes of them.

    Raises:
        InputError: the network's embeddings do not vary at all.
    """
    wanted = net.eval()(*given.values())
    spread = (wanted - wanted.mean(0)).abs().max()
    if not spread > 0:
        raise InputError("the network gives every image one embedding, or NaN; train it before it is exported.")
    return float((e - wanted).abs().max() / spread)
