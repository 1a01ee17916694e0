"""axe-core on five pages, light and dark: no serious finding."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.browser]
AXE = ROOT / "vendor/tests/axe.min.js"
PAGES = ["intro", "01_data", "06_main", "14_pair_inspector", "claims", "twin_studio", "guess_first", "one_threshold"]
# Written by the theme and by Jupyter Book, which no page of ours can change: buttons whose name for screen readers does
# not begin with what is seen. Everything else on the pages is held to the rule.
NOT_OURS = ("search-button", "theme-switch-button", "Toggle hidden content", "Download this page", "copybtn")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_no_serious_finding(visit, name, scheme):
    assert AXE.is_file(), "run `make setup`: it brings axe-core"
    page = visit(name, color_scheme=scheme).page
    page.wait_for_load_state("networkidle")
    page.evaluate(AXE.read_text())  # as a string: the page's own address serves no such file
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(result => result.violations)")
    serious = {
        each["id"]: ours
        for each in found
        if each["impact"] in ("serious", "critical")
        and (ours := [n["html"][:200] for n in each["nodes"] if not any(mark in n["html"] for mark in NOT_OURS)][:3])
    }
    assert serious == {}
