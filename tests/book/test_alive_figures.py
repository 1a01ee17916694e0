"""The live figures in a browser: what each control changes, by mouse, keys and finger; axe; without script."""

import numpy as np
import pytest
from alive import fits, opened, step, too_small, violations
from run_factory import make_run

from twinlib.figures.alive import barcode_page, ladder_page, mounted, partner_page, split_page, threshold_page
from twinlib.figures.alive.threshold_page import Scored
from twinlib.measure.exact import confusion
from twinlib.topology.persistence import h0_pairs

pytestmark = [pytest.mark.slow, pytest.mark.browser]
RNG = np.random.default_rng(3)
FACES = [RNG.integers(60, 200, (112, 112, 3), np.uint8) for _ in range(12)]
POINTS = barcode_page.on_plane(RNG.normal(size=(12, 9)))
MOVED = "(e, value) => { e.value = value; e.dispatchEvent(new Event('input', {bubbles: true})); }"
KINDS = ["threshold", "ladder", "barcode", "turned_split", "partner"]


def _scored(network, protocol, shift):
    same = np.repeat([1, 0], 300)
    return Scored(network, protocol, np.round(np.tanh(RNG.normal(shift * same, 0.4)), 6), same, 0.123456)


SCORED = [_scored(n, p, s) for s, (n, p) in enumerate((n, p) for n in ("AHAN", "ViT") for p in ("twin", "general"))]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("figures")
    settings = {"evaluate": {"draws": 50}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TWINLIB_RESULTS", str(folder / "results"))
        rows = {name: [make_run(name, seed, config=settings) for seed in (0, 1)] for name in ("ahan", "vit")}
    reads = [(RNG.random((4, 4)), RNG.random((4, 4))) for _ in range(2)]
    yaw = [-30.0, -15.0, 0.0, 15.0, 30.0]
    columns = np.array([[38, 73, 55.5 + angle / 5] for angle in yaw])
    pages = {
        "threshold": threshold_page.fragment(SCORED),
        "ladder": ladder_page.fragment(rows, {"all cues, visible": (FACES[0], FACES[1])}),
        "barcode": barcode_page.fragment(POINTS, FACES, [f"face {i}" for i in range(12)]),
        "turned_split": split_page.fragment(FACES[:5], columns, yaw, 0.2),
        "partner": partner_page.fragment(FACES[0], {"its twin": FACES[1], "random": FACES[2]},
                                         {"its twin": reads, "random": reads, "": reads}, [2, 3]),
    }  # fmt: skip
    for kind, page in pages.items():
        (folder / f"{kind}.html").write_text(mounted.document(kind, page))
    return {kind: folder / f"{kind}.html" for kind in pages}


def _text(page, name):
    return page.locator(f"[data-al={name}]").inner_text()


def _counts(page):
    return tuple(int(_text(page, name)) for name in ("tp", "fp", "fn", "tn"))


def test_counts_are_the_librarys_at_every_threshold(chromium, files):
    with opened(chromium, files["threshold"]) as page:
        for one in SCORED:
            page.locator("[data-al=network]").select_option(one.network)
            page.locator("[data-al=protocol]").select_option(one.protocol)
            assert _counts(page) == confusion(one.scores, one.same, one.threshold)
            slider = page.locator("[data-al=threshold]")
            low, high = (float(slider.get_attribute(end)) for end in ("min", "max"))
            script = """(e, values) => values.map(value => { e.value = value; e.dispatchEvent(new Event('input'));
                return [e.value, ...['tp', 'fp', 'fn', 'tn'].map(n =>
                    Number(document.querySelector(`[data-al=${n}]`).textContent))]; })"""
            values = [f"{value:.3f}" for value in np.arange(low, high, 0.001)]
            for value, *found in slider.evaluate(script, values):
                assert tuple(found) == confusion(one.scores, one.same, float(value))
            for name, most in (("far2", 0.01), ("nobody", 0)):
                page.locator(f"[data-at={name}]").click()
                assert _counts(page)[1] <= most * 300
            assert _counts(page)[:2] == (0, 0)
            assert "nobody accepted" in page.locator("output").inner_text()


def test_the_bar_moves_by_keys_and_the_point_follows(chromium, files):
    with opened(chromium, files["threshold"]) as page:
        before = page.locator("[data-al=point]").get_attribute("cx")
        page.locator("[data-al=threshold]").focus()
        for _ in range(5):
            page.keyboard.press("PageDown")
        assert float(page.locator("[data-al=point]").get_attribute("cx")) > float(before)
        assert _text(page, "said").startswith("At ")


def test_a_rung_and_a_seed_change_the_words(chromium, files):
    with opened(chromium, files["ladder"]) as page:
        page.locator("[data-al=seed]").select_option("1")
        assert "seed 1: ahan" in _text(page, "said")
        assert page.locator(".al-faint").count() == 2


def test_discs_and_bars_follow_radius_and_faces(chromium, files):
    with opened(chromium, files["barcode"]) as page:
        points = POINTS.copy()
        page.locator("[data-face='0']").focus()
        for _ in range(6):
            page.keyboard.press("ArrowRight")
        points[0, 0] = min(96, points[0, 0] + 12)
        box = page.locator("[data-al=plane]").bounding_box()
        at = page.locator("[data-face='5']").bounding_box()
        page.mouse.move(at["x"] + 22, at["y"] + 22)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=3)
        page.mouse.up()
        points[5] = 50
        deaths = h0_pairs(np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1)))[1]
        for radius in (0, 4, 9.5):
            page.locator("[data-al=radius]").evaluate(MOVED, str(radius))
            groups = 1 + (deaths > 2 * radius).sum()
            assert _text(page, "said").startswith(f"{groups} group")
            assert page.locator(".al-bars .al-ended").count() == (deaths <= 2 * radius).sum()
        page.locator("[data-al=reset]").click()
        assert page.locator("[data-face='0']").evaluate("e => e.style.left") == f"{POINTS[0, 0]:g}%"


def test_the_split_follows_the_head(chromium, files):
    with opened(chromium, files["turned_split"]) as page:
        first = _text(page, "said")
        assert "may be split" in first
        step(page, "[data-al=yaw]", 1)
        step(page, "[data-al=yaw]", 1)
        assert page.locator("output").inner_text() == "+30°"
        assert "left whole" in _text(page, "said")
        page.locator("[data-al=reset]").click()
        assert _text(page, "said") == first


def test_a_partner_is_gone_after_training(chromium, files):
    with opened(chromium, files["partner"]) as page:
        twin = _text(page, "said")
        page.locator("input[value=random]").check()
        assert _text(page, "called") == "random"
        page.locator("[data-al=block]").select_option("3")
        assert _text(page, "said").startswith("Block 3")
        page.locator("input[value='']").check()
        assert not page.locator("[data-al=second]").is_visible()
        assert "nothing crosses over" in _text(page, "said")
        page.locator("input[value='its twin']").check()
        page.locator("[data-al=block]").select_option("2")
        assert _text(page, "said") == twin


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing(chromium, files, kind, scheme):
    with opened(chromium, files[kind], color_scheme=scheme) as page:
        assert violations(page) == {}


@pytest.mark.parametrize("kind", KINDS)
def test_fingers_fit_on_a_phone(chromium, files, kind):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    with opened(chromium, files[kind], **phone) as page:
        assert fits(page)
        assert too_small(page) == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_state_is_the_same_without_script(chromium, files, kind):
    with opened(chromium, files[kind]) as page:
        alive = page.locator(".al").inner_text()
    with opened(chromium, files[kind], java_script_enabled=False) as page:
        assert page.locator(".al").inner_text() == alive
