"""Code that a chapter prints is the code that runs: something in the library calls it."""

import ast
import re
from collections import Counter
from pathlib import Path

import nbformat

from twinlib.figures.shown.listing import COLUMNS, listing

ROOT = Path(__file__).parents[2]
SHOWN = re.compile(r"notebook\.code\(([^)]*)\)")


def _printed():
    """Name of each function that a chapter prints → the chapter."""
    found = {}
    for page in sorted((ROOT / "book").glob("*.ipynb")):
        for cell in nbformat.read(page, as_version=4).cells:
            for names in SHOWN.findall(cell.source) if cell.cell_type == "code" else ():
                found |= {name.strip().split(".")[-1]: page.stem for name in names.split(",") if name.strip()}
    return found


def _used():
    """How often the library reads each name, imports and lists of names aside."""
    counts = Counter()
    for path in (ROOT / "twinlib").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                counts[node.id] += 1
            elif isinstance(node, ast.Attribute):
                counts[node.attr] += 1
    return counts


def test_a_chapter_prints_only_code_that_the_library_runs():
    printed, used = _printed(), _used()
    assert len(printed) > 10
    assert {name: page for name, page in printed.items() if not used[name] and name != "forward"} == {}


def _things():
    """Each function that a chapter prints, with the chapter; found through the chapter's own imports."""
    for page in sorted((ROOT / "book").glob("*.ipynb")):
        cells = [cell.source for cell in nbformat.read(page, as_version=4).cells if cell.cell_type == "code"]
        nodes = [node for cell in cells for node in ast.walk(ast.parse(cell))]
        imports = [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
        calls = [n for n in nodes if isinstance(n, ast.Call) and ast.unparse(n.func) == "notebook.code"]
        for name in dict.fromkeys(ast.unparse(argument) for call in calls for argument in call.args):
            root, space = name.split(".")[0], {}
            for node in imports:
                if any((alias.asname or alias.name) == root for alias in node.names):
                    exec(ast.unparse(node), space)
            yield page.stem, name, eval(name, space)


def test_what_a_chapter_prints_fits_a_page():
    """At most 25 lines of 80 columns; strings and comments cannot be broken and may be a little longer."""
    found = {(page, name): listing(thing).splitlines() for page, name, thing in _things()}
    assert len(found) > 15
    assert {key: len(lines) for key, lines in found.items() if len(lines) > 25} == {}
    assert {key: max(map(len, lines)) for key, lines in found.items() if max(map(len, lines)) > COLUMNS + 8} == {}
