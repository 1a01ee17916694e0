import ast
import re
from pathlib import Path

import nbformat
import pytest

from book.tools.chapters import notebooks, pages
from book.tools.parameters import declared

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "book").glob("*.ipynb"))
CODE_LINES = 15
DEFINITION_LINES = 5


@pytest.fixture(params=SOURCES, ids=lambda path: path.stem)
def chapter(request):
    return nbformat.read(request.param, as_version=4)


def _code(chapter):
    return [cell for cell in chapter.cells if cell.cell_type == "code"]


def test_no_outputs_are_committed(chapter):
    assert all(cell.outputs == [] and cell.execution_count is None for cell in _code(chapter))
    assert "widgets" not in chapter.metadata
    assert "papermill" not in chapter.metadata


def test_parameters_come_first_and_are_typed(chapter, request):
    assert "parameters" in chapter.cells[0].metadata.get("tags", [])
    assert sum("parameters" in cell.metadata.get("tags", []) for cell in chapter.cells) == 1
    found = declared(Path(request.node.callspec.params["chapter"]))
    assert [found[name]["type"] for name in ("profile", "device", "seed")] == ["str", "str", "int"]
    assert found["profile"]["default"] == '"cpu"'
    assert all(field["help"] for field in found.values())


def test_cells_are_short(chapter):
    assert [cell.source for cell in _code(chapter) if len(cell.source.splitlines()) > CODE_LINES] == []


def test_chapters_define_nothing_long(chapter):
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    plain = [re.sub(r"^[%!].*$", "pass", cell.source, flags=re.MULTILINE) for cell in _code(chapter)]
    found = [node for code in plain for node in ast.walk(ast.parse(code)) if isinstance(node, kinds)]
    assert [node.name for node in found if node.end_lineno - node.lineno >= DEFINITION_LINES] == []


def test_kernel_is_everyones(chapter):
    assert chapter.metadata.kernelspec.name == "python3"


def test_every_chapter_is_a_page_and_every_page_exists():
    toc = ROOT / "_toc.yml"
    generated = {"api", "status", "environment", "reproduce"}
    assert set(notebooks(toc, ROOT / "book")) == {path.stem for path in SOURCES}
    written = {path.stem for path in (ROOT / "book").glob("*.md")} | {path.stem for path in SOURCES}
    assert set(pages(toc)) == written | generated
