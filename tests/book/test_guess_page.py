"""The guessing game in a browser: a round by keys, one by finger, and what is counted at the end."""

import re

import pytest
from alive import fits, opened, too_small, violations
from plaything_factory import make_game

from twinlib.figures.alive import guess_page, mounted

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    page = guess_page.fragment(make_game(folder / "guess"), "guess")
    (folder / "guess.html").write_text(mounted.document("Guess first", page))
    return folder / "guess.html"


def _number(page):
    return int(re.search(r"(\d+)\.webp", page.locator("[data-al=picture]").get_attribute("src"))[1])


def _said(page):
    return page.locator("[role=status]").inner_text()


def _result(page):
    rows = page.locator("[data-al=end] tbody tr").all()
    return {row.locator("th").inner_text(): row.locator("td").all_inner_texts() for row in rows}


def test_a_round_by_keys_with_three_wrong_answers(chromium, file):
    with opened(chromium, file) as page:
        page.goto(file.as_uri() + "#guess=7")
        page.reload()
        seen = []
        for turn in range(10):
            number = _number(page)
            same = number % 2 == 0
            seen.append(number)
            right = turn >= 3
            page.keyboard.press("1" if same == right else "4")
            assert _said(page).startswith("Right. " if right else "Wrong. ")
            assert ("One person." in _said(page)) == same
            assert page.locator("[data-al=marks] circle").count() == number % 3 + number % 2
            sface, ahan = page.locator(".al-judge .al-verdict").all_inner_texts()[:2]
            assert (sface.split(", ")[1], ahan.split(", ")[1]) == ("right", "wrong")
            page.keyboard.press("2")  # answered is answered
            page.keyboard.press("Enter")
        assert len(set(seen)) == 10
        result = _result(page)
        assert result["you"] == ["7 of 10", "0.35 to 0.93"]
        assert result["SFace"] == ["10 of 10", "0.69 to 1.00"]
        assert result["AHAN"] == ["0 of 10", "0.00 to 0.31"]
        assert result["blind"][0] == f"{sum(n % 2 == 0 for n in seen)} of 10"
        page.goto("about:blank")
        page.goto(file.as_uri() + "#guess=7")
        assert _number(page) == seen[0]  # the same address, the same ten


def test_an_answer_that_is_shown_counts_for_nobody(chromium, file):
    with opened(chromium, file) as page:
        for _ in range(10):
            page.locator("[data-al=show]").click()
            assert not _said(page).startswith(("Right", "Wrong"))
            page.locator("[data-al=next]").click()
        assert _result(page)["you"] == ["–", "–"]
        page.locator("[data-al=again]").click()
        assert page.locator("legend").inner_text().startswith("Pair 1 of 10")
        assert not page.locator("[data-al=end]").is_visible()


def test_a_finger_plays_on_a_phone(chromium, file):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    with opened(chromium, file, **phone) as page:
        assert fits(page)
        assert too_small(page) == []
        button = page.locator("[data-guess='3']")
        assert button.bounding_box()["y"] < 844
        button.tap()
        assert button.get_attribute("aria-pressed") == "true"
        page.locator("[data-al=next]").tap()
        assert page.locator("legend").inner_text().startswith("Pair 2")
        assert page.locator("[aria-pressed=true]").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(chromium, file, scheme):
    with opened(chromium, file, color_scheme=scheme) as page:
        assert violations(page) == {}
        page.keyboard.press("3")
        assert violations(page) == {}


def test_without_script_some_pairs_stand_with_their_answers(chromium, file):
    with opened(chromium, file, java_script_enabled=False) as page:
        assert page.locator("noscript figure, figure").count() == guess_page.SHOWN
