"""What a user may pass as a face: a photograph in any form, a tensor, or an embedding."""

import hashlib
import os
from collections.abc import Iterable
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from twinlib.errors import InputError
from twinlib.faces.photograph import Photograph, content_of, read_photograph

if TYPE_CHECKING:
    from torch import Tensor

    from twinlib.faces.photograph import Photo

    Face = Photo | list[float] | Tensor
else:
    Face = object  # anything may be passed: what is none of these is refused by name


def embedding_of(face: object, size: int | None, name: str = "embedding") -> np.ndarray | None:
    """The embedding, unit length, if the input is one (one-dimensional floats, also as a list); else None.

    Args:
        face: anything.
        size: length of this network's embeddings; None if it is not known yet.
        name: what to call it in messages.

    Raises:
        InputError: floats of another length, not finite, or all zero; a list of anything else.
    """
    array = _numbers(face, name) if isinstance(face, list | tuple) else _array(face)
    if array is None or array.ndim != 1:
        return None
    if array.dtype.kind != "f" or array.size == 0 or array.size != (size or array.size):
        wanted = "floats" if size is None else f"{size} floats of this network"
        remedy = "Pass an image of two dimensions or an embedding; the bytes of an image file as bytes."
        raise InputError(f"{name}: wanted {wanted}, found {array.size} of {array.dtype}. {remedy}")
    length = np.linalg.norm(array.astype(np.float64))
    if not np.isfinite(length) or length == 0:
        raise InputError(f"{name}: wanted finite numbers that are not all zero. Embed the image again.")
    return (array / length).astype(np.float32)


def pixels_of(face: object, name: str) -> Photograph:
    """RGB pixels of an image in any form, and what was odd about it.

    Args:
        face: a `Photo` (see `read_photograph`), or a uint8 tensor [3, H, W].
        name: what to call it in messages; a path adds its own name.

    Raises:
        InputError: as `read_photograph`; tensors of floats, whose scale is unknown.
    """
    if isinstance(face, str | os.PathLike):
        return read_photograph(face)
    array = _array(face)
    if array is None or isinstance(face, np.ndarray):
        return read_photograph(face, name)
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[0] != 3:
        found = f"{array.dtype} {list(array.shape)}"
        raise InputError(f"{name}: wanted a uint8 tensor [3, H, W], RGB, 0 … 255; found {found}. Pass one such image.")
    return read_photograph(np.ascontiguousarray(array.transpose(1, 2, 0)), name)


def several(images: object) -> bool:
    """Whether this holds several images: any list or iterator but a list of numbers, which is one embedding."""
    if isinstance(images, list | tuple):
        return not images or not all(isinstance(one, Real) and not isinstance(one, bool) for one in images)
    one = str | bytes | bytearray | memoryview | np.ndarray | Image.Image | os.PathLike
    return (
        isinstance(images, Iterable) and not isinstance(images, one) and not _is_file(images) and _array(images) is None
    )


def labelled(pair: object, name: str) -> "tuple[Face, Face, int]":
    """A row of image, image, 1 or 0, whose images can be read more than once: an open file becomes its bytes.

    Raises:
        InputError: another number of entries, or another label.
    """
    row = list(pair) if isinstance(pair, Iterable) and not isinstance(pair, str | bytes) else [pair]
    if len(row) != 3:
        raise InputError(f"{name}: wanted image, image, 1 or 0; found {len(row)} entries. Correct the row.")
    a, b, same = row
    if same not in (0, 1):
        raise InputError(f"{name}: wanted 1 for one person or 0 for two, found {same!r}. Correct the label.")
    a, b = (content_of(face, name) if _is_file(face) else face for face in (a, b))
    return a, b, int(same)


def key_of(face: object) -> object:
    """What makes two inputs the same one: an equal path, or equal content.

    Args:
        face: anything but an open file.
    """
    if isinstance(face, str | os.PathLike):
        return os.fspath(face)
    if isinstance(face, Image.Image):
        return face.mode, face.size, hashlib.sha256(face.tobytes()).digest()
    if isinstance(face, bytes | bytearray | memoryview):
        return hashlib.sha256(face).digest()
    if (array := face if isinstance(face, np.ndarray) else _array(face)) is not None:
        return array.dtype.str, array.shape, hashlib.sha256(np.ascontiguousarray(array).data).digest()
    return repr(face)


def _is_file(face: object) -> bool:
    return hasattr(face, "read") and not isinstance(face, Image.Image | os.PathLike)


def _array(face: Any) -> np.ndarray | None:
    """An array, or a tensor as one, without importing torch for those who pass none."""
    if isinstance(face, np.ndarray):
        return face
    # an open file can be detached too
    return face.detach().cpu().numpy() if hasattr(face, "detach") and hasattr(face, "cpu") else None


def _numbers(face: list | tuple, name: str) -> np.ndarray:
    """A list of numbers as an array of floats."""
    if not face:
        raise InputError(f"{name}: the list is empty. Pass an image or the numbers of an embedding.")
    try:
        array = np.asarray(face)
    except ValueError:  # lists of unequal lengths
        array = np.empty((0, 0))
    if array.ndim != 1 or array.dtype.kind not in "fiu":
        kind = type(face[0]).__name__
        raise InputError(f"{name}: wanted one image or one embedding, found a list of {kind}. Pass one at a time.")
    return array
