"""From a printed number to its record: what a chapter read is listed at its end, and copied beside the pages."""

import html
import re
import shutil
from itertools import groupby
from pathlib import Path

import nbformat

from twinlib import paths
from twinlib.figures.notebook import SOURCES

FOLDER = "_static/records"
HEAD = """## Records behind this page

Each number on this page leads here. These are the files that the chapter read; a run also has its settings, its scores
and the versions that made it.

"""
FILES = ("run.json", "metrics.csv")  # of a run; scores stay in the repository
SHORT = 40  # letters; a longer text is a sentence, and gets a small link behind it instead of being one
_PASTED = re.compile(r'(<span class="pasted-text">)(.*?)(</span>)', re.DOTALL)


def listed(chapter: nbformat.NotebookNode, pages: Path) -> nbformat.NotebookNode:
    """The chapter with a list of the records that it read, which are copied to `pages/_static/records`.

    Args:
        chapter: executed; it is changed.
        pages: folder of the sources that Jupyter Book reads.
    """
    told: list[str] = []
    for cell in chapter.cells:
        kept = []
        for output in cell.get("outputs", []):
            found = output.get("data", {}).get(SOURCES)
            told = found or told
            kept += [] if found else [output]
        if "outputs" in cell:
            cell.outputs = kept
    if told:
        page = HEAD + f'```{{raw}} html\n<div id="records">{_list(sorted(told), pages)}</div>\n```\n'
        chapter.cells.append(nbformat.v4.new_markdown_cell(page, id="records"))
    return chapter


def _list(told: list[str], pages: Path) -> str:
    items = []
    runs = [name for name in told if name.startswith("runs/")]
    for name in [name for name in told if name not in runs]:
        items.append(f"<li>{_copied(name, name, pages)}</li>")
    for row, group in groupby(runs, key=lambda name: Path(name).name.split("-")[0]):
        links = [_copied(f"{name}/{file}", _label(name, file), pages) for name in group for file in FILES]
        items.append(f"<li><code>{html.escape(row)}</code>: {', '.join(filter(None, links))}</li>")
    return f"<ul>{''.join(items)}</ul>"


def _label(run: str, file: str) -> str:
    seed = re.search(r"-s(\d+)-", run)
    return f"{f'seed {seed[1]}' if seed else Path(run).name} {Path(file).stem}"


def _copied(name: str, label: str, pages: Path) -> str:
    """A link to the copy of a file of `results/`; nothing where there is no such file."""
    source, target = paths.results_dir() / name, f"{FOLDER}/{name}"
    if not source.is_file():
        return ""
    (pages / target).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, pages / target)
    return f'<a href="{target}">{html.escape(label)}</a>'


def numbers(page: str) -> str:
    """A built page whose printed numbers lead to its list of records."""
    if 'id="records"' not in page:
        return page

    def link(found: re.Match[str]) -> str:
        text = re.sub(r"<[^>]+>", "", found[2])
        if len(text) <= SHORT and any(letter.isdigit() for letter in text):
            return f'<a class="record" href="#records">{found[0]}</a>'
        behind = '<a class="record behind" href="#records" aria-label="records of this sentence">records</a>'
        return f"{found[0]} {behind}" if any(letter.isdigit() for letter in text) else found[0]

    return _PASTED.sub(link, page)
