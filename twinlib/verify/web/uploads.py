"""Images in requests, within limits of size."""

import base64
import binascii
from urllib.parse import unquote

from twinlib.errors import InputError

MAX_IMAGE = 20_000_000  # bytes of one encoded image
MAX_BODY = 3 * MAX_IMAGE  # bytes of a request: two images in base64, or a batch of smaller ones
MAX_PAIRS = 64  # pairs or images of a batch


def decoded(text: str, name: str) -> bytes:
    """Bytes of base64 in any spelling: plain or url-safe, padded or not, in lines, as a data URI.

    Args:
        text: of the request.
        name: of the field, for messages.

    Raises:
        InputError: no base64, or an image of a size that is not accepted.
    """
    head, comma, body = text.strip().partition(",")
    if head[:5].lower() == "data:":
        if not comma or not head.lower().endswith(";base64"):
            raise InputError(f"{name}: wanted a data URI in base64 (data:…;base64,…). Encode the image in base64.")
        text = unquote(body)
    plain = "".join(text.split()).translate(str.maketrans("-_", "+/")).rstrip("=")
    try:
        stored = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InputError(f"{name}: wanted an image in base64 ({error}). Encode the bytes of the image file.") from error
    return sized(stored, name)


def sized(stored: bytes, name: str) -> bytes:
    """The bytes, if they are neither none nor too many.

    Raises:
        InputError: names the field.
    """
    if not 0 < len(stored) <= MAX_IMAGE:
        raise InputError(f"{name}: wanted 1 to {MAX_IMAGE} bytes, found {min(len(stored), MAX_IMAGE + 1)}.")
    return stored
