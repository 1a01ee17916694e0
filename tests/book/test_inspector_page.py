"""The pair inspector in a browser: every control by what it changes, every count by the library's own function."""

import numpy as np
import pytest
from alive import in_notebook
from alive import opened as from_disk
from browsing import PATIENCE_MS, unexpected
from inspector_factory import make_shown, network

from twinlib.figures.alive import kernel, mounted
from twinlib.figures.inspector import live
from twinlib.figures.inspector import page as page_of
from twinlib.figures.inspector.page import document
from twinlib.measure.exact import confusion
from twinlib.measure.metrics import balanced_accuracy

pytestmark = [pytest.mark.slow, pytest.mark.browser]
MOVED = "(e, value) => { e.value = value; e.dispatchEvent(new Event('input')); e.dispatchEvent(new Event('change')); }"


@pytest.fixture(scope="module")
def opened(chromium, smoke_build, tmp_path_factory):
    """The inspector opened from disk, and what it shows."""
    folder = tmp_path_factory.mktemp("inspector")
    shown = make_shown(smoke_build / "data/smoke", folder / "run", network(), limit=24)
    (folder / "pairs.html").write_text(document(shown))
    context = chromium.new_context(viewport={"width": 1000, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    asked, errors, page = [], [], context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((folder / "pairs.html").as_uri())
    page.wait_for_selector("[role=option]")
    yield page, shown
    assert unexpected(errors) == []
    assert {url.split(":")[0] for url in asked} <= {"file", "data"}
    context.close()


@pytest.fixture(autouse=True)
def _fresh(opened):
    opened[0].reload()
    opened[0].wait_for_selector("[role=option]")


def _part(page, name):
    return page.locator(f"[data-twi='{name}']")


def _counts(page, row):
    cells = _part(page, "counts").locator("tr").nth(row).locator("td").all_inner_texts()
    return tuple(map(int, cells))


@pytest.mark.parametrize("kind", ["twin", "sibling", "stranger"])
def test_slider_changes_the_counts_to_the_librarys(opened, kind):
    page, shown = opened
    _part(page, "kind").select_option(kind)
    protocol = {"twin": "twin", "sibling": "sibling", "stranger": "general"}[kind]
    table = shown.scores[protocol]
    scores, same = table["score"].to_numpy(), table["same"].to_numpy()
    for value in ("0.123", "0.250", "0.500"):
        _part(page, "threshold").evaluate(MOVED, value)
        counts = _counts(page, 1)
        assert counts == confusion(scores, same, float(value))
        tp, fp, fn, tn = counts
        accuracy = (tp / (tp + fn) + tn / (tn + fp)) / 2
        assert accuracy == pytest.approx(balanced_accuracy(scores, same, float(value)), abs=1e-15)
        assert float(_part(page, "threshold-value").inner_text()) == float(value)


def test_threshold_from_validation_is_exact_and_recolours(opened):
    page, shown = opened
    _part(page, "threshold").evaluate(MOVED, "0.900")
    before = page.locator("[role=option]").first.get_attribute("data-outcome")
    _part(page, "reset").click()
    table, threshold = shown.scores["twin"], shown.thresholds["twin"]
    assert _counts(page, 1) == confusion(table["score"].to_numpy(), table["same"].to_numpy(), threshold)
    outcomes = page.locator("[role=option]").evaluate_all("items => items.map(item => item.dataset.outcome)")
    pairs = shown.pairs
    found = confusion(pairs["score"].to_numpy(), pairs["same"].to_numpy(), threshold)
    assert [outcomes.count(name) for name in ("TP", "FP", "FN", "TN")] == list(found) == list(_counts(page, 0))
    assert before in ("FN", "TN", "TP", "FP")
    colours = page.locator("[role=option]").evaluate_all(
        "items => items.map(item => [item.dataset.outcome, getComputedStyle(item).borderTopColor].join())"
    )
    assert len(set(colours)) == len(set(outcomes)) == len({each.split(",", 1)[1] for each in set(colours)})


def test_filter_leaves_one_kind_and_order_sorts(opened):
    page, shown = opened
    assert page.locator("[role=option]").count() == len(shown.pairs)
    _part(page, "kind").select_option("twin")
    labels = page.locator("[role=option]").evaluate_all("items => items.map(item => item.getAttribute('aria-label'))")
    assert len(labels) == (shown.pairs["kind"] == "twin").sum()
    assert all(label.startswith("identical twins") for label in labels)
    for order, step in (("up", 1), ("down", -1)):
        _part(page, "order").select_option(order)
        texts = page.locator("[role=option] b").all_inner_texts()
        scores = np.array([float(text.split()[0]) for text in texts])
        assert (np.diff(scores) * step >= 0).all()
    tp, _, fn, _ = _counts(page, 0)
    assert tp + fn == 0


def test_arrow_keys_move_and_screen_readers_are_told(opened):
    page, _ = opened
    box = _part(page, "list")
    box.focus()
    first = _part(page, "about").inner_text()
    page.keyboard.press("ArrowRight")
    assert box.get_attribute("aria-activedescendant").endswith("-1")
    assert page.locator("[aria-selected=true]").count() == 1
    assert _part(page, "about").inner_text() != first
    page.keyboard.press("ArrowLeft")
    assert _part(page, "about").inner_text() == first
    page.keyboard.press("End")
    assert _part(page, "about").inner_text().startswith("Pair 24 of 24")
    selected = page.locator("[aria-selected=true]")
    assert selected.evaluate("e => e.getBoundingClientRect().bottom <= e.parentNode.getBoundingClientRect().bottom + 1")
    page.keyboard.press("Home")
    assert _part(page, "about").inner_text() == first
    assert "score" in page.locator("[role=option]").first.get_attribute("aria-label")
    assert _part(page, "said").get_attribute("role") == "status"


def test_attention_is_drawn_hidden_and_differs_by_region_and_scale(opened):
    page, _ = opened
    ink = "e => { let n = 0; const d = e.getContext('2d').getImageData(0, 0, e.width, e.height).data;"
    ink += " for (let i = 3; i < d.length; i += 4) n += d[i]; return n; }"
    canvas = _part(page, "map-a")
    assert canvas.evaluate(ink) == 0
    _part(page, "list").focus()
    page.keyboard.press("a")
    drawn = set()
    for region in ("eyes", "jaw"):
        for scale in ("1", "2", "4"):
            _part(page, "region").select_option(region)
            _part(page, "scale").select_option(scale)
            drawn.add(canvas.evaluate(ink))
    assert len(drawn) == 6
    assert min(drawn) > 0
    _part(page, "region").select_option("asymmetry")
    assert _part(page, "scale").is_disabled()
    assert canvas.evaluate(ink) not in drawn | {0}
    _part(page, "list").focus()
    page.keyboard.press("a")
    assert canvas.evaluate(ink) == 0


CHANGED = """(question) => ({answer: {a: 'data:,a', b: 'data:,b', facts: {a: 'left', b: 'right'},
    said: `mirrored: ${question.flip_a}`, choices: {family: {all: ['f1'], chosen: 'f1'},
    a: {all: ['one', 'two'], chosen: question.a || 'one'}, b: {all: ['three'], chosen: 'three'}}}})"""


def test_in_a_notebook_the_kernel_answers_the_same_script(chromium, opened, tmp_path):
    shown = opened[1]
    (tmp_path / "empty.html").write_text(mounted.document("Notebook"))
    widget = kernel.mounted(page_of.script(), page_of.inner(shown), live.payload(shown), lambda question: {})
    with from_disk(chromium, tmp_path / "empty.html") as page:
        in_notebook(page, widget, CHANGED)
        assert page.locator("[role=option]").count() == len(shown.pairs)
        page.locator("[data-twi=bench] summary").click()
        page.locator("[data-ask=a]").select_option("two")
        page.locator("[data-ask=flip_a]").check()
        assert _part(page, "about").inner_text() == "mirrored: true"
        question = page.evaluate("asked.at(-1)")
        assert (question["a"], question["b"], question["yaw"], question["own"]) == ("two", "three", 0, False)
        assert set(question) >= {"kind", "threshold", "family", "swap", "redraw", "layer", *live.REDRAWN}


def test_without_script_the_pairs_are_a_table(chromium, opened):
    page, shown = opened
    context = chromium.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(page.url)
    assert plain.locator("noscript table tbody tr, table tbody tr").count() >= len(shown.pairs)
    context.close()
