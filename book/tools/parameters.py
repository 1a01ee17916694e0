"""Check the parameters given to a chapter against the typed defaults of its cell tagged `parameters`.

Papermill itself only logs an unknown name and runs with the defaults; here a misspelt name is refused by name and a
wrong value by type, before the chapter starts.
"""

import difflib
import re
from pathlib import Path

import papermill

from twinlib.errors import InputError

TYPES = {"str": str, "int": int, "float": float, "bool": bool}


def declared(notebook: Path) -> dict[str, dict[str, str]]:
    """Parameters of a chapter: name → type, default (source text) and help (the comment).

    Raises:
        InputError: if a parameter has no type annotation among str, int, float and bool.
    """
    found = {}
    for name, field in papermill.inspect_notebook(str(notebook)).items():
        kind = str(field["inferred_type_name"])
        if kind not in TYPES:
            raise InputError(f"{notebook.name}: parameter {name!r} needs a type, e.g. {name}: int = 0  (found {kind}).")
        found[name] = {"type": kind, "default": field["default"], "help": field["help"]}
    return found


def checked(notebook: Path, given: dict[str, str]) -> dict[str, str | int | float | bool]:
    """Turn texts from the command line into typed values.

    Args:
        notebook: chapter source.
        given: name → text.

    Raises:
        InputError: for a name the chapter does not declare, a value of another type, or one outside a choice that the
            parameter's comment lists as `a | b | c`.
    """
    known = declared(notebook)
    values = {}
    for name, text in given.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}."
            raise InputError(f"{notebook.name}: parameter {name!r} is unknown; {hint}")
        values[name] = _typed(notebook, name, text, known[name])
    return values


def _typed(notebook: Path, name: str, text: str, field: dict[str, str]) -> str | int | float | bool:
    kind = field["type"]
    try:
        value = {"true": True, "false": False}[text.lower()] if kind == "bool" else TYPES[kind](text)
    except (KeyError, ValueError):
        raise InputError(f"{notebook.name}: parameter {name!r} must be {kind}, found {text!r}.") from None
    choices = field["help"].split(" | ") if re.fullmatch(r"\w+( \| \w+)+", field["help"]) else []
    if choices and text not in choices:
        raise InputError(f"{notebook.name}: parameter {name!r} must be one of {', '.join(choices)}, found {text!r}.")
    return value
