"""The smoke book in headless Chromium, with every other host refused."""

from pathlib import Path

import pytest
from browsing import Visit, new_context, unexpected

from book.tools.chapters import pages

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.browser]
NAMES = pages(ROOT / "_toc.yml")


SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])
SHOWN = "[...document.images].filter(i => i.offsetParent !== null)"


@pytest.fixture(scope="module")
def contexts(chromium):
    """A browser for each colour scheme; what pages have in common is read once."""
    made = {scheme: new_context(chromium, color_scheme=scheme) for scheme in ("light", "dark")}
    yield made
    for context in made.values():
        context.close()


@pytest.fixture(scope="module", params=NAMES)
def both(request, contexts, address):
    """A page in light and in dark, loaded once for all tests that only look; and its source."""
    seen = {scheme: Visit(context, address) for scheme, context in contexts.items()}
    for each in seen.values():
        each.go(request.param, wait_until="commit")
    for each in seen.values():
        each.page.wait_for_load_state("networkidle")
    yield seen
    for each in seen.values():
        each.page.close()


@SCHEMES
def test_page_loads_without_complaint(both, scheme):
    seen = both[scheme]
    assert seen.unexpected() == []
    assert seen.foreign == []
    assert seen.page.evaluate("document.documentElement.dataset.theme") == scheme
    assert seen.page.locator("article h1").count() == 1


@SCHEMES
def test_figures_come_in_the_colours_of_the_page(both, scheme):
    page = both[scheme].page
    seen = "[...document.querySelectorAll('figure.twinlib-figure img')].filter(i => i.offsetParent !== null)"
    files = page.evaluate(f"{seen}.filter(i => /in-(light|dark)/.test(i.className)).map(i => i.src)")
    assert [file for file in files if file.endswith("-dark.svg") != (scheme == "dark")] == []
    assert set(page.evaluate(f"{seen}.map(i => getComputedStyle(i).filter)")) <= {"none"}


def test_maths_is_typeset(both):
    page = both["light"].page
    if page.locator(".math.notranslate").count():
        page.wait_for_selector("mjx-container svg")
    assert page.locator("mjx-container svg").count() >= page.locator(".math.notranslate").count()
    errors = "[...document.querySelectorAll('[data-mml-node=merror]')].map(e => e.getAttribute('data-mjx-error'))"
    assert page.evaluate(errors) == []


def test_some_pages_hold_maths(smoke_book):
    assert any('class="math' in (smoke_book / f"html/{name}.html").read_text() for name in NAMES)


@SCHEMES
def test_pictures_load_and_have_alternative_text(both, scheme):
    page = both[scheme].page
    page.evaluate("document.querySelectorAll('img').forEach(i => i.loading = 'eager')")
    page.wait_for_function(f"{SHOWN}.every(i => i.complete)")
    assert page.evaluate(f"{SHOWN}.filter(i => i.naturalWidth == 0).map(i => i.src)") == []
    assert page.evaluate(f"{SHOWN}.every(i => i.alt.trim() !== '')")


@pytest.fixture(scope="module")
def phone(chromium):
    """A browser of a phone's size."""
    context = new_context(chromium, viewport={"width": 390, "height": 844})
    yield context
    context.close()


@pytest.mark.parametrize("name", NAMES)
def test_nothing_sticks_out_on_a_phone(phone, address, name):
    seen = Visit(phone, address)
    seen.go(name)
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 390
    seen.page.close()


def test_a_phone_shows_every_column_of_a_wide_table(visit):
    page = visit("claims", viewport={"width": 390, "height": 844}).page
    table = page.locator(".twinlib-stacked").first
    assert table.evaluate("t => t.scrollWidth <= t.clientWidth + 1")
    verdict = page.locator(".twinlib-stacked td[data-label='verdict']").first
    assert verdict.evaluate("cell => cell.getBoundingClientRect().right") <= 390


def test_a_link_explains_itself_by_pointer_and_by_keyboard(visit):
    page = visit("intro").page
    link = page.locator("article a[href='02_hca.html']").first
    link.hover()
    page.wait_for_selector(".twinlib-preview:not([hidden])")
    assert "Question." in page.locator(".twinlib-preview").inner_text()
    page.keyboard.press("Escape")
    assert page.locator(".twinlib-preview").is_hidden()
    link.focus()
    page.wait_for_selector(".twinlib-preview:not([hidden])")


def test_another_host_is_refused_and_told(visit):
    seen = visit("intro")
    assert seen.page.evaluate("fetch('http://example.com/').then(() => 'there', () => 'refused')") == "refused"
    assert seen.foreign == ["http://example.com/"]


def test_search_finds_a_chapter(visit):
    seen = visit("search")
    seen.page.goto(seen.page.url + "?q=data")
    seen.page.wait_for_selector("#search-results li a")
    assert seen.foreign == []


def test_pages_open_from_disk(chromium, smoke_book):
    context = new_context(chromium)
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((smoke_book / "html/index.html").as_uri())
    page.wait_for_selector("article h1")
    context.close()
    assert unexpected(errors) == []
