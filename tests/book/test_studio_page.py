"""The twin studio in a browser: all its controls, by mouse, keyboard and finger."""

import itertools

import pytest
from alive import fits, in_notebook, opened, step, too_small, violations
from plaything_factory import NETWORKS, Blind, make_studio, score

from twinlib.figures.alive import kernel, mounted, studio_page
from twinlib.verify.studio import on_demand
from twinlib.verify.studio.judges import Judge
from twinlib.verify.studio.turned import FACTORS, FAMILIES

pytestmark = [pytest.mark.slow, pytest.mark.browser]
MOVED = "(e, value) => { e.value = value; e.dispatchEvent(new Event('input', {bubbles: true})); }"


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    page = studio_page.fragment(make_studio(folder / "studio"), "studio")
    (folder / "studio.html").write_text(mounted.document("Twin studio", page))
    return folder / "studio.html"


def _rows(page):
    return page.locator(".al-judge .al-number").all_inner_texts()


def _wanted(family, at):
    found = [score(i, family, *at) for i in range(len(NETWORKS))]
    said = ["no face found" if s is None else studio_page.SAID[s >= n["threshold"]]
            for s, n in zip(found, NETWORKS, strict=True)]  # fmt: skip
    return [f"{'–' if s is None else format(s, '.3f')}, threshold {n['threshold']:.3f}: {word}"
            for s, n, word in zip(found, NETWORKS, said, strict=True)]  # fmt: skip


EVERY = """(keys, settings) => settings.map(at => {
    keys.forEach((key, i) => { const e = document.querySelector(`[data-al=${key}]`); e.value = at[i]; });
    document.querySelector(`[data-al=${keys[0]}]`).dispatchEvent(new Event('input'));
    const b = document.querySelector('[data-al=image-b]');
    return [[...document.querySelectorAll('.al-judge .al-number')].map(e => e.innerText),
        [...document.images].map(i => i.getAttribute('src')), b.style.transform]; })"""


def test_every_setting_shows_its_scores_and_its_pictures(chromium, file):
    with opened(chromium, file) as page:
        page.locator("summary").click()
        settings = list(itertools.product(range(3), repeat=5))
        for family, name in enumerate(FAMILIES):
            page.locator(f"input[value={name}]").check()
            found = page.evaluate(f"([keys, settings]) => ({EVERY})(keys, settings)", [list(FACTORS), settings])
            for at, (said, sources, shift) in zip(settings, found, strict=True):
                a, m, d, age, yaw = at
                assert said == _wanted(family, at)
                assert sources == [f"studio/{name}/a-{d}.webp", f"studio/{name}/b-{d}{age}{yaw}.webp"]
                assert [round(float(v) * -3 / 100) for v in shift[10:-2].split("%, ")] == [m, a]
            assert page.evaluate("Promise.all([...document.images].map(i => i.decode())).then(() => true)")


def test_keys_move_reset_returns_and_the_change_is_said(chromium, file):
    with opened(chromium, file) as page:
        first = _rows(page)
        step(page, "[data-al=marks]", 1)
        assert page.locator("[data-al=marks]").input_value() == "2"
        assert page.locator("[data-al=marks]").get_attribute("aria-valuetext") == FACTORS["marks"].said(1.0)
        assert _rows(page) == _wanted(0, (1, 2, 1, 0, 0))
        said = page.locator("[role=status]").inner_text()
        assert said.startswith("Changed its mind: ") == (said != "No network changed its mind.")
        step(page, "[data-al=marks]", -1)
        step(page, "[data-al=marks]", -1)
        assert page.locator("[data-al=marks]").input_value() == "0"
        page.locator("[data-al=marks]").press("PageUp")
        page.locator("[data-al=marks]").press("End")
        assert page.locator("[data-al=marks]").input_value() == "2"
        page.locator("[data-al=reset]").press("Enter")
        assert _rows(page) == first == _wanted(0, (1, 1, 1, 0, 0))


def test_the_networks_that_change_their_mind_are_named(chromium, file):
    with opened(chromium, file) as page:
        for key in ("asymmetry", "marks"):
            page.locator(f"[data-al={key}]").evaluate(MOVED, "0")
        before = _rows(page)
        for key in ("asymmetry", "marks"):
            page.locator(f"[data-al={key}]").evaluate(MOVED, "2")
        assert before != _rows(page)
        assert "blind: no face found" in page.locator("[role=status]").inner_text()


def test_a_finger_reaches_everything_on_a_phone(chromium, file):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    with opened(chromium, file, **phone) as page:
        assert fits(page)
        page.locator("summary").tap()
        assert too_small(page) == []
        box = page.locator("[data-al=yaw]").bounding_box()
        page.touchscreen.tap(box["x"] + box["width"] - 8, box["y"] + box["height"] / 2)
        assert page.locator("[data-al=yaw]").input_value() == "2"
        assert _rows(page) == _wanted(0, (1, 1, 1, 0, 2))
        page.locator("input[value=dark]").tap()
        assert _rows(page) == _wanted(2, (1, 1, 1, 0, 2))


def test_an_address_opens_its_state(chromium, file):
    with opened(chromium, file) as page:
        page.goto(file.as_uri() + "#studio=medium.2.0.1.1.0")
        page.reload()
        assert _rows(page) == _wanted(1, (2, 0, 1, 1, 0))
        assert page.locator("details").evaluate("e => e.open")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(chromium, file, scheme):
    with opened(chromium, file, color_scheme=scheme) as page:
        page.locator("summary").click()
        assert violations(page) == {}


def test_without_script_the_first_state_stands(chromium, file):
    with opened(chromium, file, java_script_enabled=False) as page:
        assert _rows(page) == _wanted(0, (1, 1, 1, 0, 0))
        assert page.locator(".al-crop img").count() == 2


DRAWN = """(question) => question.steps[1] === 12 ? {refused: 'drawn too often'} : {answer: {
    a: 'data:image/gif;base64,R0lGODlhAQABAAAAACw=', b: 'data:image/gif;base64,R0lGODlhAQABAAAAACw=',
    scores: data.networks.map((n, i) => i === 1 ? null : n.threshold + (question.steps[0] - 6) / 100)}}"""


def test_in_a_notebook_the_kernel_answers_the_same_script(chromium, tmp_path):
    (tmp_path / "empty.html").write_text(mounted.document("Notebook"))
    data = on_demand.payload([Judge(n["words"], n["source"], Blind(), n["threshold"]) for n in NETWORKS])
    first = {"a": "", "b": "", "style": "", "scores": [0.5] * len(NETWORKS)}
    inner = mounted.shell("studio", "Twin studio", studio_page.inner(data, first))
    widget = kernel.mounted(mounted.part("studio.js"), inner, data, lambda question: {})
    with opened(chromium, tmp_path / "empty.html") as page:
        in_notebook(page, widget, DRAWN)
        for key, value in (("asymmetry", 0), ("asymmetry", 11)):
            page.locator(f"[data-al={key}]").evaluate(MOVED, str(value))
        assert page.evaluate("asked.at(-1)") == {"family": "light", "steps": [11, 6, 6, 0, 0]}
        said = _rows(page)
        assert said[0] == "0.650, threshold 0.600: accepted as one person"
        assert said[1] == "–, threshold 0.500: no face found"
        assert page.locator("[data-al=image-a]").get_attribute("src").startswith("data:")
        page.locator("[data-al=marks]").evaluate(MOVED, "12")
        assert page.locator("[role=status]").inner_text() == "drawn too often"
