import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from audit_cases import asked, random_embeddings

from twinlib.audit.audited import audited, cosines
from twinlib.audit.given.own_pairs import Own, judged
from twinlib.audit.report.audit_page import cell, page, per_cent


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    small = asked(tmp_path_factory.mktemp("sets"), 12_000, 500)
    e = random_embeddings(len(small.images))
    scores = cosines(small, e)
    made = {
        "embeddings": audited(small, scores, e, "a <b> & c.onnx", draws=20),
        "scores": audited(small, scores, None, "service", draws=20),
    }
    return {name: json.loads(json.dumps(report)) for name, report in made.items()}


@pytest.mark.parametrize("name", ["embeddings", "scores"])
def test_the_page_loads_nothing_and_escapes_names(reports, name):
    html = page(reports[name])
    assert re.findall(r'(?:src|href)="(?!data:)[^"]*"|url\(|@import|<script', html) == []
    assert "<b>" not in html
    assert '<html lang="en">' in html
    assert 'name="viewport"' in html
    assert "prefers-color-scheme: dark" in html


def test_every_table_has_a_name_and_headings(reports):
    html = page(reports["embeddings"])
    tables = re.findall(r"<table>.*?</table>", html, re.DOTALL)
    assert len(tables) >= 7
    for table in tables:
        assert "<caption>" in table
        rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
        assert {len(re.findall(r"<t[hd]", row)) for row in rows} == {len(re.findall("<th", rows[0]))}
        assert all('scope="row"' in row for row in rows[1:])


def test_the_numbers_are_those_of_the_report(reports):
    html = page(reports["embeddings"])
    for row in reports["embeddings"]["rates"]:
        for kind in ("genuine", "alike", "sibling", "twin"):
            assert cell(row[kind]) in html
    assert "say nothing" not in html  # the note is the report's
    assert reports["embeddings"]["note"] in html
    assert html.index("First, the shift") < html.index("Error rates")


def test_what_was_not_measured_is_said(reports):
    html = page(reports["scores"])
    assert html.count("need embeddings; scores of single pairs were given") == 2
    assert "Your own pairs" not in html


def test_own_pairs_have_a_part_of_their_own(reports, tmp_path):
    own = Own(tmp_path, pd.DataFrame({"image_a": ["a"] * 4, "image_b": ["b"] * 4, "kind": ["genuine", "twin"] * 2}))
    report = reports["scores"] | {"own": judged(own, np.array([0.9, 0.8, 0.1, np.nan]), [], 0.5), "notes": ["odd <i>"]}
    html = page(report)
    assert "3 pairs, 1 left out" in html
    assert "FMR of identical twins" in html
    assert "odd &lt;i&gt;" in html


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.5, "50.0%"),
        (0.0996, "10.0%"),
        (0.09, "9.00%"),
        (0.0123, "1.23%"),
        (0.001, "0.10%"),
        (0.0001, "0.010%"),
        (0.0, "0.000%"),
    ],
)
def test_rates_have_the_digits_that_they_need(value, text):
    assert per_cent(value) == text


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1200])
def test_it_fits_a_telephone_and_axe_finds_nothing(reports, tmp_path, scheme, width):
    from browsing import CHROMIUM, FLAGS
    from playwright.sync_api import sync_playwright

    if CHROMIUM is None:
        pytest.skip("no Chromium on PATH; get one, e.g. apt-get install chromium (.ci/run does)")
    file = tmp_path / "audit.html"
    file.write_text(page(reports["embeddings"]))
    axe = (Path(__file__).parents[3] / "vendor/tests/axe.min.js").read_text()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        view = browser.new_context(
            color_scheme=scheme, viewport={"width": width, "height": 800}, offline=True
        ).new_page()
        complaints = []
        view.on("console", lambda message: complaints.append(message.text))
        view.on("pageerror", lambda error: complaints.append(str(error)))
        view.goto(file.as_uri())
        assert view.evaluate("document.documentElement.scrollWidth") <= width
        view.evaluate(axe)
        found = view.evaluate("axe.run(document).then(result => result.violations)")
        assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found] == []
        assert complaints == []
        browser.close()
