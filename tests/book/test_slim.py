"""What a built site does without."""

from book.tools.slim import slimmed


def test_only_what_no_page_needs_goes(tmp_path):
    site, chapters = tmp_path / "html", tmp_path / "book"
    icons = '<script defer src="_static/scripts/fontawesome.js?digest=1"></script>'
    maths = '<script defer="defer" src="_static/vendor/tex-svg.js?v=2"></script>'
    for file, text in {
        "index.html": f'<p>\n{icons}\n<script src="_static/vendor/used.js"></script>\n{maths}<p class="sum">',
        "sums.html": f'{icons}{maths}<div class="math notranslate">',
        "_static/scripts/fontawesome.js": "5",
        "_static/vendor/tex-svg.js": "6",
        "_static/own.js": 'load("vendor/late.js")',
        "_static/own.js.map": "map",
        "_static/vendor/used.js": "1",
        "_static/vendor/late.js": "2",
        "_static/vendor/nobody.js": "3",
        "_static/vendor/font.woff2": "4",
        "_sources/02_hca.ipynb": "with outputs",
        "_sources/intro.md": "words",
    }.items():
        (site / file).parent.mkdir(parents=True, exist_ok=True)
        (site / file).write_text(text)
    chapters.mkdir()
    (chapters / "02_hca.ipynb").write_text("source")
    slimmed(site, chapters)
    left = {str(path.relative_to(site)) for path in site.rglob("*") if path.is_file()}
    assert left == {
        "index.html", "sums.html", "_static/own.js", "_static/vendor/tex-svg.js", "_static/vendor/used.js",
        "_static/vendor/late.js", "_static/vendor/font.woff2", "_sources/02_hca.ipynb", "_sources/intro.md",
    }  # fmt: skip
    assert (site / "index.html").read_text() == '<p>\n<script src="_static/vendor/used.js"></script>\n<p class="sum">'
    assert (site / "sums.html").read_text() == f'{maths}<div class="math notranslate">'
    assert (site / "_sources/02_hca.ipynb").read_text() == "source"
    assert (site / "_sources/intro.md").read_text() == "words"
