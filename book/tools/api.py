"""The page of public names: read from the source by its syntax tree, so that nothing is imported to build it."""

import ast
import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from twinlib.files import write_text

HEAD = """# Public names

What each room of the library offers, with the first line of its docstring. Written by the build from the source; a
name leads to its line.

"""
SOURCE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{name}</title><style>{style}
body {{ margin: 1rem; background: #fff; color: #1f2328 }} pre {{ line-height: 1.4 }} :target {{ background: #fff3bf }}
</style></head><body><main><h1><code>{name}</code></h1>{code}</main></body></html>
"""


class Name(NamedTuple):
    """A public function or class: its module's dotted name, its own, its line, its arguments, its first sentence."""

    module: str
    name: str
    line: int
    arguments: str
    said: str


def public(file: Path, module: str) -> Iterator[Name]:
    """Public functions and classes of a module, in the order of the file."""
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        overloads = any(ast.unparse(each) == "overload" for each in getattr(node, "decorator_list", []))
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not (node.name.startswith("_") or overloads):
            arguments = f"({', '.join(_arguments(node))})" if isinstance(node, ast.FunctionDef) else ""
            yield Name(module, node.name, node.lineno, arguments, first(ast.get_docstring(node)))


def first(docstring: str | None) -> str:
    """First line of a docstring, as HTML."""
    line = html.escape((docstring or "").strip().split("\n")[0])
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", line)


def modules(root: Path) -> dict[str, Path]:
    """Dotted name → file of every module of the library."""
    files = {path: path.relative_to(root).with_suffix("").parts for path in sorted((root / "twinlib").rglob("*.py"))}
    return {".".join(parts).removesuffix(".__init__"): path for path, parts in files.items()}


def page(root: Path) -> str:
    """The page, in Markdown; source pages are those of `write_sources`."""
    rooms: dict[str, list[str]] = {}
    for module, file in modules(root).items():
        names = [*public(file, module)]
        room = module.split(".")[1] if module.count(".") else "twinlib"
        if names:
            about = first(ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))))
            items = "".join(f"<li>{_link(one)} {one.said}</li>" for one in names)
            rooms.setdefault(room, []).append(f"<h3><code>{module}</code></h3><p>{about}</p><ul>{items}</ul>")
    parts = [f"## {room}\n\n```{{raw}} html\n{''.join(shown)}\n```\n" for room, shown in sorted(rooms.items())]
    return HEAD + "\n".join(parts)


def write_sources(root: Path, folder: Path) -> None:
    """A highlighted page for each module with public names; line 12 is at `#L-12`."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    shown = HtmlFormatter(linespans="L", style="default")
    for module, file in modules(root).items():
        if any(public(file, module)):
            code = highlight(file.read_text(encoding="utf-8"), PythonLexer(), shown)
            style = shown.get_style_defs()
            write_text(folder / f"{module}.html", SOURCE.format(name=module, style=style, code=code))


def _link(one: Name) -> str:
    place = f"_static/source/{one.module}.html#L-{one.line}"
    return f'<a href="{place}"><code>{one.name}</code></a><code>{html.escape(one.arguments)}</code>'


def _arguments(node: ast.FunctionDef) -> list[str]:
    given = node.args
    star = ["*"] if given.kwonlyargs and not given.vararg else []
    star += [f"*{given.vararg.arg}"] if given.vararg else []
    names = [one.arg for one in [*given.posonlyargs, *given.args]]
    return names + star + [one.arg for one in given.kwonlyargs] + ([f"**{given.kwarg.arg}"] if given.kwarg else [])
