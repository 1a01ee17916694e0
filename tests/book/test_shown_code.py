"""Code that a chapter prints is the code that runs: something in the library calls it."""

import ast
import re
from collections import Counter
from pathlib import Path

import nbformat

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
