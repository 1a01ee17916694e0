"""The `.bin` of insightface: a pickle of (encoded images, two a pair; is it the same person).

A pickle runs code when it is read. Here nothing of it runs: the stream is first walked through opcode by opcode, each
checked against a list of harmless ones, and the names it may call stand for data holders of our own. It is read only
when the user says `trust` all the same, because a parser of foreign bytes is a risk that nobody should take unawares.
"""

import io
import pickle
import pickletools
import zipfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from twinlib.data.packed.stand_ins import STAND_INS, Array
from twinlib.errors import InputError
from twinlib.files import replacing

MAX_FILE = 2_000_000_000  # bytes; the largest in use has 90 MB
MAX_IMAGE = 50_000_000  # bytes of one encoded image
MAX_OPCODES = 20_000_000  # a list of a million pairs has fewer
PROTOCOL = 4  # what we write: Python 3.4 and later read it
OPCODES = frozenset(
    "PROTO FRAME STOP MARK POP POP_MARK PUT BINPUT LONG_BINPUT MEMOIZE GET BINGET LONG_BINGET NONE NEWTRUE NEWFALSE "
    "INT BININT BININT1 BININT2 LONG LONG1 STRING BINSTRING SHORT_BINSTRING BINBYTES SHORT_BINBYTES BINBYTES8 "
    "BYTEARRAY8 UNICODE BINUNICODE SHORT_BINUNICODE BINUNICODE8 EMPTY_LIST LIST APPEND APPENDS EMPTY_TUPLE TUPLE "
    "TUPLE1 TUPLE2 TUPLE3 GLOBAL STACK_GLOBAL REDUCE BUILD".split()
)


def read_bin(path: Path, trust: bool = False) -> tuple[list[bytes], list[bool]]:
    """Read a `.bin` in any of its flavours: Python 2 strings, numpy arrays, bytes.

    Args:
        path: the file.
        trust: read it although it is a pickle.

    Returns:
        Encoded images (pair p has 2p and 2p + 1) and, a pair, whether both show one person.

    Raises:
        InputError: `trust` is not set, the file is missing, larger than `MAX_FILE`, no such pickle, or calls code.
    """
    if not path.is_file():
        raise InputError(f"{path} does not exist. Name a .bin file.")
    if not trust:
        raise InputError(
            f"{path} is a pickle, and a pickle can carry code. If you trust where it comes from, add --trust "
            f"(in Python trust=True), or turn it into an .npz once: twinlib data convert {path.name} "
            f"{path.with_suffix('.npz').name} --trust."
        )
    if (size := path.stat().st_size) > MAX_FILE:
        raise InputError(f"{path} has {size / 1e9:.1f} GB; the limit is {MAX_FILE / 1e9:.0f} GB. Split it.")
    stored = path.read_bytes()
    try:
        _walk(stored, str(path))
        value = _Restricted(io.BytesIO(stored), encoding="bytes").load()
    except InputError:
        raise
    except Exception as error:  # a damaged pickle raises nearly anything
        raise InputError(f"{path} is no readable .bin ({type(error).__name__}: {error}). Copy it again.") from error
    return _checked(value, str(path))


def write_bin(path: Path, images: Sequence[bytes], same: Sequence[bool]) -> None:
    """Write a `.bin` as insightface reads it: lists of bytes and of bool, in pickle protocol 4.

    An image that occurs in several pairs is stored once if it is the same object.

    Args:
        path: file to write.
        images: encoded images, two a pair; stored as they are.
        same: whether a pair shows one person.

    Raises:
        InputError: not two images a pair, no pair, or an image without bytes.
    """
    _count(len(images), len(same), str(path))
    if empty := [i for i, image in enumerate(images) if not image]:
        raise InputError(f"{path}: image {empty[0]} of pair {empty[0] // 2} is empty. Leave the pair out.")
    with replacing(path) as temporary, temporary.open("wb") as file:
        pickle.dump((list(images), [bool(value) for value in same]), file, protocol=PROTOCOL)


class _Restricted(pickle.Unpickler):
    """An unpickler that knows stand-ins for four numpy names and for bytes of Python 2, and nothing else."""

    def find_class(self, module: str, name: str) -> object:
        if (module, name) not in STAND_INS:
            raise InputError(f"the pickle loads {module}.{name}, which no .bin needs. Do not use this file.")
        return STAND_INS[module, name]


def _walk(stored: bytes, where: str) -> None:
    """Refuse opcodes, sizes and memo slots that no `.bin` has, before anything is built."""
    for count, (opcode, argument, _) in enumerate(pickletools.genops(stored)):
        if opcode.name not in OPCODES:
            raise InputError(f"{where}: the pickle uses {opcode.name}, which no .bin needs. Do not use this file.")
        if count > MAX_OPCODES:
            raise InputError(f"{where}: more than {MAX_OPCODES} opcodes, which no .bin has. Do not use this file.")
        if (
            "PUT" in opcode.name and isinstance(argument, int) and argument > count
        ):  # the reader would make room for every slot below
            raise InputError(f"{where}: a memo slot {argument} at opcode {count}. Do not use this file.")
        if isinstance(argument, int) and abs(argument) > 1 << 40:
            raise InputError(f"{where}: a number of {argument.bit_length()} bits. Do not use this file.")


def _checked(value: object, where: str) -> tuple[list[bytes], list[bool]]:
    """The two lists as bytes and bool, whatever held them."""
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        found = f"{type(value).__name__} of {len(value)}" if isinstance(value, (tuple, list)) else type(value).__name__
        raise InputError(f"{where}: wanted a pair of lists (images, same), found a {found}. Is this a .bin of pairs?")
    images, same = (_plain(part) for part in value)
    if not isinstance(images, (list, tuple)) or not isinstance(same, (list, tuple)):
        raise InputError(f"{where}: wanted lists, found {type(images).__name__} and {type(same).__name__}.")
    _count(len(images), len(same), where)
    stored = [_image(item, i, where) for i, item in enumerate(images)]
    return stored, [_flag(item, i, where) for i, item in enumerate(same)]


def _plain(part: object) -> object:
    """A list, also of an array's elements."""
    return list(part.data) if isinstance(part, Array) else part


def _image(item: object, i: int, where: str) -> bytes:
    stored = item.data if isinstance(item, Array) else item
    if not isinstance(stored, (bytes, bytearray)) or not 0 < len(stored) <= MAX_IMAGE:
        found = f"{len(stored)} bytes" if isinstance(stored, (bytes, bytearray)) else type(stored).__name__
        raise InputError(f"{where}: image {i}: wanted 1 to {MAX_IMAGE} bytes of an encoded image, found {found}.")
    return bytes(stored)


def _flag(item: object, i: int, where: str) -> bool:
    value = item.data[0] if isinstance(item, Array) and len(item.data) == 1 else item
    if not isinstance(value, int) or value not in (0, 1):
        raise InputError(f"{where}: pair {i}: wanted True or False, found {value!r:.40}.")
    return bool(value)


def _count(images: int, pairs: int, where: str) -> None:
    if pairs == 0 or images != 2 * pairs:
        raise InputError(f"{where}: wanted two images a pair, found {images} images for {pairs} pairs.")


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
