"""The smoke book in headless Chromium, with every other host refused."""

import functools
import http.server
import shutil
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from book.tools.chapters import notebooks, pages

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.browser]
NAMES = pages(ROOT / "_toc.yml")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE_MS = 120_000  # a loaded machine may take its time
PANEL = "rgb(251, 250, 247)"  # twinlib.figures.style.PANEL
# Messages of the pages' own scripts that harm nothing: text → why it is allowed.
ALLOWED = {
    "Identifier 'THEBE_JS_URL' has already been declared": "jupyter-book starts sphinx-thebe twice; we do not use it",
}


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address(smoke_book):
    handler = functools.partial(_Quiet, directory=smoke_book / "html")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def chromium():
    if CHROMIUM is None:
        pytest.skip("no Chromium on PATH; get one, e.g. apt-get install chromium (.ci/run does)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def _unexpected(complaints):
    return [text for text in complaints if not any(allowed in text for allowed in ALLOWED)]


class Visit:
    """A page with everything it complained about and every foreign host it asked for."""

    def __init__(self, browser, address, **options):
        self.complaints, self.foreign = [], []
        self.context = browser.new_context(**options)
        self.context.set_default_timeout(PATIENCE_MS)
        self.context.route("**/*", lambda route: self._decide(route, urlsplit(address).netloc))
        self.page = self.context.new_page()
        self.page.on("console", lambda message: message.type == "error" and self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("response", lambda answer: answer.status >= 400 and self.complaints.append(answer.url))

    def _decide(self, route, own):
        parts = urlsplit(route.request.url)
        if parts.scheme in ("data", "blob") or parts.netloc == own:
            route.continue_()
        else:
            self.foreign.append(route.request.url)
            route.abort()

    def unexpected(self):
        return _unexpected(self.complaints)


@pytest.fixture
def visit(chromium, address):
    opened = []

    def go(name, **options):
        opened.append(Visit(chromium, address, **options))
        opened[-1].page.goto(f"{address}/{name}.html", wait_until="load")
        return opened[-1]

    yield go
    for each in opened:
        each.context.close()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_loads_without_complaint(visit, name, scheme):
    seen = visit(name, color_scheme=scheme)
    seen.page.wait_for_load_state("networkidle")
    assert seen.unexpected() == []
    assert seen.foreign == []
    assert seen.page.evaluate("document.documentElement.dataset.theme") == scheme
    assert seen.page.locator("article h1").count() == 1


@pytest.mark.parametrize("name", NAMES)
def test_pictures_load_and_have_alternative_text(visit, name):
    page = visit(name).page
    shown = "[...document.images].filter(i => i.offsetParent !== null)"
    assert page.evaluate(f"{shown}.every(i => i.complete && i.naturalWidth > 0)")
    assert page.evaluate(f"{shown}.every(i => i.alt.trim() !== '')")


def test_maths_is_typeset(visit, smoke_book):
    with_maths = [n for n in NAMES if 'class="math' in (smoke_book / f"html/{n}.html").read_text()]
    assert with_maths
    for name in with_maths:
        page = visit(name).page
        page.wait_for_selector("mjx-container svg")
        assert page.locator("mjx-container svg").count() >= page.locator(".math.notranslate").count()
        errors = "[...document.querySelectorAll('[data-mml-node=merror]')].map(e => e.getAttribute('data-mjx-error'))"
        assert page.evaluate(errors) == [], name


@pytest.mark.parametrize("name", NAMES)
def test_nothing_sticks_out_on_a_phone(visit, name):
    page = visit(name, viewport={"width": 390, "height": 844}).page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_figures_keep_their_panel_on_dark_pages(visit):
    for name in notebooks(ROOT / "_toc.yml", ROOT / "book"):
        page = visit(name, color_scheme="dark").page
        figures = "[...document.querySelectorAll('.twinlib-figure img')].map(getComputedStyle)"
        assert set(page.evaluate(f"{figures}.map(s => s.filter)")) <= {"none"}
        assert set(page.evaluate(f"{figures}.map(s => s.backgroundColor)")) <= {PANEL}


def test_search_finds_a_chapter(visit):
    seen = visit("search")
    seen.page.goto(seen.page.url + "?q=data")
    seen.page.wait_for_selector("#search-results li a")
    assert seen.foreign == []


def test_pages_open_from_disk(chromium, smoke_book):
    context = chromium.new_context()
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((smoke_book / "html/index.html").as_uri())
    page.wait_for_selector("article h1")
    context.close()
    assert _unexpected(errors) == []
