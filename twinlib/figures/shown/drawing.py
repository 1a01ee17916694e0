"""The picture of a figure: SVG for light and for dark pages, photographs inside as JPEG; PNG where SVG is large."""

import base64
import io
import re
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from twinlib.figures.style import DARK

SVG_LIMIT = 300_000  # bytes of lines and letters; a drawing of thousands of points goes out as PNG
DPI = 200  # two dots for each pixel of an ordinary screen
COLOURS = 512  # an embedded picture with more is a photograph, which JPEG keeps in a tenth of the bytes
QUALITY = 88
_COLOUR = re.compile(r"#[0-9a-f]{6}\b")
_EMBEDDED = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=\s]+)")


class Picture(NamedTuple):
    """A figure as files.

    Attributes:
        kind: svg or png.
        light: bytes for light pages.
        dark: bytes for dark pages; None where there is one picture only.
    """

    kind: str
    light: bytes
    dark: bytes | None


def picture(fig: Figure) -> Picture:
    """Draw a figure once, and once more in the colours of dark pages.

    Args:
        fig: figure in the project's style; the colours of `twinlib.figures.style` are those that change.
    """
    text = _rendered(fig, "svg").decode()
    if len(_EMBEDDED.sub("", text)) > SVG_LIMIT:
        return Picture("png", _rendered(fig, "png"), None)
    text = _EMBEDDED.sub(lambda found: _smaller(found[1]), text)
    return Picture("svg", text.encode(), darkened(text).encode())


def darkened(svg: str) -> str:
    """The same drawing in the colours of dark pages; embedded pictures stay as they are."""
    return _COLOUR.sub(lambda found: DARK.get(found[0], found[0]), svg)


def _smaller(encoded: str) -> str:
    """An embedded PNG as data address, as JPEG where it is a photograph."""
    from PIL import Image

    image = Image.open(io.BytesIO(base64.b64decode(encoded)))
    pixels = np.asarray(image.convert("RGBA"))
    few = image.getcolors(COLOURS) is not None
    if few or pixels[..., 3].min() < 255:
        return f"data:image/png;base64,{''.join(encoded.split())}"
    buffer = io.BytesIO()
    Image.fromarray(pixels[..., :3]).save(buffer, "JPEG", quality=QUALITY, subsampling=0)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _rendered(fig: Figure, kind: str) -> bytes:
    buffer = io.BytesIO()
    # Without a date the same figure is the same file.
    fig.savefig(buffer, format=kind, dpi=DPI, metadata={"Date": None} if kind == "svg" else None)
    return buffer.getvalue()
