"""The source of a function as a page prints it: without docstring, at 80 columns, its names linked to their source."""

import ast
import html
import inspect
import re
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from typing import Any

COLUMNS = 80  # what a page shows beside its margins
SOURCE = "_static/source/{module}.html#L-{line}"  # as book/tools/api.py writes it
_NOTES = re.compile(r"  # (?:fmt: skip|noqa|type: ignore|ty: ignore).*$", re.MULTILINE)
_ABOVE = re.compile(r"^( *)(\S.*?)  (# .*)$")  # a comment behind a line that is too long goes above it
_NAME = re.compile(r'<span class="(n|nf|nc)">(\w+)</span>')


def listing(thing: Any) -> str:
    """Source without docstrings, words of refusals and notes to tools; comments stay.

    Args:
        thing: function or class of this library.
    """
    lines = _plainly_refused(textwrap.dedent(inspect.getsource(thing))).splitlines()
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    documented = [n for n in ast.walk(ast.parse("\n".join(lines))) if isinstance(n, kinds) and ast.get_docstring(n)]
    gone = {i for node in documented for i in range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)}
    kept = [line for number, line in enumerate(lines, 1) if number not in gone]
    text = "\n".join(line for i, line in enumerate(kept) if line.strip() or (i and kept[i - 1].strip())).strip()
    return _narrow(_NOTES.sub("", text))


def listing_html(thing: Any) -> str:
    """The same as highlighted HTML, its colours those of the page's own code; names lead to source and API page."""
    from pygments import highlight
    from pygments.formatters.html import HtmlFormatter
    from pygments.lexers.python import PythonLexer

    name = f"{thing.__module__}.{thing.__qualname__}"
    shown = highlight(listing(thing), PythonLexer(), HtmlFormatter(nowrap=True))
    shown = _NAME.sub(lambda found: _linked(found, _names(thing), thing), shown)
    links = f'<a href="{_place(thing)}"><code>{html.escape(name)}</code></a> · <a href="api.html">API</a>'
    code = f'<div class="highlight"><pre tabindex="0">{shown}</pre></div>'
    return f'<div class="twinlib-code"><p>{links}</p>{code}</div>'


def _plainly_refused(text: str) -> str:
    """The source with `raise InputError(...)` for each refusal: its words are for who hits it, not for who reads."""
    lines = text.splitlines()
    calls = [node.exc for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Raise)]
    for call in sorted((c for c in calls if isinstance(c, ast.Call)), key=lambda c: -c.lineno):
        first, last = call.lineno - 1, (call.end_lineno or call.lineno) - 1
        start = lines[first].encode()[: call.func.end_col_offset].decode()  # columns of a syntax tree count bytes
        end = lines[last].encode()[call.end_col_offset :].decode()
        lines[first : last + 1] = [f"{start}(...){end}"]
    return "\n".join(lines)


def _narrow(text: str) -> str:
    """The text at 80 columns, by the formatter that this library is written with; as it is where that is missing."""
    command = [sys.executable, "-m", "ruff", "format", f"--line-length={COLUMNS}", "--isolated", "-"]
    if all(len(line) <= COLUMNS for line in text.splitlines()):
        return text
    text = "\n".join(_ABOVE.sub(r"\1\3\n\1\2", line) if len(line) > COLUMNS else line for line in text.splitlines())
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 and done.stdout else text


def _names(thing: Any) -> Mapping[str, object]:
    """What the names in the source stand for."""
    return vars(sys.modules[thing.__module__])


def _linked(found: re.Match[str], known: Mapping[str, object], thing: Any) -> str:
    target = thing if found[2] == getattr(thing, "__name__", "") else known.get(found[2])
    ours = getattr(target, "__module__", "") or ""
    if not ours.startswith("twinlib.") or not (inspect.isfunction(target) or inspect.isclass(target)):
        return found[0]
    return f'<a class="{found[1]}" href="{_place(target)}">{found[2]}</a>'


def _place(thing: Any) -> str:
    line = inspect.getsourcelines(thing)[1]
    return SOURCE.format(module=thing.__module__, line=line)
