"""What a chapter shows: a figure with its alternative text, a number, a table, code, BibTeX, a gap by its name.

Works in JupyterLab, under papermill and on the built page. Outside a notebook the functions do nothing.
"""

import base64
import html as escape_html
import re
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from twinlib.errors import InputError
from twinlib.figures.shown import read_records
from twinlib.figures.shown.drawing import Picture, picture
from twinlib.figures.shown.listing import listing, listing_html
from twinlib.figures.shown.plotted import plotted
from twinlib.figures.shown.stacked import folded, stacked
from twinlib.figures.style import PANEL

MIME = {"svg": "image/svg+xml", "png": "image/png", "csv": "text/csv;charset=utf-8"}
SOURCES = "application/vnd.twinlib.sources+json"  # records read so far; the book lists them, see book/tools/linked.py
FIGURE = "application/vnd.twinlib.figure+json"  # what the book makes a numbered figure of, see book/tools/figures.py


def show(fig: Figure, alt: str, caption: str = "", name: str = "") -> None:
    """Show a figure in the running notebook, sharp at every zoom.

    Args:
        fig: figure from `twinlib.figures.style.figure`; it is emptied afterwards, so show it once.
        alt: what a reader who cannot see the figure needs to know, in a sentence or two.
        caption: what to see, which networks and which pairs, in at most forty words; the book numbers it.
        name: of the figure, unique in the book; `fig-<name>` is what links and cross-references use.

    Raises:
        InputError: if `alt` is empty.
    """
    if not alt.strip():
        raise InputError("show(fig, alt): alt is empty. Say in a sentence what the figure shows.")
    data, drawn = plotted(fig), picture(fig)
    size = [round(96 * inches) for inches in fig.get_size_inches()]
    page = _figure_html(drawn, alt, caption, size[0])
    fig.clear()
    files = {"light": _address(drawn.kind, drawn.light)}
    if drawn.dark is not None:
        files["dark"] = _address(drawn.kind, drawn.dark)
    if len(data):
        files["data"] = _address("csv", data.to_csv(index=False, float_format="%.4g").encode())
    _display(page, alt, {FIGURE: {"alt": alt, "caption": caption, "name": name, "size": size, **files}} if name else {})


def figure_html(fig: Figure, alt: str, caption: str = "") -> str:
    """The figure as one HTML element that needs no other file.

    Raises:
        InputError: if `alt` is empty.
    """
    if not alt.strip():
        raise InputError("figure_html(fig, alt): alt is empty. Say in a sentence what the figure shows.")
    return _figure_html(picture(fig), alt, caption, round(96 * fig.get_figwidth()))


def _figure_html(drawn: Picture, alt: str, caption: str, width: int) -> str:
    # An <img> of its own, not a notebook picture: those lose their alternative text on the way to the page.
    said = f"<figcaption>{escape_html.escape(caption)}</figcaption>" if caption else ""
    return (
        f'<figure class="twinlib-figure"><img alt="{escape_html.escape(alt)}" '
        f'src="{_address(drawn.kind, drawn.light)}" '
        f'style="width: {width}px; max-width: 100%; background: {PANEL}">{said}</figure>'
    )


def _address(kind: str, data: bytes) -> str:
    return f"data:{MIME[kind]};base64,{base64.b64encode(data).decode()}"


def number(key: str, value: float | int | str | np.generic) -> None:
    """Give the prose a number: text cells cite it with the role `glue:text`, e.g. {glue:text}`auc_twin:.3f`.

    Without the book's packages (a GPU machine with the library alone) this does nothing.

    Args:
        key: name of the number, unique in the chapter.
        value: the number; numpy's own types become Python's, which a format like `.3f` needs.
    """
    try:
        from myst_nb import glue
    except ImportError:
        return
    if _in_notebook():
        glue(key, value.item() if isinstance(value, np.generic) else value, display=False)
        _tell_sources()


def table(html: str, csv: str | None = None, name: str = "table.csv", whole: bool = False) -> None:
    """Show a table that scrolls in its own box on a narrow screen; a long one of plain numbers opens on a click.

    Args:
        html: the table as HTML, e.g. `frame.to_html(index=False)`.
        csv: the same as CSV; if given, a download link follows the table.
        name: file name of the download.
        whole: show every row at once; tables without `csv` always do, being those of published values and verdicts.
    """
    link = ""
    if csv is not None:
        source = f"data:text/csv;charset=utf-8;base64,{base64.b64encode(csv.encode()).decode()}"
        link = f'<p><a download="{escape_html.escape(name)}" href="{source}">Download as CSV</a></p>'
    page = f'<div class="twinlib-table" tabindex="0" role="group" aria-label="Table">{stacked(html)}</div>'
    _display((page if whole or csv is None else folded(page)) + link, csv or "table")


def code(*things: object) -> None:
    """Show the source of functions and classes, without docstrings, under the name by which a reader imports them.

    Args:
        things: functions or classes of this library.
    """
    _display("".join(listing_html(thing) for thing in things), "\n\n".join(listing(thing) for thing in things))


def bibtex(file: Path, *keys: str) -> None:
    """Show BibTeX entries in a box that opens on a click.

    Args:
        file: a `.bib` file.
        keys: of the entries, in the order to show.

    Raises:
        InputError: the file has no entry of that key; the message lists those it has.
    """
    text = bibtex_entries(file, *keys)
    page = f"<pre tabindex='0'>{escape_html.escape(text)}</pre>"
    _display(f'<details class="twinlib-bibtex"><summary>BibTeX</summary>{page}</details>', text)


def bibtex_entries(file: Path, *keys: str) -> str:
    """Entries of a `.bib` file whose closing brace stands alone on its line, as they are written there.

    Raises:
        InputError: as `bibtex`.
    """
    found = {m[1]: m[0] for m in re.finditer(r"^@\w+\{([^,\s]+),.*?^\}$", file.read_text("utf-8"), re.M | re.S)}
    if missing := [key for key in keys if key not in found]:
        raise InputError(f"{file.name} has no entry {missing[0]!r}; it has {', '.join(sorted(found))}.")
    return "\n\n".join(found[key] for key in keys)


def show_html(page: str, plain: str) -> None:
    """Show an element that brings its own style and script.

    Args:
        page: HTML that loads nothing.
        plain: what to say where HTML is not shown.
    """
    _display(page, plain)


def gap(what: str, key: str) -> None:
    """Name what has not been run, so that no reader thinks it was, with a link to what it would take.

    Args:
        what: in words, e.g. "step times on a GPU".
        key: of its line on the page of gaps, see `twinlib.study.gaps`.
    """
    link = f'<a href="gaps.html#gap-{escape_html.escape(key)}">What it would take</a>'
    page = f'<p class="twinlib-gap"><strong>Not run:</strong> {escape_html.escape(what)}. {link}.</p>'
    _display(page, f"Not run: {what}. See the page of gaps, line {key!r}.")


def _display(page: str, plain: str, more: dict[str, object] | None = None) -> None:
    if _in_notebook():
        from IPython.display import display

        display({"text/html": page, "text/plain": plain, **(more or {})}, raw=True)


def _tell_sources() -> None:
    """Say in the executed notebook, and nowhere to be seen, which records were read so far."""
    from IPython.display import publish_display_data

    if records := read_records.news():
        publish_display_data({SOURCES: records})


def _in_notebook() -> bool:
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    return get_ipython() is not None


if _in_notebook():
    read_records.watch()
