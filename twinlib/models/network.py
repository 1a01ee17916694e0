"""What every network of the registry is, and the one check of what it is given."""

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import BatchNorm1d, BatchNorm2d

from twinlib.errors import InputError
from twinlib.models.preprocess import Preprocess

REGIONS = 4  # eyes, nose, mouth, jaw


class Network(nn.Module):
    """Aligned crops in, one embedding an image out. Each call is checked by `check_call` first.

    Attributes:
        preprocess: what it wants done to a crop.
        inputs: what `forward` takes of a batch, in its order.
        outputs: what it can give beside the embedding, for the terms of a loss.
    """

    preprocess: Preprocess
    inputs: tuple[str, ...] = ("images",)
    outputs: tuple[str, ...] = ()

    def __init__(self) -> None:
        super().__init__()
        self.register_forward_pre_hook(check_call, with_kwargs=True)


def check_call(net: Network, args: tuple[object, ...], given: dict[str, object]) -> None:
    """Refuse a batch that the network cannot read, naming the argument and the remedy.

    Shapes, types and batch sizes cost a microsecond. The values of boxes and partners are read where that makes no
    accelerator wait: on the CPU, and those of boxes outside training too. Graphs that are being compiled or exported
    hold no check.

    Raises:
        InputError: see above.
    """
    if torch.compiler.is_compiling():
        return
    given = dict(zip(net.inputs, args, strict=False)) | given
    images = check_images(net, given.get("images"))
    if (boxes := given.get("boxes")) is not None:
        _check_boxes(boxes, len(images), net.training)
    if net.training and (partner := given.get("partner")) is not None:
        _check_partner(partner, len(images))


def check_images(net: Network, images: object) -> Tensor:
    """The images; what is no batch of crops of this network's size, type and device is refused.

    Raises:
        InputError: names what was wanted, what was found and the remedy.
    """
    size, columns = net.preprocess.size, net.preprocess.columns
    wanted = (3, size, size if columns is None else columns[1] - columns[0])
    shape = f"[B, {', '.join(map(str, wanted))}]"
    if not isinstance(images, Tensor):
        raise InputError(
            f"images must be a tensor {shape}; got {type(images).__name__}. `net.preprocess` makes an array of RGB "
            "crops, torch.from_numpy a tensor of it."
        )
    if tuple(images.shape[1:]) != wanted or images.ndim != 4:
        raise InputError(f"images must have the shape {shape}; got {list(images.shape)}. {_reshaped(images, wanted)}")
    if not images.is_floating_point():
        raise InputError(
            f"images must be floating-point, (x − 127.5) / 127.5; got {images.dtype}. `net.preprocess` scales bytes."
        )
    weight = next(net.parameters())
    if images.device != weight.device:
        raise InputError(f"images lie on {images.device}, the network on {weight.device}; move one with `.to`.")
    if images.dtype != weight.dtype and (
        images.dtype == torch.float64 or not torch.is_autocast_enabled(images.device.type)
    ):
        raise InputError(f"images are {images.dtype}, the network's weights {weight.dtype}; images.to({weight.dtype}).")
    if not len(images):
        raise InputError("the batch holds no image; give at least one.")
    if len(images) == 1 and net.training and any(_needs_two(module) for module in net.modules()):
        raise InputError(
            "a training batch of one image: batch normalisation has nothing to compare it with. Give two or more "
            "(train.groups, train.images_per_subject), or call `net.eval()` to embed."
        )
    return images


def _reshaped(images: Tensor, wanted: tuple[int, int, int]) -> str:
    """The remedy for a wrong shape."""
    shape = tuple(images.shape)
    if images.ndim == 3:
        return "One image is a batch of one: images[None]."
    if images.ndim == 4 and shape[3] == 3 and shape[1] != 3:
        return "Channels come first: images.permute(0, 3, 1, 2)."
    if images.ndim == 4 and shape[2:] == wanted[1:]:
        return {1: "Grey images have three equal channels: images.expand(-1, 3, -1, -1).",
                4: "Leave the fourth channel out: images[:, :3]."}.get(shape[1], "Give RGB images.")  # fmt: skip
    return f"Align or resize the crops to {wanted[1]} × {wanted[2]} px, or set model.image_size."


def _check_boxes(boxes: object, images: int, training: bool) -> None:
    wanted = (images, REGIONS, 4)
    if not isinstance(boxes, Tensor) or tuple(boxes.shape) != wanted:
        found = list(boxes.shape) if isinstance(boxes, Tensor) else type(boxes).__name__
        raise InputError(f"boxes must be a tensor {list(wanted)}: eyes, nose, mouth, jaw of each image; got {found}.")
    if boxes.is_meta or (training and not _on_cpu(boxes)):
        return
    low, high = boxes[..., :2], boxes[..., 2:]
    ordered = high >= low if training else high > low  # augmentation may move a box to the edge, where it is empty
    whole = (boxes.isfinite() & ordered.repeat(1, 1, 2)).flatten(1).all(1)
    if not whole.all():
        rows = (~whole).nonzero()[:, 0].tolist()
        raise InputError(
            f"boxes are (x0, y0, x1, y1) with x0 < x1 and y0 < y1; those of image {rows[0]} are not, or hold NaN "
            f"({len(rows)} images). Without landmarks give the canonical ones, or None."
        )
    if (boxes.abs() > 2).any():
        raise InputError(
            f"boxes lie in [0, 1] of the crop; found {float(boxes.abs().max()):g}. Divide pixels by the crop's side."
        )


def _check_partner(partner: object, images: int) -> None:
    flags = isinstance(partner, Tensor) and partner.dtype == torch.bool
    wanted = (images, images) if flags else (images,)
    if not isinstance(partner, Tensor) or partner.is_floating_point() or tuple(partner.shape) != wanted:
        found = f"{partner.dtype} {list(partner.shape)}" if isinstance(partner, Tensor) else type(partner).__name__
        raise InputError(
            f"partner must hold a row of the batch for each of {images} images, or {images} × {images} flags; "
            f"got {found}."
        )
    if not flags and _on_cpu(partner) and not ((partner >= 0) & (partner < images)).all():
        low, high = int(partner.min()), int(partner.max())
        raise InputError(f"partner names rows {low} … {high}, but the batch has rows 0 … {images - 1}.")


def _on_cpu(x: object) -> bool:
    return isinstance(x, Tensor) and x.device.type == "cpu"


def _needs_two(module: nn.Module) -> bool:
    """Batch statistics of this process alone; those gathered over processes are of another class."""
    return isinstance(module, BatchNorm1d | BatchNorm2d) and module.training


def whole_steps(size: int, step: int, of: str = "", first: int = 0) -> None:
    """Refuse a size of the picture that leaves its last pixels unseen, on the right and below.

    Args:
        size: side of the picture, px.
        step: px from patch to patch.
        of: name of the step, for the message; empty for one that is the network's own.
        first: side of a patch, px, where patches overlap.

    Raises:
        InputError: names the two nearest sizes.
    """
    least = first or step
    rest = (size - least) % step
    if size >= least and not rest:
        return
    near = [near for near in (size - rest, size - rest + step) if near >= least] or [least]
    plus = f"model.patch {first} plus a multiple" if first else "a multiple"
    of = f"{of} {step}" if of else str(step)
    raise InputError(
        f"model.image_size {size} must be {plus} of {of}, or the rest of the picture is not seen; nearest: "
        f"{' and '.join(map(str, near))}. Set data.size to the same."
    )
