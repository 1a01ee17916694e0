import base64
import json

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from book.tools import figures, linked
from twinlib.figures.notebook import FIGURE, SOURCES


def _chapter(data):
    cell = new_code_cell("show", outputs=[new_output("display_data", {"text/html": "<figure>", **data})])
    return new_notebook(cells=[new_markdown_cell("# A"), cell])


def _address(mime, content):
    return f"data:{mime};base64,{base64.b64encode(content).decode()}"


FIGURE_DATA = {
    "alt": "a < b", "caption": "What to see.", "name": "one", "size": [640, 320],
    "light": _address("image/svg+xml", b"<svg light>"), "dark": _address("image/svg+xml", b"<svg dark>"),
    "data": _address("text/csv;charset=utf-8", b"x,y\n1,2\n"),
}  # fmt: skip


def test_a_figure_becomes_files_and_a_directive(tmp_path):
    chapter = figures.staged(_chapter({FIGURE: FIGURE_DATA}), "01_data", tmp_path)
    data = chapter.cells[1].outputs[0].data
    assert FIGURE not in data
    assert data["text/markdown"].startswith("```{plotted} fig-one\n")
    told = json.loads(data["text/markdown"].splitlines()[1])
    assert (tmp_path / told["light"]).read_bytes() == b"<svg light>"
    assert (tmp_path / told["dark"]).read_bytes() == b"<svg dark>"
    assert (tmp_path / told["data"]).read_bytes() == b"x,y\n1,2\n"


def test_pictures_keep_their_shape_and_words_and_load_late():
    page = figures._pictures({**FIGURE_DATA, "light": "a.svg", "dark": "b.svg"})
    assert page.count('alt="a &lt; b"') == page.count('loading="lazy"') == 2
    assert 'class="in-dark dark-light" src="b.svg"' in page
    assert 'width="640" height="320"' in page


def test_a_single_picture_serves_both_kinds_of_pages_and_no_data_is_no_link():
    told = {key: FIGURE_DATA[key] for key in ("alt", "size")} | {"light": "a.png"}
    assert 'class="dark-light"' in figures._pictures(told)
    assert figures._downloads(told).count("<a ") == 1


def test_what_a_chapter_read_is_listed_and_copied(tmp_path, monkeypatch):
    run = tmp_path / "results/runs/ahan-cpu-s3-00ff"
    run.mkdir(parents=True)
    (run / "run.json").write_text("{}")
    (tmp_path / "results/one.csv").write_text("a\n")
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path / "results"))
    told = new_output("display_data", {SOURCES: ["runs/ahan-cpu-s3-00ff", "one.csv"]})
    chapter = _chapter({})
    chapter.cells[1].outputs.append(told)
    listed = linked.listed(chapter, tmp_path / "pages")
    assert [SOURCES in output.data for output in listed.cells[1].outputs] == [False]
    assert "seed 3 run" in listed.cells[-1].source
    assert (tmp_path / "pages/_static/records/runs/ahan-cpu-s3-00ff/run.json").is_file()
    assert (tmp_path / "pages/_static/records/one.csv").is_file()


def test_a_chapter_that_read_nothing_gets_no_list(tmp_path):
    assert len(linked.listed(_chapter({}), tmp_path).cells) == 2


def test_numbers_become_links_and_sentences_get_one_behind_them():
    page = '<div id="records"></div><span class="pasted-text">0.66</span><span class="pasted-text">holds</span>'
    page += '<span class="pasted-text">AHAN reaches 0.77 where the plain ViT has 0.66 on twins.</span>'
    shown = linked.numbers(page)
    assert '<a class="record" href="#records"><span class="pasted-text">0.66</span></a>' in shown
    assert shown.count("record behind") == 1
    assert linked.numbers(page.replace("records", "other")) == page.replace("records", "other")
