"""An element of a page from HTML that is whole without a script, its data, and the script that makes it answer."""

import html
import json
from functools import cache

from twinlib.errors import InputError
from twinlib.paths import package_dir

SCRIPT_BYTES = 15_000  # of a figure's script and the common style


def element(kind: str, name: str, label: str, inner: str, data: object) -> str:
    """A live figure.

    Args:
        kind: which script of this folder.
        name: id of the element, unique on the page.
        label: what it is, for readers who hear the page.
        inner: what it shows first, and without a script.
        data: what the script works on, JSON.

    Raises:
        InputError: script and style are larger than 15 kB.
    """
    script, style = part(f"{kind}.js").strip(), part("alive.css")
    if (size := len((script + style).encode())) > SCRIPT_BYTES:
        raise InputError(f"script and style of {kind} are {size} bytes; the limit is {SCRIPT_BYTES}. Shorten them.")
    packed = json.dumps(data, separators=(",", ":"), allow_nan=False, ensure_ascii=False).replace("</", "<\\/")
    return (
        f'<section id="{name}" {_begun(kind, label)}{inner}\n'
        f'<script type="application/json" data-al="data">{packed}</script>\n'
        f'<script>({script})(document.getElementById("{name}"));</script></section>'
    )


def shell(kind: str, label: str, inner: str) -> str:
    """The element without data and script, for a host that brings both."""
    return f"<section {_begun(kind, label)}{inner}</section>"


def _begun(kind: str, label: str) -> str:
    return f'class="al al-{kind}" aria-label="{html.escape(label)}"><style>{part("alive.css")}</style>\n'


def document(title: str, *elements: str) -> str:
    """Elements as a page of their own, which opens from disk."""
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        "<style>body { font-family: system-ui, sans-serif; max-width: 62rem; margin: 1rem auto; padding: 0 0.6rem; }"
        f"</style></head><body><main><h1>{html.escape(title)}</h1>\n{''.join(elements)}</main></body></html>\n"
    )


@cache
def part(name: str) -> str:
    """A file of this folder."""
    return (package_dir() / "figures/alive" / name).read_text(encoding="utf-8")
