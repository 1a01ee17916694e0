"""A headless Chromium that may talk to one host only, shared by the tests that look at pages."""

import functools
import http.server
import shutil
import threading
from urllib.parse import urlsplit

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no other host; a route would switch the cache off
]  # fmt: skip
PATIENCE_MS = 120_000  # a loaded machine may take its time
# Messages of the pages' own scripts that harm nothing: text → why it is allowed.
ALLOWED: dict[str, str] = {}


def unexpected(complaints):
    return [text for text in complaints if not any(allowed in text for allowed in ALLOWED)]


class _Quiet(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # one connection for all files of a page

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


class Visit:
    """A page with everything it complained about and every foreign host it asked for."""

    def __init__(self, context, address):
        self.complaints, self.foreign = [], []
        self.address = address
        self.page = context.new_page()
        self.page.on("console", lambda message: message.type == "error" and self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("response", lambda answer: answer.status >= 400 and self.complaints.append(answer.url))
        self.page.on("request", lambda request: self._is_ours(request.url) or self.foreign.append(request.url))

    def _is_ours(self, url):
        parts = urlsplit(url)
        return parts.scheme in ("data", "blob") or parts.netloc == urlsplit(self.address).netloc

    def go(self, name, wait_until="load"):
        self.page.goto(f"{self.address}/{name}.html", wait_until=wait_until)

    def unexpected(self):
        return unexpected(self.complaints)


def new_context(browser, **options):
    """A browser without memory, as patient as a loaded machine needs."""
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE_MS)
    return context


@pytest.fixture
def visit(chromium, address):
    """Opens a page in a browser without memory."""
    opened = []

    def go(name, **options):
        opened.append(new_context(chromium, **options))
        seen = Visit(opened[-1], address)
        seen.go(name)
        return seen

    yield go
    for each in opened:
        each.close()
