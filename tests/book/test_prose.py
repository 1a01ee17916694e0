"""What the words of every page must keep to, chapter sources and written pages alike."""

import re
import statistics
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
NUMBER = re.compile(r"(?<![\w.])\d[\d,.]*\d|(?<![\w.])\d|\b(?:two thirds|three quarters)\b")
# Whole numbers that are names or sizes, wherever they stand.
NAMES = re.compile(
    r"(?:Figures?|Tables?|[Cc]hapters?) \d+[a-d]?(?:(?:, | to | and )\d+[a-d]?)*|\d+ × \d+|\d+(?:, \d+)* px|ViT-B/16|"
    r"(?:ResNet|IResNet|IR|AgeDB|SHA|float|ImageNet)-?\d+k?|[A-Z]{2}\d?MV\d|WebFace\d+M|\bC\d\b|\b\d+°|Apache.2\.0|95 %"
)
# Numbers that no record of ours could change, mostly settings that the retold papers print: page → texts.
FIXED = {
    "checklist": ["version 2.0", "64-bit x86"],
    "model_card": ["Apache-2.0", "blocks 6 to 9", "10 degrees", "100 epochs"],
    "notation": ["127.5", "x0, y0, x1, y1", "[0, 1]", "0 to 255", "is 1 − FNMR"],
    "verify_and_serve": [
        "1 − score", "exit code 2", "code 422", "10,000 impostor", "about 3/n", "3,000 pairs", "k + 1", "to 64 such",
        "1 in 1,000 among", "| 200 |", "| 401 |", "| 413 |", "| 415 |", "| 422 |", "UTF-8",
        "| 429 |", "| 503 |", "up to 64 files", "60 MB", "20 MB", "50 megapixels",
    ],
    "01_data": ["478 points"],
    "02_hca": ["over 1,", "At 4×"],
    "03_faam": ["At 0 the", "At 1 they"],
    "05_losses": ["mean of 20 and a deviation of 100"],
    "05b_losses_on_twins": ["cosine of 0.4"],
    "05c_losses_checked": [
        "0.1 to 0.5", "0.3 to 0.6", "48 embeddings of 12 classes", "4 to 2,048 points", "48 points", "exactly ±1",
    ],
    "08_symface": [
        "one pair of 6,000 is 0.017", "66 % and 70 %", "20 to 30 %", "0 / 0", "same 6,000 pairs", "halves of 120",
        "length 1 the", "cannot exceed 1", "under 3PSS",
    ],
    "09_topofr": ["1,000 to 100,000", "to 200 faces", "to 400 faces", "512 samples", "factor is 1", "batch of 128"],
    "10_miao": ["of 5 twin triplets", "on 120\ntriplets"],
    "11_local_global": ["above 0.7", "below 0.3", "1,280 channels", "70 % twins"],
    "15_your_data": ["first 160", "256 bits", "16 rows of 17 cells"],
    "16_cost": ["(wanted: 5)", "3 %", "8 and 64 processors", "10 Gb/s", "1000 times", "16 times", "200 Gb/s"],
}  # fmt: skip
OWN_TEST = {"data_card"}  # test_data_card.py compares its numbers with the records
PLAY = {"guess_first", "twin_studio", "one_threshold", "learn_live"}  # open with what there is to play with
PICTURES = {"favicon.svg"}  # every other picture comes out of a cell


def _prose(page):
    if page.suffix == ".md":
        return [page.read_text()]
    return [cell.source for cell in nbformat.read(page, as_version=4).cells if cell.cell_type == "markdown"]


def _plain(text):
    text = re.sub(r"```\{admonition\}[^\n]*\n(?::[^\n]*\n)*", "", text)
    text = re.sub(r"^\d+\. ", "", text, flags=re.MULTILINE)  # numbers of a list
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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_number_in_prose_is_glued_or_a_name(page):
    if page.stem in OWN_TEST:
        return
    text = " ".join("\n".join(_plain(each) for each in _prose(page)).split())
    for known in FIXED.get(page.stem, []):
        text = text.replace(" ".join(known.split()), "")
    assert NUMBER.findall(NAMES.sub("", text)) == []


def test_every_exception_is_still_needed():
    pages = {page.stem: " ".join("\n".join(_plain(each) for each in _prose(page)).split()) for page in PAGES}
    assert [text for page, texts in FIXED.items() for text in texts if " ".join(text.split()) not in pages[page]] == []


def test_a_typed_number_would_be_found():
    typed = "Figure 3 and Table 2: 7 of 9 cells, at 112 px two thirds of one, ViT-B/16 with 28 rows and 1,204 pairs."
    assert NUMBER.findall(NAMES.sub("", typed)) == ["7", "9", "two thirds", "28", "1,204"]


def test_a_typed_decimal_would_be_found():
    typed = "It has 0.93, $x = 0.5$, `0.1`, {glue:text}`auc:.3f` and .7 of it.\n```python\n0.25\n```\n\n$$\n0.75\n$$\n"
    assert DECIMAL.findall(_plain(typed)) == ["0.93", ".7"]
    box = "```{admonition} Rendered\n:class: note\nIt is 0.4 here.\n```\n"
    assert DECIMAL.findall(_plain(box)) == ["0.4"]


FENCED = re.compile(r"```\{(?:dropdown|admonition)\}[^\n]*\n(?::[^\n]*\n)*|```(?=\n|$)")
LONGEST, MEDIAN, BEFORE = 30, 16, 80  # words: of a sentence; in the middle; before the first picture
END = re.compile(r"(?<=[.!?:;])\s+(?=[A-Z0-9*`\"'(\[])|(?<=[.!?])\s+")


def _sentences(text):
    """Sentences of prose, in words; formulas, code, tables and glued numbers count as one word or none."""
    text = re.sub(r"```(?:\{(?!dropdown|admonition)[\w-]+\}|\w+).*?```", "\n\n", text, flags=re.DOTALL)
    text = re.sub(r"^\|.*$", "", FENCED.sub("\n\n", text), flags=re.MULTILINE)
    text = re.sub(r"\$\$.*?\$\$", " . ", text, flags=re.DOTALL)
    text = re.sub(r"\{cite\}`[^`]*`|\]\([^)]*\)", "", text)
    text = re.sub(r"\$[^$]*\$|\{[\w:]+\}`[^`]*`|`[^`]*`", "X", text)
    for block in re.split(r"\n\s*\n|\n(?=#)|\n(?=[-*] |\d+\. )", text):
        block = re.sub(r"^#+ .*$", "", block.strip(), flags=re.MULTILINE)
        block = re.sub(r"^(?:- |\* |\d+\. )", "", block).replace("**", "").replace("\n", " ")
        yield from (s.strip() for s in END.split(block) if re.search(r"\w", s))


def _count(sentence):
    return sum(bool(re.search(r"\w", word)) for word in sentence.split())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_sentences_are_short(page):
    found = [sentence for text in _prose(page) for sentence in _sentences(text)]
    assert [sentence for sentence in found if _count(sentence) > LONGEST] == []
    assert not found or statistics.median(map(_count, found)) <= MEDIAN


# Tables, and pages whose first picture answers to the reader and is no `notebook.show`.
NO_PICTURE = {"gaps", "claims", "14_pair_inspector", "guess_first", "twin_studio", "one_threshold", "learn_live"}


@pytest.mark.parametrize("page", [p for p in PAGES if p.suffix == ".ipynb"], ids=lambda page: page.stem)
def test_a_picture_comes_before_eighty_words(page):
    if page.stem in NO_PICTURE:
        return
    words = 0
    for cell in nbformat.read(page, as_version=4).cells:
        if "notebook.show(" in cell.source:
            break
        words += sum(map(_count, _sentences(cell.source))) if cell.cell_type == "markdown" else 0
    else:
        pytest.fail("no picture at all")
    assert words <= BEFORE


@pytest.mark.parametrize("page", [p for p in PAGES if p.suffix == ".ipynb"], ids=lambda page: page.stem)
def test_a_chapter_answers_first_and_ends_with_limits_and_a_try(page):
    text = "\n".join(_prose(page))
    if page.stem == "intro" or page.stem in PLAY:
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
