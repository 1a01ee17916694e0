import subprocess
import sys
from pathlib import Path

import pytest
from nbformat.v4 import new_output
from notebooks import executed, write

from book.tools.gate import findings, main
from twinlib.figures.gallery import NOTICE

ROOT = Path(__file__).parents[2]


def test_good_chapter_passes():
    assert findings(executed("<b>fine</b>", '<a href="https://example.org/home/page">a page</a>')) == []


def test_chapter_papermill_never_saw_is_stopped():
    chapter = executed()
    del chapter.metadata["papermill"]
    assert findings(chapter) == ["was not executed by papermill"]


def test_recorded_exception_is_stopped():
    chapter = executed()
    chapter.metadata["papermill"]["exception"] = True
    assert findings(chapter) == ["papermill recorded an exception"]


def test_error_output_is_stopped():
    chapter = executed()
    chapter.cells[0].outputs = [new_output("error", ename="E", evalue="v", traceback=[])]
    assert findings(chapter) == ["cell 1 shows an error"]


@pytest.mark.parametrize("status", ["pending", "running", "failed"])
def test_cell_that_did_not_complete_is_stopped(status):
    chapter = executed()
    chapter.cells[0].metadata["papermill"]["status"] = status
    assert findings(chapter) == [f"cell 1 did not complete (status {status})"]


def test_widgets_are_stopped():
    chapter = executed()
    chapter.metadata["widgets"] = {}
    chapter.cells[0].outputs = [new_output("display_data", {"application/vnd.jupyter.widget-view+json": {}})]
    assert len(findings(chapter)) == 2


PATHS = [f"{ROOT}/results/x", str(Path.home() / "x"), "/tmp/x", "/home/me/x", "/Users/me/x", r"C:\Users\me", sys.prefix]


@pytest.mark.parametrize("path", PATHS)
def test_absolute_paths_are_stopped(path):
    assert len(findings(executed(f"read from '{path}'"))) == 1
    chapter = executed()
    chapter.metadata["papermill"]["parameters"]["folder"] = path
    assert len(findings(chapter)) == 1


def test_pictures_are_not_read_as_text():
    assert findings(executed('<img src="data:image/png;base64,/tmp/x9AB==">')) == []
    assert len(findings(executed('<img src="data:image/png;base64,AAAA" alt="/tmp/x9AB">'))) == 1
    chapter = executed()
    chapter.cells[0].outputs = [new_output("display_data", {"image/png": "/tmp/x9AB=="})]
    assert not any("absolute path" in finding for finding in findings(chapter))


def test_faces_of_private_sets_are_stopped():
    assert findings(executed(NOTICE)) == ["cell 1 shows faces of a private data set (gallery: local)"]
    chapter = executed()
    chapter.cells[0].outputs = [new_output("display_data", {"image/jpeg": "AAAA"})]  # a photograph shown by itself
    assert "shows a picture by itself" in findings(chapter)[0]


def test_exit_code(tmp_path, capsys):
    write(executed("fine"), tmp_path / "good.ipynb")
    assert main(tmp_path) == 0
    write(executed("/tmp/x"), tmp_path / "leaky.ipynb")
    assert main(tmp_path) == 1
    assert "GATE leaky: cell 1 names the absolute path '/tmp/x'" in capsys.readouterr().err


def test_folder_without_chapters_is_stopped(tmp_path):
    command = [sys.executable, "-m", "book.tools.gate", str(tmp_path)]
    assert subprocess.run(command, cwd=ROOT, check=False, capture_output=True).returncode == 1
