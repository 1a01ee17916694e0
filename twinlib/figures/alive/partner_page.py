"""TA-PWCA by partner: where a face reads in itself and in the face that stands beside it while a network is trained."""

import base64
import html
import io
from collections.abc import Mapping, Sequence
from string import Template

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image

from twinlib.figures.alive.mounted import element, part
from twinlib.figures.inspector.page import webp

AFTER = "Without a partner nothing crosses over: the exported network has no pair attention and pays nothing for it."
Face = UInt8[np.ndarray, "S S 3"]
Reads = tuple[Float[np.ndarray, "h w"], Float[np.ndarray, "h w"]]


def fragment(
    anchor: Face,
    partners: Mapping[str, Face],
    reads: Mapping[str, Sequence[Reads]],
    blocks: Sequence[int],
    name: str = "partners",
) -> str:
    """The figure as an element; it opens on the first partner and the first block.

    Args:
        anchor: the face that asks.
        partners: what a partner is called → its face.
        reads: for each partner, and for itself under the empty name, where it reads in each block: in itself, in the
            partner.
        blocks: their numbers, counted from 1.
        name: its id, unique on the page.
    """
    beside = [part for who, each in reads.items() if who for pair in each for part in pair]
    ends = min(float(part.min()) for part in beside), max(float(part.max()) for part in beside)
    maps = {
        who: {
            str(block): [_heat(own, ends), _heat(other, ends), _said(who, block, own, other)]
            for block, (own, other) in zip(blocks, each, strict=True)
        }
        for who, each in reads.items()
    }
    first = next(iter(partners))
    own, other, said = maps[first][str(blocks[0])]
    faces = {who: webp(face) for who, face in partners.items()}
    inner = Template(part("partner.html")).substitute(
        partners="".join(_radio(who, who == first) for who in partners), anchor=webp(anchor), own=own, other=other,
        face=faces[first], called=html.escape(first), said=html.escape(said),
        blocks="".join(f"<option>{block}</option>" for block in blocks),
    )  # fmt: skip
    return element("partner", name, "Attention by partner", inner, {"faces": faces, "maps": maps})


def _said(who: str, block: int, own: np.ndarray, other: np.ndarray) -> str:
    share = float(other.sum() / (own.sum() + other.sum()))
    return f"Block {block}: {share:.1%} of what this face reads, it reads in its partner ({who})." if who else AFTER


def _radio(who: str, first: bool) -> str:
    said = html.escape(who)
    return f'<label><input type="radio" name="partner" value="{said}"{" checked" * first}> {said}</label>'


def _heat(weights: Float[np.ndarray, "h w"], ends: tuple[float, float]) -> str:
    """Orange, the less transparent the larger a weight between the least and the most that is read, as an address."""
    pixels = np.zeros((*weights.shape, 4), np.uint8)
    pixels[..., :3] = (255, 100, 0)
    low, high = ends
    pixels[..., 3] = np.round(190 * np.clip((weights - low) / max(high - low, 1e-9), 0, 1))
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
