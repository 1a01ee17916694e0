"""The gate between executed chapters and the built report: `python -m book.tools.gate build/book`.

With execution switched off, Jupyter Book renders a chapter that crashed half-way without a warning. So every
executed copy must show: no exception, no error output, no cell that did not complete, no absolute path, no widget state
(it would carry pixels into the page and dies without a kernel), no face of a private data set.
"""

import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import nbformat

from twinlib import paths
from twinlib.figures.gallery import MARK

WIDGET = "application/vnd.jupyter.widget-"
BASE64 = re.compile(r";base64,[A-Za-z0-9+/=\s]+")
PICTURES = ("image/png", "image/jpeg", "image/webp", "application/pdf")


def findings(notebook: nbformat.NotebookNode) -> list[str]:
    """What keeps an executed chapter out of the report; empty if nothing does."""
    return [*_not_executed(notebook), *_widgets(notebook), *_faces(notebook), *_paths(notebook)]


def _not_executed(notebook: nbformat.NotebookNode) -> Iterator[str]:
    about = notebook.metadata.get("papermill")
    if about is None:
        yield "was not executed by papermill"
        return
    if about.get("exception"):
        yield "papermill recorded an exception"
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type != "code":
            continue
        if any(output.output_type == "error" for output in cell.outputs):
            yield f"cell {number} shows an error"
        status = cell.metadata.get("papermill", {}).get("status", "missing")
        if status != "completed":
            yield f"cell {number} did not complete (status {status})"


def _widgets(notebook: nbformat.NotebookNode) -> Iterator[str]:
    if "widgets" in notebook.metadata:
        yield "metadata holds widget state"
    for number, cell in enumerate(notebook.cells, 1):
        if any(mime.startswith(WIDGET) for output in cell.get("outputs", []) for mime in output.get("data", {})):
            yield f"cell {number} shows a widget, which is dead without a kernel"


def _faces(notebook: nbformat.NotebookNode) -> Iterator[str]:
    """Faces of a private set, and pictures that no function of the library has drawn, which may be such faces."""
    for number, cell in enumerate(notebook.cells, 1):
        outputs = cell.get("outputs", [])
        if any(MARK in text for text in _texts(outputs)):
            yield f"cell {number} shows faces of a private data set (gallery: local)"
        if any(mime in PICTURES for output in outputs for mime in output.get("data", {})):
            yield f"cell {number} shows a picture by itself; use twinlib.figures.notebook.show, with alternative text"


def _paths(notebook: nbformat.NotebookNode) -> Iterator[str]:
    pattern = absolute_path()
    for text in _texts(notebook.metadata):
        if match := pattern.search(text):
            yield f"metadata names the absolute path {match[0]!r}"
    for number, cell in enumerate(notebook.cells, 1):
        for text in [cell.source, *_texts(cell.metadata), *_texts(cell.get("outputs", []))]:
            if match := pattern.search(BASE64.sub("", text)):
                yield f"cell {number} names the absolute path {match[0]!r}"
                break


def absolute_path() -> re.Pattern[str]:
    """Pattern of paths that exist on one machine only: the project, home, temporary folders."""
    own = {str(paths.project_root().resolve()), str(Path.home()), tempfile.gettempdir(), sys.prefix}
    usual = [r"/home/\w", r"/Users/\w", "/root/", "/tmp/", r"[A-Z]:\\Users"]
    starts = [re.escape(path) for path in sorted(own, key=len, reverse=True) if len(path) > 1] + usual
    # Not inside an address: the character before must not belong to one.
    return re.compile(r"(?<![\w.:/-])(?:" + "|".join(starts) + r")[^\s\"'<>)]*")


def _texts(value: object, mime: str = "") -> Iterator[str]:
    """Every string inside nested lists and dicts, pictures left out."""
    if isinstance(value, str):
        if mime not in PICTURES:
            yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, mime)


def main(folder: Path) -> int:
    """Check every notebook of `folder`; print what was found and return the exit code."""
    notebooks = sorted(folder.glob("*.ipynb"))
    bad = 0
    for path in notebooks:
        for finding in findings(nbformat.read(path, as_version=4)):
            print(f"GATE {path.stem}: {finding}", file=sys.stderr)
            bad += 1
    print(f"gate: {len(notebooks)} chapters, {bad} findings")
    return 1 if bad or not notebooks else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
