"""Figures of the pages: files beside them, a numbered caption, downloads, a picture each for light and dark pages.

Before the build, each figure that a chapter showed by name is written as files and becomes a directive `plotted`.
During the build this module is a Sphinx extension that makes a numbered figure of it, `fig-<name>` for `numref`.
"""

import base64
import html
import json
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from docutils import nodes
from docutils.parsers.rst import Directive, directives

from twinlib.figures.notebook import FIGURE
from twinlib.files import replacing

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FOLDER = "_static/figures"  # copied whole by Sphinx; pages lie beside _static
SUFFIX = {"image/svg+xml": "svg", "image/png": "png", "text/csv": "csv"}
FORMAT = {"svg": "SVG", "png": "PNG"}


def staged(chapter: nbformat.NotebookNode, name: str, pages: Path) -> nbformat.NotebookNode:
    """The chapter with its figures written to `pages/_static/figures` and replaced by directives.

    Args:
        chapter: executed; it is changed.
        name: of the chapter, part of the file names.
        pages: folder of the sources that Jupyter Book reads.
    """
    for output in (output for cell in chapter.cells for output in cell.get("outputs", [])):
        if (figure := output.get("data", {}).pop(FIGURE, None)) is not None:
            output["data"]["text/markdown"] = _directive(figure, name, pages)
    return chapter


def _directive(figure: dict, chapter: str, pages: Path) -> str:
    told = {key: figure[key] for key in ("alt", "caption", "size")}
    for key in ("light", "dark", "data"):
        if key in figure:
            kind, _, encoded = figure[key].removeprefix("data:").partition(";")
            end = "-dark" if key == "dark" else ""
            file = f"{FOLDER}/{chapter}-{figure['name']}{end}.{SUFFIX[kind]}"
            with replacing(pages / file) as temporary:
                temporary.write_bytes(base64.b64decode(encoded.rpartition(",")[2]))
            told[key] = file
    return f"```{{plotted}} fig-{figure['name']}\n{json.dumps(told, ensure_ascii=False)}\n```\n"


class Plotted(Directive):
    """A figure whose pictures lie in `_static/figures`; its content is what `staged` wrote."""

    required_arguments = 1
    has_content = True
    option_spec = {"class": directives.class_option}  # noqa: RUF012 - docutils reads it from the class

    def run(self) -> list[nodes.Node]:
        told = json.loads("\n".join(self.content))
        figure = nodes.figure("", nodes.raw("", _pictures(told), format="html"), classes=["twinlib-figure"])
        figure += nodes.caption(told["caption"], told["caption"])
        figure += nodes.legend("", nodes.raw("", _downloads(told), format="html"))
        self.options["name"] = self.arguments[0]
        self.add_name(figure)
        return [figure]


def _pictures(told: dict) -> str:
    width, height = told["size"]
    style = f"width: {width}px; aspect-ratio: {width} / {height}"
    alt = html.escape(told["alt"])
    # The theme's own only-light and only-dark hide captions too; dark-light keeps it from dimming a picture.
    shown = {"light": "in-light dark-light", "dark": "in-dark dark-light"}
    kinds = shown if "dark" in told else {"light": "dark-light"}
    return "".join(
        f'<img class="{kind}" src="{told[key]}" alt="{alt}" width="{width}" height="{height}" style="{style}"'
        f' loading="lazy" decoding="async">'
        for key, kind in kinds.items()
    )


def _downloads(told: dict) -> str:
    links = [(told["light"], FORMAT[Path(told["light"]).suffix[1:]])]
    links += [(told["data"], "data as CSV")] if "data" in told else []
    shown = " · ".join(f'<a href="{file}" download>{text}</a>' for file, text in links)
    return f'<p class="twinlib-downloads">Download: {shown}</p>'


def setup(app: "Sphinx") -> dict[str, bool]:
    """What Sphinx calls."""
    app.add_directive("plotted", Plotted)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
