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
]  # fmt: skip
PATIENCE_MS = 120_000  # a loaded machine may take its time
# Messages of the pages' own scripts that harm nothing: text → why it is allowed.
ALLOWED = {
    "Identifier 'THEBE_JS_URL' has already been declared": "jupyter-book starts sphinx-thebe twice; we do not use it",
}


def unexpected(complaints):
    return [text for text in complaints if not any(allowed in text for allowed in ALLOWED)]


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
        return unexpected(self.complaints)


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
