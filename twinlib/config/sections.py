"""One section of an experiment: plain values to a frozen settings object, every key and type checked."""

from collections.abc import Mapping
from dataclasses import is_dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, get_args, get_type_hints

from twinlib.errors import InputError
from twinlib.ranges import SettingError

if TYPE_CHECKING:
    from jsonargparse import ArgumentParser

_MADE: dict[tuple[type, str, str], object] = {}  # kind, key, values as text → settings, which nobody can change


def named(value: object, key: str, kinds: Mapping[str, type], default: str, source: str) -> object:
    """Settings of a kind that the value names: a name, or keys and values with `name` among them.

    Args:
        value: what the files say; None for the default with its own settings.
        key: of the section, for messages.
        kinds: name → dataclass.
        default: name where none is given.
        source: experiment, for messages.

    Raises:
        InputError: for an unknown name or what `section` refuses.
    """
    if not isinstance(value, str | dict | None):
        raise InputError(f"{source}: {key} must be a name or hold keys and values, found {value!r}.")
    value = {"name": value} if isinstance(value, str) else dict(value or {})
    kind = value.pop("name", default)
    if not isinstance(kind, str) or kind not in kinds:
        raise InputError(f"{source}: {key} {kind!r} is unknown; known: {', '.join(sorted(kinds))}.")
    return section(kinds[kind], value, key, source)


def several(value: object, key: str, kinds: Mapping[str, type], source: str) -> dict[str, object]:
    """Settings of several kinds, name → keys and values; a name whose value is null is left out.

    Raises:
        InputError: for an unknown name or what `section` refuses.
    """
    if value is not None and not isinstance(value, dict):
        raise InputError(f"{source}: {key} must hold names and their settings, found {value!r}.")
    if unknown := sorted(set(value or {}) - set(kinds)):
        raise InputError(f"{source}: {key}.{unknown[0]} is unknown; known: {', '.join(sorted(kinds))}.")
    given = {name: own for name, own in (value or {}).items() if own is not None}
    return {name: section(kinds[name], own, f"{key}.{name}", source) for name, own in given.items()}


def section(kind: type, value: object, key: str, source: str) -> object:
    """Settings of one kind from plain values, checked with jsonargparse.

    Raises:
        InputError: for an unknown key, a value of the wrong type or a number out of its range; the message names it.
    """
    from jsonargparse import ArgumentError

    if value is not None and not isinstance(value, dict):
        raise InputError(f"{source}: {key} must hold keys and values, found {value!r}.")
    fields = kind.__dataclass_fields__  # type: ignore[attr-defined]
    if unknown := sorted(set(value or {}) - set(fields)):
        raise InputError(f"{source}: {key}.{unknown[0]} is unknown; known: {', '.join(fields)}.")
    asked = (kind, key, repr(value))
    if asked not in _MADE:  # most experiments share most sections
        try:
            typed = _parser(kind, key).parse_object({key: value or {}})
        except (ArgumentError, TypeError) as error:
            raise InputError(f"{source}: {' '.join(str(error).split())}") from error
        _MADE[asked] = _made(kind, typed.get(key), f"{source}: {key}")
    return _MADE[asked]


@lru_cache(maxsize=256)  # making one takes as long as parsing with it ten times
def _parser(kind: type, key: str) -> "ArgumentParser":
    from jsonargparse import ArgumentParser

    parser = ArgumentParser(exit_on_error=False)
    parser.add_class_arguments(kind, key)
    return parser


def _made(kind: type, typed: object, where: str) -> object:
    """The settings object, its inner ones first, so that an error can say where it is."""
    values = dict(vars(typed)) if typed else {}  # nothing: settings without a field
    for name, hint in get_type_hints(kind).items():
        inner = next((part for part in (hint, *get_args(hint)) if is_dataclass(part)), None)
        if inner is not None and values[name] is not None:
            values[name] = _made(inner, values[name], f"{where}.{name}")  # type: ignore[arg-type]
    try:
        return kind(**values)
    except SettingError as error:
        raise SettingError(where, error.what) from None
