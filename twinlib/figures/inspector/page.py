"""The inspector without a kernel: one piece of HTML with its data, style and script, which loads nothing."""

import base64
import html
import io
import json
from functools import cache
from string import Template

import numpy as np
import pandas as pd
from PIL import Image

from twinlib.errors import InputError
from twinlib.figures.inspector.shown_pairs import Inspected
from twinlib.paths import package_dir

NAMES = {"genuine": "one person", "twin": "identical twins", "sibling": "siblings", "stranger": "strangers"}
LIMIT_BYTES = 2_000_000
QUALITY = 80  # of the thumbnails, WebP
OUTCOMES = {(True, 1): "TP", (True, 0): "FP", (False, 1): "FN", (False, 0): "TN"}  # accepted, same → outcome


def fragment(shown: Inspected, name: str = "pair-inspector") -> str:
    """The inspector as an element to put into a page.

    Args:
        shown: from `pairs.inspected`.
        name: its id, unique on the page.

    Raises:
        InputError: if it would be larger than 2 MB; fewer pairs make it smaller.
    """
    data = json.dumps(payload(shown), separators=(",", ":"), allow_nan=False).replace("</", "<\\/")
    scripts = f'<script type="application/json" data-twi="data">{data}</script>\n'
    scripts += f'<script>({script()})(document.getElementById("{name}"));</script>\n'
    page = inner(shown, name, scripts)
    if len(page.encode()) > LIMIT_BYTES:
        raise InputError(f"the inspector is {len(page.encode()) / 1e6:.1f} MB; the limit is 2 MB. Show fewer pairs.")
    return page


def inner(shown: Inspected, name: str = "pair-inspector", scripts: str = "") -> str:
    """The element, with the scripts of a page or none."""
    return Template(_part("page.html")).substitute(
        id=name, title=html.escape(shown.title), css=_part("page.css"), scripts=scripts,
        maps_from=html.escape(shown.maps_from), table=_table(shown),
    )  # fmt: skip


def script() -> str:
    """What makes the element answer: a function of it and of a host, the same on a page and in a notebook."""
    return _part("page.js").strip()


def document(shown: Inspected) -> str:
    """The inspector as a file of its own, to be opened from disk or mailed."""
    title = html.escape(f"Pair inspector: {shown.title}")
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        "<style>body { font-family: system-ui, sans-serif; max-width: 62rem; margin: 1rem auto; padding: 0 0.6rem; }"
        f"</style></head><body><main><h1>{title}</h1><p>Every face here is rendered; no real person is shown.</p>\n"
        f"{fragment(shown)}</main></body></html>\n"
    )


def payload(shown: Inspected) -> dict[str, object]:
    """What the script works on, as plain values."""
    pairs = shown.pairs.rename(columns={"image_a": "a", "image_b": "b"})
    tests = {
        protocol: {"scores": table["score"].tolist(), "same": table["same"].tolist()}
        for protocol, table in shown.scores.items()
    }
    return {
        "kinds": NAMES,
        "protocol_of": dict(zip(pairs["kind"].astype(str), pairs["protocol"].astype(str), strict=True)),
        "thresholds": shown.thresholds,
        "tests": tests,
        "pairs": pairs[["kind", "same", "score", "a", "b"]].to_dict("records"),
        "images": {str(name): _image(shown, str(name)) for name in shown.images.index},
        "maps": None if shown.maps is None else {"regions": shown.maps.regions(), "scales": shown.maps.scales()},
    }  # fmt: skip


def webp(pixels: np.ndarray) -> str:
    """A picture as a data address."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "WEBP", quality=QUALITY)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()


def _image(shown: Inspected, name: str) -> dict[str, object]:
    facts = {key: _said(value) for key, value in shown.images.loc[name].items() if not pd.isna(value)}
    found: dict[str, object] = {"src": webp(shown.crops[name]), "facts": facts}
    if shown.maps is not None:
        found["maps"] = {layer: _bytes(values) for layer, values in shown.maps.of(name).items()}
    return found


def _bytes(values: np.ndarray) -> dict[str, object]:
    return {"width": int(values.shape[1]), "bytes": base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()}


def _said(value: object) -> str:
    return f"{round(value)}" if isinstance(value, float) else str(value)


def _table(shown: Inspected) -> str:
    """The pairs as a plain table, for readers without JavaScript."""
    rows = []
    for _, pair in shown.pairs.iterrows():
        accepted = pair["score"] >= shown.thresholds[pair["protocol"]]
        cells = (
            NAMES[pair["kind"]],
            pair["image_a"],
            pair["image_b"],
            f"{pair['score']:.3f}",
            OUTCOMES[bool(accepted), int(pair["same"])],
        )
        rows.append("<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in cells) + "</tr>")
    heads = "".join(f'<th scope="col">{text}</th>' for text in ("pair", "image", "image", "score", "decision"))
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


@cache
def _part(name: str) -> str:
    return (package_dir() / "figures/inspector" / name).read_text(encoding="utf-8")
