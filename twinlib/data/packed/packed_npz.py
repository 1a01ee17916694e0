"""The contents of a `.bin` without a pickle: an `.npz` of plain arrays, which needs no trust."""

import zipfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from twinlib.errors import InputError
from twinlib.files import replacing

ARRAYS = ("data", "start", "order", "same")


def write_npz(path: Path, images: Sequence[bytes], same: Sequence[bool]) -> None:
    """Write encoded images and pairs; equal images are stored once.

    Args:
        path: file to write.
        images: encoded images, two a pair.
        same: whether a pair shows one person.
    """
    number: dict[bytes, int] = {}
    order = np.array([number.setdefault(image, len(number)) for image in images], np.int64)
    start = np.cumsum([0, *(len(image) for image in number)], dtype=np.int64)
    with replacing(path) as temporary:
        data = np.frombuffer(b"".join(number), np.uint8)
        np.savez(temporary, data=data, start=start, order=order, same=np.array(same, bool))


def read_npz(path: Path) -> tuple[list[bytes], list[bool]]:
    """Read what `write_npz` wrote.

    Raises:
        InputError: missing, damaged, or of other contents.
    """
    if not path.is_file():
        raise InputError(f"{path} does not exist. Name a .npz file.")
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            data, start, order, same = (stored[name] for name in ARRAYS)
    except (KeyError, ValueError, TypeError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(
            f"{path} is no packed pair list ({error}). Make it again with `twinlib data convert`."
        ) from error
    whole = data.dtype == np.uint8 and data.ndim == start.ndim == order.ndim == same.ndim == 1
    if not whole or start.size < 2 or start[0] != 0 or start[-1] != data.size or (np.diff(start) <= 0).any():
        raise InputError(f"{path}: its arrays do not fit together. Make it again with `twinlib data convert`.")
    if order.size != 2 * same.size or not same.size or not ((order >= 0) & (order < start.size - 1)).all():
        raise InputError(f"{path}: wanted two images a pair, found {order.size} for {same.size}. Make it again.")
    stored_bytes = data.tobytes()
    images = [stored_bytes[a:b] for a, b in pairwise(start)]
    return [images[i] for i in order], [bool(value) for value in same]
