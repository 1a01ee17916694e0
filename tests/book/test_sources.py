import ast
import re
from pathlib import Path

import nbformat
import pytest

from book.tools.chapters import notebooks, pages
from book.tools.parameters import declared
from twinlib.study import gaps
from twinlib.study.rows import read_rows

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "book").glob("*.ipynb"))
CODE_LINES = 15
DEFINITION_LINES = 5
CAPTION_WORDS = 40
HIDDEN = {"hide-input", "remove-input", "remove-cell", "hide-cell"}


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


def test_every_gap_of_a_chapter_has_its_line_on_the_page_of_gaps():
    calls = [ast.parse(cell.source) for path in SOURCES for cell in _code(nbformat.read(path, as_version=4))]
    used = {
        node.args[1].value
        for tree in calls
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "notebook.gap"
    }
    assert used - {*gaps.KEYS, *(f"study-{part}" for part in gaps.ASKED)} == set()
    assert set(gaps.KEYS) <= used
    assert {gap.page for gap in gaps.GAPS} <= {path.stem for path in SOURCES}
    assert {row.part for row in read_rows()} == set(gaps.ASKED)


def _figures():
    """Each `notebook.show` of a chapter: chapter, caption (what is known of it before it runs), name."""
    for path in SOURCES:
        for cell in _code(nbformat.read(path, as_version=4)):
            tree = ast.parse(cell.source)
            said = {
                n.targets[0].id: n.value for n in ast.walk(tree) if isinstance(n, ast.Assign) and _is_name(n.targets)
            }
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "notebook.show":
                    caption, name = node.args[-2:] if len(node.args) > 2 else (None, None)
                    yield path.stem, _words(said.get(getattr(caption, "id", ""), caption)), _words(name)


def _is_name(targets):
    return len(targets) == 1 and isinstance(targets[0], ast.Name)


def _words(node):
    """The text of a string, what an f-string fills in as one word; None for anything else."""
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "N" for part in node.values)
    return node.value if isinstance(node, ast.Constant) else None


def test_every_figure_has_a_caption_of_forty_words_and_a_name_of_its_own():
    found = list(_figures())
    assert len(found) > 60
    assert [(page, name) for page, caption, name in found if not caption or not name] == []
    assert [caption for _, caption, _ in found if len(caption.split()) > CAPTION_WORDS] == []
    names = [name for _, _, name in found if "N" not in name]
    assert len(names) == len(set(names))


def test_no_plumbing_is_seen(chapter):
    """A cell is hidden or removed unless the reader is asked to change it."""
    seen = [c.source for c in _code(chapter) if not HIDDEN & set(c.metadata.get("tags", []))]
    assert [source for source in seen if "# change me" not in source] == []


def test_no_line_of_prose_is_taken_for_a_comment(chapter):
    prose = [line for cell in chapter.cells if cell.cell_type == "markdown" for line in cell.source.splitlines()]
    assert [line for line in prose if line.startswith("%")] == []  # MyST leaves out what follows a % at the start
