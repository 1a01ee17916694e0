"""The smoke book in headless Chromium, with every other host refused."""

from pathlib import Path

import pytest
from browsing import PATIENCE_MS, unexpected

from book.tools.chapters import notebooks, pages

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.browser]
NAMES = pages(ROOT / "_toc.yml")
PANEL = "rgb(251, 250, 247)"  # twinlib.figures.style.PANEL


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
    assert unexpected(errors) == []
