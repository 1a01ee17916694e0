"""What the words of every page must keep to, chapter sources and written pages alike."""

import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "book"
PAGES = sorted([*BOOK.glob("*.ipynb"), *BOOK.glob("*.md")])
# Not prose: glued numbers, code, formulas, citations, fences, addresses.
SKIPPED = [
    r"```\{?(?!\{admonition\})[\w-]*\}?.*?```", r"\$\$.*?\$\$", r"\$[^$]*\$", r"\{[\w:-]+\}`[^`]*`", r"`[^`]*`",
    r"\]\([^)]*\)", r"https?://\S+",
]  # fmt: skip
DECIMAL = re.compile(r"(?<![\w.])\d*\.\d+(?![\w.])")
# Numbers that no record of ours could change, mostly settings that the retold papers print: page → texts.
FIXED = {
    "checklist": ["version 2.0"],
    "model_card": ["Apache-2.0"],
    "notation": ["127.5"],
    "05_losses": ["cosine of\n0.4", "0.1 to 0.5", "0.3 to 0.6"],
    "08_symface": ["one pair of 6,000 is 0.017", "1.23 and 3.09"],
    "11_local_global": ["above 0.7", "below 0.3"],
}
OWN_TEST = {"data_card"}  # test_data_card.py compares its numbers with the records
PICTURES = {"favicon.svg"}  # every other picture comes out of a cell


def _prose(page):
    if page.suffix == ".md":
        return [page.read_text()]
    return [cell.source for cell in nbformat.read(page, as_version=4).cells if cell.cell_type == "markdown"]


def _plain(text):
    text = re.sub(r"```\{admonition\}[^\n]*\n(?::[^\n]*\n)*", "", text)
    for pattern in SKIPPED:
        text = re.sub(pattern, " ", text, flags=re.DOTALL)
    return text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_decimal_in_prose_is_glued(page):
    if page.stem in OWN_TEST:
        return
    text = "\n".join(_plain(each) for each in _prose(page))
    for known in FIXED.get(page.stem, []):
        text = text.replace(known, "")
    assert DECIMAL.findall(text) == []


def test_a_typed_decimal_would_be_found():
    typed = "It has 0.93, $x = 0.5$, `0.1`, {glue:text}`auc:.3f` and .7 of it.\n```python\n0.25\n```\n\n$$\n0.75\n$$\n"
    assert DECIMAL.findall(_plain(typed)) == ["0.93", ".7"]
    box = "```{admonition} Rendered\n:class: note\nIt is 0.4 here.\n```\n"
    assert DECIMAL.findall(_plain(box)) == ["0.4"]


@pytest.mark.parametrize("page", [p for p in PAGES if p.suffix == ".ipynb"], ids=lambda page: page.stem)
def test_a_chapter_answers_first_and_ends_with_limits_and_a_try(page):
    text = "\n".join(_prose(page))
    if page.stem == "intro":
        return
    assert text.index("**Question.**") < text.index("**Answer.**") < text.index("\n## ")
    assert "{glue:text}" in text[text.index("**Answer.**") :].split("\n## ")[0]
    assert "## Limits" in text
    assert re.search(r"^## (Try it|Change this)", text, re.MULTILINE)
    assert "rendered" in text.lower() or "no face" in text.lower()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_no_picture_is_brought_along_and_every_picture_has_words(page):
    text = "\n".join(_prose(page))
    assert re.findall(r"<img|```\{(?:image|figure)\}", text) == []
    assert re.findall(r"!\[[^\]]*\]\(", text) == []
    if page.suffix == ".ipynb":
        code = "\n".join(c.source for c in nbformat.read(page, as_version=4).cells if c.cell_type == "code")
        assert re.findall(r"skimage|fetch_lfw|TWINLIB_DATA|shared/data|\.imshow\(|Image\.open", code) == []


def test_no_picture_lies_among_the_pages():
    kinds = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".svg", ".npy", ".npz"}
    found = {path.name for path in BOOK.rglob("*") if path.suffix in kinds}
    assert found == PICTURES


def test_every_key_of_the_bibliography_is_unique_and_every_citation_is_there():
    keys = re.findall(r"^@\w+\{([^,\s]+),", (BOOK / "references.bib").read_text(), re.MULTILINE)
    assert len(keys) == len(set(keys))
    cited = {key.strip() for p in PAGES for text in _prose(p) for group in re.findall(r"\{cite\w*\}`([^`]+)`", text)
             for key in group.split(",")}  # fmt: skip
    assert cited - set(keys) == set()
