import re
from pathlib import Path

from twinlib.ahan import faam
from twinlib.figures import style
from twinlib.figures.shown.listing import COLUMNS, listing, listing_html
from twinlib.losses.cosface import cosface_logits


def test_docstrings_and_notes_to_tools_are_left_out_and_comments_stay():
    text = listing(style.figure)
    assert text.startswith("def figure(")
    assert "rows of axes" not in text
    assert "# Not pyplot" in text
    assert "type: ignore" not in text + listing(faam.FAAM.forward)


def test_no_line_of_code_is_wider_than_a_page():
    for thing in (style.figure, faam.FAAM.forward, faam.FAAM._difference):
        wide = [
            line for line in listing(thing).splitlines() if len(line) > COLUMNS and not line.lstrip().startswith("#")
        ]
        assert wide == []


def test_the_head_and_names_of_ours_lead_to_their_lines():
    page = listing_html(faam.FAAM._difference)
    line = int(re.search(r"_static/source/twinlib\.ahan\.faam\.html#L-(\d+)\"><code>", page)[1])
    assert "def _difference" in Path(faam.__file__).read_text().splitlines()[line - 1]
    assert 'href="api.html"' in page
    assert re.search(r'<a class="n" href="_static/source/twinlib\.ahan\.faam\.html#L-\d+">split_mirror</a>', page)


def test_the_words_of_a_refusal_are_left_out():
    text = listing(cosface_logits)
    assert text.count("raise InputError(...)") == 2
    assert "is unknown" not in text
    assert text.endswith("- m)")
