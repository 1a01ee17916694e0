"""What a chapter shows: a figure with its alternative text, a number, a table, code, BibTeX, a gap by its name.

Works in JupyterLab, under papermill and on the built page. Outside a notebook the functions do nothing.
"""

import ast
import base64
import html as escape_html
import inspect
import io
import re
import textwrap
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from twinlib.errors import InputError
from twinlib.figures.style import PANEL

SVG_LIMIT = 300_000  # bytes; a larger drawing (thousands of points) goes out as PNG
PNG_DPI = 200  # two dots for each pixel of an ordinary screen


def show(fig: Figure, alt: str) -> None:
    """Show a figure in the running notebook, sharp at every zoom.

    Args:
        fig: figure from `twinlib.figures.style.figure`; it is emptied afterwards, so show it once.
        alt: what a reader who cannot see the figure needs to know, in a sentence or two.

    Raises:
        InputError: if `alt` is empty.
    """
    page = figure_html(fig, alt)
    fig.clear()
    _display(page, alt)


def figure_html(fig: Figure, alt: str) -> str:
    """The figure as one HTML element that needs no other file: SVG, or PNG where SVG would be large.

    Raises:
        InputError: if `alt` is empty.
    """
    if not alt.strip():
        raise InputError("show(fig, alt): alt is empty. Say in a sentence what the figure shows.")
    kind, data = "svg+xml", _rendered(fig, "svg")
    if len(data) > SVG_LIMIT:
        kind, data = "png", _rendered(fig, "png")
    source = f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
    # An <img> of its own, not a notebook picture: those lose their alternative text on the way to the page.
    return (
        f'<div class="twinlib-figure"><img alt="{escape_html.escape(alt)}" src="{source}" '
        f'style="width: {fig.get_figwidth():.2f}in; max-width: 100%; background: {PANEL}"></div>'
    )


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


def table(html: str, csv: str | None = None, name: str = "table.csv") -> None:
    """Show a table that scrolls in its own box on a narrow screen.

    Args:
        html: the table as HTML, e.g. `frame.to_html(index=False)`.
        csv: the same as CSV; if given, a download link follows the table.
        name: file name of the download.
    """
    link = ""
    if csv is not None:
        source = f"data:text/csv;charset=utf-8;base64,{base64.b64encode(csv.encode()).decode()}"
        link = f'<p><a download="{escape_html.escape(name)}" href="{source}">Download as CSV</a></p>'
    _display(
        f'<div class="twinlib-table" tabindex="0" role="group" aria-label="Table">{html}</div>{link}', csv or "table"
    )


def code(*things: object) -> None:
    """Show the source of functions and classes, without docstrings, under the name by which a reader imports them.

    Args:
        things: functions or classes of this library.
    """
    page = "".join(code_html(thing) for thing in things)
    _display(page, "\n\n".join(_undocumented(thing) for thing in things))


def code_html(thing: object) -> str:
    """One function or class as highlighted HTML; the colours are those of the page's own code cells."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    name = f"{thing.__module__}.{thing.__qualname__}"  # type: ignore[attr-defined]
    shown = highlight(_undocumented(thing), PythonLexer(), HtmlFormatter(nowrap=True))
    return (
        f'<div class="twinlib-code"><p><code>{escape_html.escape(name)}</code></p>'
        f'<div class="highlight"><pre tabindex="0">{shown}</pre></div></div>'
    )


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


def gap(what: str, command: str | None = None) -> None:
    """Name what has not been measured, so that no reader thinks it was.

    Args:
        what: in words, e.g. "Step times on a GPU".
        command: that would measure it.
    """
    how = f" Make it with <code>{escape_html.escape(command)}</code>." if command else ""
    plain = f"Not measured yet: {what}." + (f" Make it with `{command}`." if command else "")
    _display(f'<p class="twinlib-gap"><strong>Not measured yet:</strong> {escape_html.escape(what)}.{how}</p>', plain)


def _undocumented(thing: object) -> str:
    """Source without docstrings; comments stay."""
    lines = textwrap.dedent(inspect.getsource(thing)).splitlines()  # type: ignore[arg-type]
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    documented = [n for n in ast.walk(ast.parse("\n".join(lines))) if isinstance(n, kinds) and ast.get_docstring(n)]
    gone = {i for node in documented for i in range(node.body[0].lineno, node.body[0].end_lineno + 1)}  # type: ignore[operator]
    kept = [line for number, line in enumerate(lines, 1) if number not in gone]
    return "\n".join(line for i, line in enumerate(kept) if line.strip() or (i and kept[i - 1].strip())).strip()


def _rendered(fig: Figure, kind: str) -> bytes:
    buffer = io.BytesIO()
    # Without a date the same figure is the same file.
    fig.savefig(buffer, format=kind, dpi=PNG_DPI, metadata={"Date": None} if kind == "svg" else None)
    return buffer.getvalue()


def _display(page: str, plain: str) -> None:
    if _in_notebook():
        from IPython.display import display

        display({"text/html": page, "text/plain": plain}, raw=True)


def _in_notebook() -> bool:
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    return get_ipython() is not None
