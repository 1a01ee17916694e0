"""The last hand on the built pages: numbers that lead to records, symbols that explain themselves, previews of links.

Nothing is fetched: the texts of previews lie in `_static/previews.js`. `_static/hover.js` loads it when a reader first
points at a link. Pages read the same without any of it.
"""

import html
import json
import re
from pathlib import Path
from urllib.parse import unquote, urldefrag

from bs4 import BeautifulSoup, Tag

from book.tools import linked
from twinlib.files import write_text

PREVIEWS = "_static/previews.js"
LETTERS = 320  # of a preview
NOTATION = "notation.html"
_THEBE = re.compile(  # jupyter-book starts sphinx-thebe twice; we have no kernel to talk to
    r"<script>const THEBE_JS_URL.*?</script>|<script[^>]*(?:sphinx-thebe\.js|text/x-thebe-config).*?</script>"
    r"|<link[^>]*sphinx-thebe\.css[^>]*>",
    re.DOTALL,
)
_MATH = re.compile(r'<span class="math notranslate nohighlight">\\\((.*?)\\\)</span>', re.DOTALL)


def finished(site: Path) -> None:
    """Change the pages of `site` in place, and write the texts of their previews."""
    known = symbols(site / NOTATION) if (site / NOTATION).is_file() else {}
    texts = {page.name: page.read_text(encoding="utf-8") for page in sorted(site.glob("*.html"))}
    soups = {name: BeautifulSoup(text, "html.parser") for name, text in texts.items()}
    write_text(site / PREVIEWS, f"window.twinlibPreviews = {json.dumps(previews(soups), ensure_ascii=False)};\n")
    for name, text in texts.items():
        shown = _THEBE.sub("", linked.numbers(text))
        write_text(site / name, shown if name == NOTATION else explained(shown, known))


def symbols(notation: Path) -> dict[str, str]:
    """TeX of a symbol → its meaning, from the tables of the page of notation."""
    found = {}
    for row in BeautifulSoup(notation.read_text(encoding="utf-8"), "html.parser").select("tr"):
        cells = [cell.get_text(" ", strip=True) for cell in row.find_all("td")]
        for tex in re.findall(r"\\\((.*?)\\\)", cells[0]) if len(cells) > 1 else []:
            plain = re.sub(r"\\\((.*?)\\\)", r"\1", cells[1])
            found |= {letter.strip(): plain for letter in tex.split("=")[0].split(",")}
    return found


def explained(page: str, known: dict[str, str]) -> str:
    """A page whose inline formulas of one known symbol say what it means when they are pointed at.

    The keyboard stops at the first of each symbol only: a page may hold a hundred.
    """
    stops: set[str] = set()

    def told(found: re.Match[str]) -> str:
        symbol = found[1].strip().split("=")[0].strip()
        if (meaning := known.get(symbol)) is None:
            return found[0]
        stop = "" if symbol in stops else 'tabindex="0" '
        stops.add(symbol)
        said = f'{stop}data-meaning="{html.escape(meaning)}"'
        return f'<span class="math notranslate nohighlight" {said}>' + found[0].split(">", 1)[1]

    return _MATH.sub(told, page)


def previews(soups: dict[str, BeautifulSoup]) -> dict[str, str]:
    """What a link to a page or a place shows: `page.html#place` → HTML, for every place that some page links to."""
    found = {name: text for name, soup in soups.items() if (text := _page(soup))}
    wanted = {
        (target or name, unquote(place))
        for name, soup in soups.items()
        for link in soup.select("article a[href*='#']")
        for target, place in [urldefrag(str(link["href"]))]
        if place and (target or name) in soups
    }
    for name, place in sorted(wanted):
        element = soups[name].find(id=place)
        if isinstance(element, Tag) and (text := _place(element)):
            found[f"{name}#{place}"] = text
    return found


def _page(soup: BeautifulSoup) -> str:
    """Title and question of a page, else its first paragraph."""
    title = soup.select_one("article h1")
    paragraphs = soup.select("article p")
    asked = next((p for p in paragraphs if p.get_text().startswith("Question.")), paragraphs[0] if paragraphs else None)
    return f"<strong>{_text(title)}</strong><br>{_text(asked)}" if title and asked else ""


def _place(element: Tag) -> str:
    if element.name == "figure" and (image := element.find("img")):
        caption = element.find("figcaption")
        words = _text(caption.find("p")) if isinstance(caption, Tag) else ""
        return f'<img src="{image["src"]}" alt="">{words}'  # the words say what the picture is
    if (row := element.find_parent("tr")) is not None:
        return " · ".join(filter(None, (_text(cell) for cell in row.find_all("td"))))
    if element.name in ("section", "div") and (head := element.find(re.compile("^h[1-6]$"))):
        first = element.find("p")
        return f"<strong>{_text(head)}</strong><br>{_text(first)}" if first else _text(head)
    return _text(element)


def _text(element: object) -> str:
    """Text without marks of headings, cut after a word, as HTML."""
    words = " ".join(element.get_text(" ", strip=True).replace("#", " ").split()) if isinstance(element, Tag) else ""
    short = words if len(words) <= LETTERS else words[:LETTERS].rsplit(" ", 1)[0] + " …"
    return short.replace("&", "&amp;").replace("<", "&lt;")
