"""The range of a number, declared beside it and kept wherever settings are made: Python, YAML, the command line.

    momentum: Annotated[float, Within("[0, 1)")] = 0.9

A class of `Settings` looks at its annotations when one is made. Short names for the common ranges are below.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from numbers import Integral, Real
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from twinlib.errors import InputError


class Within:
    """The finite numbers of an interval in the usual notation: "(0, 1]" is above 0 and at most 1, "[1, inf)" from 1.

    Args:
        interval: two bounds; a round bracket leaves its bound out.
    """

    def __init__(self, interval: str) -> None:
        found = re.fullmatch(r"([\[(])(\S+), (\S+)([\])])", interval)
        if found is None:
            raise ValueError(f"an interval reads like [0, 1) or (0, inf); got {interval!r}")
        self.interval = interval
        self.above, self.below = found[1] == "(", found[4] == ")"
        self.low, self.high = float(found[2]), float(found[3])

    def __contains__(self, value: Real) -> bool:
        if not _finite(value):
            return False
        number = float(value)
        low = self.low < number if self.above else self.low <= number
        return low and (number < self.high if self.below else number <= self.high)

    def __repr__(self) -> str:  # as `--help` prints it
        return self.interval

    def __str__(self) -> str:
        if not (self.above or self.below):
            return f"from {self.low:.12g} to {self.high:.12g}"
        low = f"above {self.low:.12g}" if self.above else f"of at least {self.low:.12g}"
        high = f"below {self.high:.12g}" if self.below else f"at most {self.high:.12g}"
        return low if math.isinf(self.high) else high if math.isinf(self.low) else f"{low} and {high}"


Positive = Annotated[float, Within("(0, inf)")]
NotNegative = Annotated[float, Within("[0, inf)")]
Share = Annotated[float, Within("[0, 1]")]
Count = Annotated[int, Within("[1, inf)")]
Whole = Annotated[int, Within("[0, inf)")]
Part = Annotated[float, Within("[0, 1)")]
Port = Annotated[int, Within("[0, 65535]")]
Level = Annotated[float, Within("(0, 1)")]  # of an interval or a rate
Seed = Annotated[int, Within("[0, 4294967295]")]  # what every generator takes


class SettingError(InputError):
    """A setting without sense.

    Args:
        where: the settings it is one of, e.g. ArcFace, or `loss` in a file.
        what: name of the field, what was wanted and what was found.
    """

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where}.{what}")
        self.what = what


@dataclass(frozen=True)  # or jsonargparse would take what derives from it for no dataclass
class Settings:
    """Base of the dataclasses of settings: none is made with a number outside its declared range.

    Raises:
        SettingError: such a number, by the name of its field.
    """

    def __post_init__(self) -> None:
        for name, hint in _hints(type(self)).items():
            for fault in faults(name, getattr(self, name), hint):
                raise SettingError(type(self).__name__, fault)
        for fault in self.disagreements():
            raise SettingError(type(self).__name__, fault)

    def disagreements(self) -> Iterator[str]:
        """What is wrong between numbers that are each in range; each text begins with the name of a field."""
        yield from ()


def faults(name: str, value: object, hint: object) -> Iterator[str]:
    """Numbers outside the ranges that an annotation declares, as sentences; `None` and what declares none pass.

    Args:
        name: of the setting, for the sentence.
        value: of the setting: a number, or a tuple, list or dictionary of them.
        hint: its annotation.
    """
    inner = get_args(hint)
    if ranges := [extra for extra in getattr(hint, "__metadata__", ()) if isinstance(extra, Within)]:
        whole = inner[0] is int
        if not isinstance(value, Integral if whole else Real) or isinstance(value, bool) or value not in ranges[0]:
            kind = "a whole number" if whole else "a number"
            yield f"{name} must be {kind} {ranges[0]}, got {value!r}.{_percent(value, ranges[0])}"
    elif hint is bool and not isinstance(value, bool):
        yield f"{name} must be true or false, got {value!r}."
    elif isinstance(value, dict) and get_origin(hint) is dict:
        for key, one in value.items():
            yield from faults(f"{name}[{key!r}]", one, inner[1])
    elif get_origin(hint) is tuple:
        held = value if isinstance(value, tuple | list) else None
        each = inner[:1] * len(held or ()) if ... in inner else inner
        if held is None or len(held) != len(each):
            yield f"{name} must hold {len(each)} values, got {value!r}."
            return
        for number, (one, its) in enumerate(zip(held, each, strict=True)):
            yield from faults(f"{name}[{number}]", one, its)
    elif value is not None and type(None) in inner:
        for one in inner:
            if one is not type(None):
                yield from faults(name, value, one)


def within(hint: object, **arguments: object) -> None:
    """Refuse arguments of a function outside a range, by their names.

    Raises:
        InputError: the first that is outside.
    """
    for name, value in arguments.items():
        for fault in faults(name, value, hint):
            raise InputError(fault)


def _finite(number: Real) -> bool:
    """Whether a float holds it; whole numbers of JSON have no largest one."""
    try:
        return math.isfinite(number)
    except OverflowError:
        return False


def _percent(value: object, limits: Within) -> str:
    """What a share that was given in per cent reads as."""
    meant = isinstance(value, Real) and limits.high == 1 and 2 <= float(value) <= 100
    return f" {value:g} % is {float(value) / 100:g}." if meant else ""


@cache
def _hints(kind: type) -> dict[str, object]:
    return get_type_hints(kind, include_extras=True)


COSINE, DISTANCE, ANY = (-1.0, 1.0), (0.0, 2.0), (-math.inf, math.inf)  # scales that a threshold lies on


def threshold_on(scale: tuple[float, float], value: Any, name: str = "threshold") -> float:
    """A threshold that some pair can be on either side of: a finite number on its scale.

    Args:
        scale: `COSINE` for scores of embeddings, `DISTANCE` for 1 − score, `ANY` for scores of an unknown kind.
        value: a number, or an array or tensor that holds just one; text and booleans are none.
        name: of the argument, for the message.

    Raises:
        InputError: NaN, infinite, a boolean, no number, or beyond the scale.
    """
    number = value.item() if getattr(value, "ndim", None) == 0 else value
    good = isinstance(number, Real) and not isinstance(number, bool) and _finite(number)
    if good and scale[0] <= float(number) <= scale[1]:
        return float(number)
    wanted, remedy = {
        COSINE: ("a score (cosine) from -1 to 1", "Take the one that twinlib calibrate finds."),
        DISTANCE: (
            "a distance (1 - score) from 0 to 2",
            "Leave it out to use that of twinlib calibrate, or give e.g. 0.6 for scores of 0.4 and more.",
        ),
    }.get(scale, ("a finite number", "Take one of the scores, or the one that validation pairs give."))
    long = isinstance(number, int) and abs(number) > 10**20
    found = "a number of more than 20 digits" if long else repr(value)
    raise InputError(f"{name} must be {wanted}; found {found}. {remedy}")
