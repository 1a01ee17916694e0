"""Read any photograph into one form: upright 8-bit RGB. What cannot be read is refused with file, reason and remedy."""

import io
import threading
import warnings
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageOps, UnidentifiedImageError
from PIL import __version__ as pillow

from twinlib.errors import InputError

MAX_PIXELS = 50_000_000  # 50 megapixels: 150 MB once decoded. Our choice.
MAX_BYTES = 256_000_000  # largest file that is read whole, also out of a zip: a bomb would fill the memory. Our choice.
MAX_SIDE = 32_000  # OpenCV warps no picture with a side of 2¹⁵ px or more
SUFFIXES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"),
    *(".ppm", ".pgm", ".pnm", ".jp2", ".mpo", ".avif", ".heic", ".heif"),
)  # what counts as a photograph in a folder; one that this Pillow cannot decode is reported, not skipped

HEIC = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs")  # what a telephone's file calls itself
ORIENTATION = 0x0112  # the EXIF tag
ODD_MODES = {
    ("1", "L", "LA", "La"): "grey",
    ("I", "I;16", "I;16B", "I;16L", "I;16N"): "16 bits",
    ("CMYK",): "CMYK",
    ("YCbCr", "LAB", "HSV"): "another colour space",
}

Photo = str | Path | bytes | np.ndarray | Image.Image
RGB = UInt8[np.ndarray, "H W 3"]

_warnings = threading.Lock()  # warnings.catch_warnings changes a global; two threads at once would leave it changed


def read_image(source: Photo, name: str | None = None, max_pixels: int = MAX_PIXELS) -> RGB:
    """Read one image as upright 8-bit RGB.

    The EXIF orientation is applied. Grey, palette, CMYK and 16-bit pixels are converted (16 bits are divided by 257;
    colour profiles are not applied). Transparent pixels are laid on **white**. Of an animation the first frame counts.

    Args:
        source: a path, the bytes of an image file, an open Pillow image, or a uint8 array [H, W], [H, W, 1],
            [H, W, 3] (RGB) or [H, W, 4] (RGBA).
        name: what to call the image in messages; by default the path.
        max_pixels: largest width × height that is decoded; no side may be longer than `MAX_SIDE`.

    Returns:
        Pixels [H, W, 3], RGB, contiguous; never a view of `source`.

    Raises:
        InputError: if the source is missing, empty, truncated, not an image, larger than `max_pixels`, or an array
            of another type or shape. The message names the image, the reason and the remedy.
    """
    if isinstance(source, np.ndarray):
        return _from_array(source, name or "the array", max_pixels)
    if isinstance(source, Image.Image):
        name = name or str(getattr(source, "filename", "")) or "the image"
        with _refusing(name, max_pixels):
            return _decode(source, name, max_pixels)
    name = name or ("the image" if isinstance(source, bytes) else str(source))
    if isinstance(source, bytes):
        _refuse_empty(len(source), name)
        return _open(io.BytesIO(source), name, max_pixels)
    path = Path(source)
    if not path.exists():
        raise InputError(f"{name} does not exist. Check the path.")
    if not path.is_file():
        raise InputError(f"{name} is not a file. Name one image file.")
    _refuse_empty(path.stat().st_size, name)
    try:
        with path.open("rb") as file:
            return _open(file, name, max_pixels)
    except PermissionError as error:
        raise InputError(f"{name} may not be read (permission denied). Change its permissions.") from error


def fault(data: bytes, name: str) -> str:
    """Why `read_image` refuses an image, at the cost of an eighth of its side where the format allows it.

    Args:
        data: an image file.
        name: what to call it.

    Returns:
        A sentence with the name and the remedy; empty if there is nothing wrong.
    """
    try:
        _refuse_empty(len(data), name)
        with _opened(io.BytesIO(data), name) as image:
            _refuse_large(image.width, image.height, name, MAX_PIXELS)
            image.draft(None, (image.width // 8, image.height // 8))
            image.load()
            if image.mode.startswith(("F", "I")):
                _to_rgb(image, name)
    except InputError as error:
        return str(error)
    return ""


def oddities(data: bytes, name: str) -> str:
    """What `read_image` does to these bytes beyond decoding them; empty for an ordinary upright RGB picture.

    Args:
        data: an image file.
        name: what to call it in messages.

    Raises:
        InputError: if Pillow cannot open it.
    """
    with _opened(io.BytesIO(data), name) as image:
        return oddities_of(image)


def oddities_of(image: Image.Image) -> str:
    """The same of an image that is open."""
    found = [text for modes, text in ODD_MODES.items() if image.mode in modes]
    if "transparency" in image.info or image.mode in ("RGBA", "RGBa", "LA", "La", "PA"):
        found.append("transparent, laid on white")
    if getattr(image, "is_animated", False):
        found.append("animated, first frame taken")
    with suppress(Exception):  # damaged EXIF
        if image.getexif().get(ORIENTATION, 1) != 1:
            found.append("turned by EXIF")
    return "; ".join(found)


def _refuse_empty(size: int, name: str) -> None:
    if size == 0:
        raise InputError(f"{name} is empty (0 bytes). Copy the file again.")


@contextmanager
def _refusing(name: str, max_pixels: int) -> Generator[None]:
    """Turn every way in which Pillow fails into an InputError."""
    with _warnings, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # odd but readable metadata is no news to the user ...
        warnings.simplefilter("error", Image.DecompressionBombWarning)  # ... a bomb is
        try:
            yield
        except InputError:
            raise
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise InputError(_too_large(name, "more than Pillow opens", max_pixels)) from error
        except UnidentifiedImageError as error:
            remedy = "Convert it to JPEG or PNG."
            raise InputError(f"{name} is not an image that Pillow {pillow} can read. {remedy}") from error
        except Exception as error:  # a damaged file makes the decoders raise nearly anything
            raise InputError(f"{name} is truncated or damaged ({error}). Copy it again or remove it.") from error


def _open(file: io.BufferedIOBase, name: str, max_pixels: int) -> RGB:
    """Decode an open file."""
    with _opened(file, name, max_pixels) as image:
        return _decode(image, name, max_pixels)


@contextmanager
def _opened(file: Any, name: str, max_pixels: int = MAX_PIXELS) -> Generator[Image.Image]:
    """An open file as an image that is not decoded yet; one for HEIC loads its reader first."""
    with _refusing(name, max_pixels):
        head = file.read(12)
        file.seek(0)
        if head[4:8] == b"ftyp" and head[8:12] in HEIC:
            _learn_heic(name)
        with Image.open(file) as image:
            yield image


def _learn_heic(name: str) -> None:
    """Let Pillow read HEIC, if the extra is there."""
    try:
        import pillow_heif
    except ImportError as error:
        raise InputError(
            f"{name} is a HEIC photograph, and what reads it is not installed. Install it with: "
            "pip install 'twinlib[heic]', or save the photograph as JPEG."
        ) from error
    pillow_heif.register_heif_opener()


def _decode(image: Image.Image, name: str, max_pixels: int) -> RGB:
    """Turn an open Pillow image into upright RGB pixels."""
    _refuse_large(image.width, image.height, name, max_pixels)
    image.load()  # of an animation: the first frame
    with suppress(Exception):  # damaged EXIF says nothing about the pixels; they stay as stored
        image = ImageOps.exif_transpose(image)
    return np.array(_to_rgb(image, name), dtype=np.uint8)


def _to_rgb(image: Image.Image, name: str) -> Image.Image:
    """Convert any Pillow mode to RGB, transparency on white."""
    mode = image.mode
    if mode == "RGB" and "transparency" not in image.info:
        return image
    if mode.startswith("I"):
        return Image.fromarray(_from_16_bit(np.asarray(image), name)).convert("RGB")
    if mode == "F":
        raise InputError(f"{name} holds floating-point pixels, whose white is unknown. Save it with 8 bits a channel.")
    if "transparency" in image.info or mode in ("RGBA", "RGBa", "LA", "La", "PA"):
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, (255, 255, 255, 255))
        return Image.alpha_composite(white, image).convert("RGB")
    return image.convert("RGB")


def _from_16_bit(pixels: np.ndarray, name: str) -> np.ndarray:
    """Scale 16-bit grey (0 … 65535) to 8 bits."""
    if pixels.size and (pixels.min() < 0 or pixels.max() > 65535):
        raise InputError(f"{name} holds 32-bit pixels, whose white is unknown. Save it with 8 bits a channel.")
    return ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)


def _from_array(pixels: np.ndarray, name: str, max_pixels: int) -> RGB:
    """Check an array and give it three channels."""
    wanted = "wanted uint8 [H, W, 3] in RGB order"
    if pixels.dtype.kind == "f" and not np.isfinite(pixels).all():
        raise InputError(f"{name}: {wanted}, found {pixels.dtype} with NaN or infinite values. Repair the source.")
    if pixels.dtype != np.uint8:
        remedy = "Scale to 0 … 255 and use .astype(np.uint8)."
        raise InputError(f"{name}: {wanted}, found {pixels.dtype}. {remedy}")
    if pixels.ndim == 3 and pixels.shape[0] in (1, 3) and pixels.shape[2] not in (1, 3, 4):
        raise InputError(f"{name}: {wanted}, found {list(pixels.shape)}, channels first. Use .transpose(1, 2, 0).")
    if pixels.ndim not in (2, 3) or 0 in pixels.shape or (pixels.ndim == 3 and pixels.shape[2] not in (1, 3, 4)):
        raise InputError(f"{name}: {wanted}, found shape {list(pixels.shape)}. Pass one image at a time.")
    height, width = pixels.shape[:2]
    _refuse_large(width, height, name, max_pixels)
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        return np.array(_to_rgb(Image.fromarray(np.ascontiguousarray(pixels)), name))
    return np.array(np.broadcast_to(pixels.reshape(height, width, -1), (height, width, 3)))


def _refuse_large(width: int, height: int, name: str, max_pixels: int) -> None:
    if width * height > max_pixels or max(width, height) > MAX_SIDE:
        raise InputError(_too_large(name, f"{width} × {height} px", max_pixels))


def _too_large(name: str, found: str, max_pixels: int) -> str:
    limit = f"{max_pixels / 1e6:g} megapixels and {MAX_SIDE} px a side"
    return f"{name} is too large: {found}, the limit is {limit}. Make it smaller."
