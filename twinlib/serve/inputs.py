"""What a user may pass as a face: a path, bytes, a Pillow image, an array, a tensor, or a finished embedding."""

from pathlib import Path
from typing import TYPE_CHECKING, Union

import numpy as np
from PIL import Image

from twinlib.data.images import RGB, read_image
from twinlib.errors import InputError

if TYPE_CHECKING:
    from torch import Tensor

Face = Union[str, Path, bytes, Image.Image, np.ndarray, "Tensor"]


def embedding_of(face: Face, size: int | None) -> np.ndarray | None:
    """The embedding, unit length, if the input is one (one-dimensional floats); else None.

    Args:
        face: anything.
        size: length of this network's embeddings; None if it is not known yet.

    Raises:
        InputError: floats of another length, not finite, or all zero.
    """
    array = face if isinstance(face, np.ndarray) else _array(face)
    if array is None or array.ndim != 1:
        return None
    if array.dtype.kind != "f" or array.size != (size or array.size):
        raise InputError(f"embedding: wanted {size} floats of this network, found {array.size} of {array.dtype}.")
    length = np.linalg.norm(array.astype(np.float64))
    if not np.isfinite(length) or length == 0:
        raise InputError("embedding: wanted finite numbers that are not all zero. Embed the image again.")
    return (array / length).astype(np.float32)


def pixels_of(face: Face, name: str) -> RGB:
    """RGB pixels of an image in any form.

    Args:
        face: path, bytes, Pillow image, uint8 array [H, W, 3] in RGB order, or uint8 tensor [3, H, W].
        name: what to call it in messages; a path is called by its own name.

    Raises:
        InputError: as `read_image`; tensors of floats, whose scale is unknown.
    """
    array = _array(face)
    if array is None:
        return read_image(face, None if isinstance(face, str | Path) else name)  # type: ignore[arg-type]
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[0] != 3:
        found = f"{array.dtype} {list(array.shape)}"
        raise InputError(f"{name}: wanted a uint8 tensor [3, H, W], RGB, 0 … 255; found {found}. Pass one such image.")
    return read_image(np.ascontiguousarray(array.transpose(1, 2, 0)), name)


def _array(face: object) -> np.ndarray | None:
    """A tensor as an array, without importing torch for those who pass none."""
    return face.detach().cpu().numpy() if hasattr(face, "detach") else None
