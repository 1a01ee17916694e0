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
    assert notebook.FIGURE not in shown[0]  # without a name the book has nothing to number


def test_a_named_figure_brings_its_caption_its_files_and_its_data(shown):
    notebook.show(_figure(), "A cloud of points", "Five points.", "cloud")
    figure = shown[0][notebook.FIGURE]
    assert (figure["caption"], figure["name"], figure["size"]) == ("Five points.", "cloud", [384, 288])
    assert "<figcaption>Five points.</figcaption>" in shown[0]["text/html"]
    data = base64.b64decode(figure["data"].rpartition(",")[2]).decode()
    assert len(data.splitlines()) == 6
    assert figure["light"] != figure["dark"]


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
    assert shown[0]["text/plain"].endswith("axes.ravel() if 1 in axes.shape else axes")


def test_bibtex_gives_the_entries_as_they_are_written(shown, tmp_path):
    entries = ["@misc{one,\n  title = {{A} & B}\n}", "@article{two,\n  year = {2026}\n}"]
    file = tmp_path / "some.bib"
    file.write_text("% head\n" + "\n".join(entries))
    notebook.bibtex(file, "two", "one")
    assert shown[0]["text/plain"] == f"{entries[1]}\n\n{entries[0]}"
    assert "{{A} &amp; B}" in shown[0]["text/html"]
    with pytest.raises(InputError, match="no entry 'three'; it has one, two"):
        notebook.bibtex(file, "three")


def test_gap_names_what_is_missing_and_leads_to_its_line(shown):
    notebook.gap("Step times", "times")
    assert "Not run:</strong> Step times." in shown[0]["text/html"]
    assert 'href="gaps.html#gap-times"' in shown[0]["text/html"]
    assert shown[0]["text/plain"] == "Not run: Step times. See the page of gaps, line 'times'."
