"""What a chapter shows: a figure with its alternative text, a number for the prose, a table with its download.

Works in JupyterLab, under papermill and on the built page. Outside a notebook the functions do nothing.
"""

import base64
import html as escape_html
import io

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
    _display(f'<div class="twinlib-table">{html}</div>{link}', csv or "table")


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
