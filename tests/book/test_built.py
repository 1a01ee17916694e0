"""The smoke book as built: what a reader gets, file by file."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import nbformat
import pytest

from book.tools.chapters import notebooks, pages
from book.tools.gate import absolute_path, findings
from book.tools.offline import remote_assets

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow
NAMES = pages(ROOT / "_toc.yml")
CHAPTERS = notebooks(ROOT / "_toc.yml", ROOT / "book")
SITE_LIMIT_MB, PAGE_LIMIT_MB = 40, 3  # a page without its lazy pictures


class _Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.images, self.links, self.names = [], [], set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if "id" in values:
            self.names.add(values["id"])
        if tag == "img":
            self.images.append(values)
        if tag == "a" and "href" in values:
            self.links.append(values["href"])


@pytest.fixture(scope="module")
def site(smoke_book):
    return smoke_book / "html"


@pytest.fixture(scope="module")
def read(site):
    return {path.name: _Page(path.read_text()) for path in site.glob("*.html")}


def test_every_page_is_there_and_index_opens_the_first(site):
    assert {f"{name}.html" for name in NAMES} <= {path.name for path in site.glob("*.html")}
    assert f"{NAMES[0]}.html" in (site / "index.html").read_text()


def test_nothing_comes_from_the_network(site):
    assert list(remote_assets(site)) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_picture_has_alternative_text(read, name):
    assert [
        image.get("src", "")[:60] for image in read[f"{name}.html"].images if not image.get("alt", "").strip()
    ] == []


def test_internal_links_lead_somewhere(site, read):
    dead = []
    for page, content in read.items():
        for link in content.links:
            target, name = urldefrag(unquote(link))
            if re.match(r"[a-z]+:", target):
                continue
            if target and not (site / target).is_file():
                dead.append(f"{page}: {link}")
            elif name.startswith("studio="):  # a state of the studio, which its script reads
                continue
            elif name and (target or page) in read and name not in read[target or page].names:
                dead.append(f"{page}: {link}")
    assert dead == []


@pytest.mark.parametrize("name", CHAPTERS)
def test_chapter_shows_no_parameters_cell(site, name):
    text = (site / f"{name}.html").read_text()
    assert "# Parameters" not in text
    assert 'profile = "smoke"' not in re.sub(r"<[^>]+>", "", text).replace("&quot;", '"')


@pytest.mark.parametrize("name", CHAPTERS)
def test_executed_chapter_passes_the_gate_and_the_source_is_what_readers_take_along(site, smoke_book, name):
    assert findings(nbformat.read(smoke_book / f"book/{name}.ipynb", as_version=4)) == []
    assert (site / f"_sources/{name}.ipynb").read_bytes() == (ROOT / f"book/{name}.ipynb").read_bytes()


def test_no_machine_is_named(site):
    pattern = absolute_path()
    for page in site.glob("*.html"):
        text = re.sub(r";base64,[A-Za-z0-9+/=]+", "", page.read_text())
        assert pattern.search(text) is None, page.name


def test_status_and_environment_tell_what_ran(site):
    status = (site / "status.html").read_text()
    assert status.count("passed") == len(CHAPTERS)
    assert "smoke" in status
    assert "numpy" in (site / "environment.html").read_text()


def test_site_stays_small(site):
    assert sum(path.stat().st_size for path in site.rglob("*") if path.is_file()) < SITE_LIMIT_MB * 2**20


def test_pages_stay_light(site):
    heavy = {
        page.name: page.stat().st_size for page in site.glob("*.html") if page.stat().st_size > PAGE_LIMIT_MB * 2**20
    }
    assert heavy == {}


@pytest.mark.parametrize("name", CHAPTERS)
def test_figures_are_numbered_lazy_and_can_be_downloaded(site, read, name):
    text = (site / f"{name}.html").read_text()
    figures = re.findall(r"<figure class=\"[^\"]*twinlib-figure.*?</figure>", text, re.DOTALL)
    assert "data:image" not in "".join(figures)
    for figure in figures:
        assert re.search(r'caption-number">Figure \d+ ', figure)
        assert figure.count('loading="lazy"') == figure.count("<img")
        assert all((site / file).is_file() for file in re.findall(r'(?:src|href)="(_static/[^"]+)"', figure))


def test_printed_numbers_lead_to_records(site):
    text = (site / "16_cost.html").read_text()
    assert text.count('<a class="record" href="#records">') > 5
    links = re.findall(r'href="(_static/records/[^"]+)"', text)
    assert links
    assert all((site / link).is_file() for link in links)


def test_links_have_previews(site):
    texts = json.loads(
        (site / "_static/previews.js").read_text().removeprefix("window.twinlibPreviews = ").rstrip(";\n")
    )
    assert "Question." in texts["02_hca.html"]
    assert any(key.startswith("bibliography.html#") for key in texts)
    assert any(key.startswith("gaps.html#gap-") for key in texts)


def test_scripts_of_the_pages_are_the_locked_ones(site):
    lock = json.loads((ROOT / "requirements/js/package-lock.json").read_text())["packages"]
    version = lock["node_modules/mathjax"]["version"]
    assert f'VERSION="{version}"' in (site / "_static/vendor/tex-svg.js").read_text()
