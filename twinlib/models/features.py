"""Embeddings: features of crops, straight and mirrored, in batches; of a data set's rows."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple, cast

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from twinlib import files
from twinlib.data.feed.augment import normalise, scaled_for
from twinlib.data.feed.trainset import Crops
from twinlib.errors import InputError
from twinlib.faces.crops import Crop
from twinlib.models.network import Network
from twinlib.progress import progress


def flush_denormals() -> None:
    """Set denormal numbers, which a CPU computes slowly, to zero from here on in this thread."""
    for dtype in (np.float32, np.float64):
        np.finfo(dtype).smallest_subnormal  # noqa: B018 - numpy looks once, and warns if they are set to zero by then
    torch.set_flush_denormal(True)


def key_of(net: nn.Module, *about: object) -> str:
    """Hash of a network's weights and of what else decides the features: parts of other features are not joined."""
    weights = hashlib.sha256()
    for name, value in net.state_dict().items():
        weights.update(name.encode())
        weights.update(value.detach().cpu().contiguous().numpy().tobytes())
    return files.hash_of([type(net).__name__, weights.hexdigest(), *about])


class Features(NamedTuple):
    """What a network says of images.

    Attributes:
        e: feature of each image, not normalised, float32.
        f: feature of its mirror image; None if it was not requested.
        found: whether there was a face.
    """

    e: Float[np.ndarray, "N E"]
    f: Float[np.ndarray, "N E"] | None
    found: np.ndarray


@torch.no_grad()
def features(
    net: nn.Module,
    crops: Iterable[Crop],
    total: int | None = None,
    device: str = "cpu",
    batch: int = 64,
    flip: bool = True,
) -> Features:
    """Features of crops in their order; the result does not depend on `batch`.

    Mirrored are the pixels after preprocessing, and the boxes with them. Weights of a trained network can be so small
    that their products are denormal numbers, which a CPU computes slowly; they are set to zero here, in this thread.

    Args:
        net: network with an attribute `preprocess`.
        crops: see `data.crops`.
        total: how many there are, for the progress bar; none is shown for 0.
        device: cpu or cuda.
        batch: images in each forward pass.
        flip: mirror too.

    Raises:
        InputError: no crops.
    """
    flush_denormals()
    net = net.to(device).to(memory_format=torch.channels_last).eval()
    straight, mirrored, found = [], [], []
    shown = crops if total is not None and total <= batch else progress(crops, total, "embedding", "image")
    for part in _batches(iter(shown), batch):
        images = torch.from_numpy(cast("Network", net).preprocess(np.stack([crop.pixels for crop in part])))
        images = images.to(device).contiguous(memory_format=torch.channels_last)
        boxes = torch.from_numpy(np.stack([crop.boxes for crop in part])).float().to(device)
        straight.append(_forward(net, images, boxes))
        if flip:
            mirror = torch.stack([1 - boxes[..., 2], boxes[..., 1], 1 - boxes[..., 0], boxes[..., 3]], dim=-1)
            mirrored.append(_forward(net, images.flip(3), mirror))
        found += [crop.found for crop in part]
    if not straight:
        raise InputError("there is no image to embed; give at least one.")
    return Features(np.concatenate(straight), np.concatenate(mirrored) if flip else None, np.array(found))


def _forward(net: nn.Module, images: Tensor, boxes: Tensor) -> np.ndarray:
    takes_boxes = "boxes" in getattr(net, "inputs", ())
    return (net(images, boxes) if takes_boxes else net(images)).float().cpu().numpy()


def _batches(crops: Iterator[Crop], size: int) -> Iterator[list[Crop]]:
    while part := list(islice(crops, size)):
        yield part


@torch.no_grad()
def embed(
    model: nn.Module,
    crops: UInt8[np.ndarray, "M H W 3"] | Crops,
    rows: Sequence[int],
    device: str,
    batch: int = 64,
    boxes: Float[np.ndarray, "M R 4"] | None = None,
) -> Float[np.ndarray, "N E"]:
    """Unit-length embeddings of `crops[rows]`, in that order, float32.

    Args:
        model: network in `eval` mode.
        crops: RGB crops, possibly memory-mapped.
        rows: which of them.
        device: "cpu" or "cuda".
        batch: images per forward pass; the result does not depend on it.
        boxes: detector's region boxes, for networks that take them (`"boxes" in model.inputs`).

    Raises:
        InputError: no rows, or an embedding that is not finite or a vector of zeros, which has no cosine.
    """
    if not len(rows):
        raise InputError("there is no image to embed; the list of rows is empty.")
    model = model.to(device).eval()
    parts = []
    for start in progress(range(0, len(rows), batch), None, "embedding", "batch"):
        here = np.asarray(rows[start : start + batch])
        given = [scaled_for(model, normalise(torch.from_numpy(np.ascontiguousarray(crops[here])).to(device)))]
        if boxes is not None and "boxes" in getattr(model, "inputs", ()):
            given.append(torch.from_numpy(boxes[here]).float().to(device))
        e = model(*given)
        length = e.float().norm(dim=1)
        if not (length.isfinite() & (length > 0)).all():
            bad = int(here[int((~(length.isfinite() & (length > 0))).nonzero()[0, 0])])
            raise InputError(
                f"the embedding of image row {bad} is not finite or zero; the network needs other weights."
            )
        parts.append(nn.functional.normalize(e.float()).cpu().numpy())
    return np.concatenate(parts)
