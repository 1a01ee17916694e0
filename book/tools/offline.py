"""List everything a built page would fetch from the network: `python -m book.tools.offline build/html`.

Links that a reader clicks are fine; scripts, styles, pictures, frames, fonts and preconnects are not.
"""

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

REMOTE = re.compile(r"^\s*(?:https?:)?//", re.IGNORECASE)
CSS = re.compile(r"url\(\s*['\"]?\s*((?:https?:)?//[^'\")]+)|@import\s+['\"]((?:https?:)?//[^'\"]+)", re.IGNORECASE)
CLICKED = {"a", "area", "form"}
# `<link rel>` values that only tell something and fetch nothing.
TELLING = {"canonical", "author", "license", "next", "prev", "index", "search", "alternate"}


class _Assets(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        told = tag == "link" and set(values.get("rel", "").lower().split()) <= TELLING
        if tag in CLICKED or told:
            return
        sources = [values.get(name, "") for name in ("src", "href", "xlink:href", "poster", "data")]
        sources += [part.split()[0] for part in values.get("srcset", "").split(",") if part.split()]
        self.found += [f"<{tag}> {source}" for source in sources if REMOTE.match(source)]
        self.found += [f"style of <{tag}> {url}" for url in _urls(values.get("style", ""))]


def _urls(css: str) -> list[str]:
    return [first or second for first, second in CSS.findall(css)]


def remote_assets(site: Path) -> Iterator[str]:
    """Each remote asset of each page and style sheet below `site`, as `page: <tag> address`."""
    for page in sorted(site.rglob("*.html")):
        text = page.read_text(encoding="utf-8", errors="replace")
        parser = _Assets()
        parser.feed(text)
        inside = [url for style in re.findall(r"<style[^>]*>(.*?)</style>", text, re.DOTALL) for url in _urls(style)]
        yield from (f"{page.relative_to(site)}: {found}" for found in [*parser.found, *inside])
    for sheet in sorted(site.rglob("*.css")):
        for url in _urls(sheet.read_text(encoding="utf-8", errors="replace")):
            yield f"{sheet.relative_to(site)}: {url}"


def main(site: Path) -> int:
    """Print what would be fetched; return the exit code."""
    found = list(remote_assets(site))
    for line in found:
        print(f"NETWORK {line}", file=sys.stderr)
    print(f"offline: {len(list(site.rglob('*.html')))} pages, {len(found)} assets from the network")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
