"""The one door for photographs: verification, audit, service and the checks of a data set all read them here."""

import io
import os
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from PIL import Image

from twinlib.errors import InputError
from twinlib.faces.images import MAX_BYTES, RGB, oddities, oddities_of, read_image

Photo = str | os.PathLike | bytes | bytearray | memoryview | BinaryIO | np.ndarray | Image.Image
FORMS = "a path, bytes, an open binary file, a Pillow image or a uint8 array"


class Photograph(NamedTuple):
    """One photograph.

    Attributes:
        pixels: upright, RGB, contiguous; never a view of what was passed.
        odd: what was done to it beyond decoding, separated by semicolons; empty for an ordinary upright RGB picture.
    """

    pixels: RGB
    odd: str


def read_photograph(source: object, name: str | None = None) -> Photograph:
    """Read one photograph in any form, as `read_image` does, and say what was odd about it.

    Args:
        source: a `Photo`: a path, the bytes of an image file, an open binary file (read from its beginning), an open
            Pillow image, or a uint8 array [H, W], [H, W, 1], [H, W, 3] (RGB) or [H, W, 4] (RGBA).
        name: what to call it in messages; by default its path.

    Raises:
        InputError: as `read_image`; none of these forms, a file that is closed or open as text, a text that is no path.
            The message names the photograph, the reason and the remedy.
    """
    if isinstance(source, np.ndarray):
        return Photograph(read_image(source, name), "grey" if source.ndim == 2 or source.shape[2:] == (1,) else "")
    if isinstance(source, Image.Image):
        pixels = read_image(source, name)
        return Photograph(pixels, oddities_of(source))
    if isinstance(source, str | os.PathLike):
        name = name or _short(source)
        stored = _stored(source, name)
    elif isinstance(source, bytes | bytearray | memoryview):
        name, stored = name or "the image", bytes(source)
    elif hasattr(source, "read"):
        opened = getattr(source, "name", None)  # of a file without a path: a number
        name = name or (opened if isinstance(opened, str) else "the open file")
        stored = content_of(source, name)
    else:
        raise InputError(f"{name or 'the image'}: wanted {FORMS}, found {type(source).__name__}. Pass one of these.")
    pixels = read_image(stored, name)
    return Photograph(pixels, oddities(stored, name))


def content_of(file: Any, name: str) -> bytes:
    """All of an open file, whatever its position, as its owner may just have written it.

    Raises:
        InputError: it is closed, open as text, or larger than `MAX_BYTES`.
    """
    try:
        if isinstance(file, io.TextIOBase):
            raise InputError(f"{name} is open as text. Open it with mode 'rb'.")
        if file.seekable():
            file.seek(0)
        stored = file.read(MAX_BYTES + 1)
    except InputError:
        raise
    except (OSError, ValueError, AttributeError, TypeError) as error:  # closed, or an own kind of file
        raise InputError(f"{name} cannot be read ({error}). Pass a file that is open for reading.") from error
    if not isinstance(stored, bytes | bytearray):
        raise InputError(f"{name} is open as text. Open it with mode 'rb'.")
    return _bounded(bytes(stored), name)


def _stored(source: str | os.PathLike, name: str) -> bytes:
    """Bytes of a file by its path."""
    if isinstance(source, str) and source.startswith(("data:", "http://", "https://")):
        raise InputError(f"{name} is an address, not a file. Pass the bytes behind it.")
    try:
        path = Path(os.fsdecode(source))
        if not path.exists():
            raise InputError(f"{name} does not exist. Check the path.")
        if not path.is_file():
            raise InputError(f"{name} is not a file. Name one image file.")
        with path.open("rb") as file:
            return _bounded(file.read(MAX_BYTES + 1), name)
    except InputError:
        raise
    except PermissionError as error:
        raise InputError(f"{name} may not be read (permission denied). Change its permissions.") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{name} cannot be read ({getattr(error, 'strerror', error)}). Check the path.") from error


def _bounded(stored: bytes, name: str) -> bytes:
    if len(stored) > MAX_BYTES:
        raise InputError(f"{name} is larger than {MAX_BYTES / 1e6:.0f} MB. Make it smaller.")
    return stored


def _short(source: str | os.PathLike) -> str:
    """A path as a name for messages."""
    text = os.fsdecode(source)
    return text if len(text) <= 200 else f"{text[:60]}…"
