from book.tools import finish

NOTATION = """<article><h1>Notation</h1><p>Letters.</p><table><tr><td><span class="math notranslate nohighlight">
\\(H, W\\)</span></td><td>rows and columns</td></tr><tr><td>\\(R = 4\\)</td><td>regions</td></tr></table></article>"""
MATH = '<span class="math notranslate nohighlight">\\({}\\)</span>'
PAGE = """<article><h1>HCA#</h1><p><strong>Question.</strong> What?</p><p><a href="#fig-a">there</a>
<a href="notation.html#shapes">here</a></p><figure id="fig-a"><img src="a.svg"><figcaption>
<p>A caption.</p></figcaption></figure></article>"""


def _site(folder):
    (folder / "_static").mkdir()
    (folder / "notation.html").write_text(NOTATION.replace("<h1>", '<h1 id="shapes">'))
    (folder / "page.html").write_text(PAGE + 2 * MATH.format("H") + MATH.format("x^2"))
    finish.finished(folder)
    return (folder / "page.html").read_text(), (folder / finish.PREVIEWS).read_text()


def test_a_symbol_of_the_notation_explains_itself_and_others_stay(tmp_path):
    page, _ = _site(tmp_path)
    assert page.count('data-meaning="rows and columns">\\(H\\)</span>') == 2
    assert page.count('tabindex="0"') == 1
    assert MATH.format("x^2") in page


def test_links_to_pages_and_places_get_their_texts(tmp_path):
    _, texts = _site(tmp_path)
    assert "Question. What?" in texts
    assert '\\"a.svg\\"' in texts
    assert "A caption." in texts
    assert "notation.html#shapes" in texts


def test_symbols_are_read_from_the_tables(tmp_path):
    (tmp_path / "n.html").write_text(NOTATION)
    assert finish.symbols(tmp_path / "n.html") == {"H": "rows and columns", "W": "rows and columns", "R": "regions"}


def test_pages_start_no_kernel(tmp_path):
    script = '<script>const THEBE_JS_URL = "https://x/y.js"; const a = 1</script>'
    other = '<script async="async" src="_static/sphinx-thebe.js?v=1"></script><script src="_static/print.js"></script>'
    (tmp_path / "page.html").write_text(f"<html><head>{script}{script}{other}</head><body><p>x</p></body></html>")
    (tmp_path / "_static").mkdir()
    finish.finished(tmp_path)
    text = (tmp_path / "page.html").read_text()
    assert "THEBE" not in text
    assert "sphinx-thebe" not in text
    assert "print.js" in text
