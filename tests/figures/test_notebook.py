import base64
import re

import numpy as np
import pytest

from twinlib.errors import InputError
from twinlib.figures import notebook, style


@pytest.fixture
def shown(monkeypatch):
    """What a running notebook would show."""
    found = []
    monkeypatch.setattr(notebook, "_in_notebook", lambda: True)
    monkeypatch.setattr("IPython.display.display", lambda data, raw: found.append(data))
    return found


def _figure(points=5):
    fig, ax = style.figure(4.0, 3.0)
    ax.scatter(*np.random.default_rng(0).random((2, points)))
    return fig


def test_figure_keeps_its_alternative_text():
    page = notebook.figure_html(_figure(), 'Scores of "twins" & strangers')
    assert 'alt="Scores of &quot;twins&quot; &amp; strangers"' in page


def test_small_figure_is_vector_and_large_one_is_not():
    small = notebook.figure_html(_figure(), "few")
    large = notebook.figure_html(_figure(20_000), "many")
    svg = base64.b64decode(re.search(r"data:image/svg\+xml;base64,([^\"]+)", small)[1])
    png = base64.b64decode(re.search(r"data:image/png;base64,([^\"]+)", large)[1])
    assert b"<svg" in svg
    assert png.startswith(b"\x89PNG")


def test_same_figure_same_bytes():
    assert notebook.figure_html(_figure(), "x") == notebook.figure_html(_figure(), "x")


@pytest.mark.parametrize("alt", ["", "  "])
def test_figure_without_alternative_text_is_refused(alt):
    with pytest.raises(InputError, match="alt is empty"):
        notebook.show(_figure(), alt)


def test_show_displays_and_empties_the_figure(shown):
    fig = _figure()
    notebook.show(fig, "A cloud of points")
    assert fig.axes == []
    assert shown[0]["text/plain"] == "A cloud of points"
    assert 'alt="A cloud of points"' in shown[0]["text/html"]


def test_numbers_reach_the_prose_as_plain_python(monkeypatch):
    glued = {}
    monkeypatch.setattr(notebook, "_in_notebook", lambda: True)
    monkeypatch.setattr("myst_nb.glue", lambda key, value, display: glued.update({key: value}))
    notebook.number("auc", np.float32(0.5))
    notebook.number("pairs", np.int64(3))
    notebook.number("verdict", "holds")
    assert glued == {"auc": 0.5, "pairs": 3, "verdict": "holds"}
    assert [type(value) for value in glued.values()] == [float, int, str]


def test_outside_a_notebook_nothing_happens(capsys):
    notebook.show(_figure(), "x")
    notebook.number("a", 1.0)
    notebook.table("<table></table>")
    assert capsys.readouterr().out == ""


def test_table_offers_its_download(shown):
    notebook.table("<table>t</table>", csv="a,b\n1,ä\n", name="x.csv")
    page = shown[0]["text/html"]
    assert "<table>t</table>" in page
    assert base64.b64decode(re.search(r"base64,([^\"]+)", page)[1]).decode() == "a,b\n1,ä\n"
    assert 'download="x.csv"' in page


def test_code_is_shown_without_its_docstring(shown):
    notebook.code(style.figure)
    assert "twinlib.figures.style.figure" in shown[0]["text/html"]
    assert "rows of axes" not in shown[0]["text/plain"]
    assert shown[0]["text/plain"].startswith("def figure(")
    assert "# Not pyplot" in shown[0]["text/plain"]
    assert shown[0]["text/plain"].endswith("fig.subplots(rows, columns)")


def test_bibtex_gives_the_entries_as_they_are_written(shown, tmp_path):
    entries = ["@misc{one,\n  title = {{A} & B}\n}", "@article{two,\n  year = {2026}\n}"]
    file = tmp_path / "some.bib"
    file.write_text("% head\n" + "\n".join(entries))
    notebook.bibtex(file, "two", "one")
    assert shown[0]["text/plain"] == f"{entries[1]}\n\n{entries[0]}"
    assert "{{A} &amp; B}" in shown[0]["text/html"]
    with pytest.raises(InputError, match="no entry 'three'; it has one, two"):
        notebook.bibtex(file, "three")


def test_gap_names_what_is_missing(shown):
    notebook.gap("Step times", "make times")
    assert "Not measured yet:</strong> Step times." in shown[0]["text/html"]
    assert shown[0]["text/plain"] == "Not measured yet: Step times. Make it with `make times`."
