"""Two rendered twins, and the factors by which they can be turned into other twins or other photographs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from jaxtyping import UInt8

from twinlib.data import rendered
from twinlib.errors import InputError

SIZE = 160  # px, of a picture; as in every named set


@dataclass(frozen=True)
class Factor:
    """One slider.

    Attributes:
        words: its name.
        values: its three steps on a page.
        unit: how a value is written, a format.
        zero: what 0 is called; written like the others if empty.
    """

    words: str
    values: tuple[float, float, float]
    unit: str
    zero: str = "none"

    def said(self, value: float) -> str:
        """A value as a reader sees it."""
        return self.zero if self.zero and value == 0 else self.unit.format(value)

    def finer(self) -> list[float]:
        """Thirteen values in equal steps over the same range, for a studio that draws on demand."""
        return np.linspace(self.values[0], self.values[-1], 13).round(4).tolist()


# Asymmetry and marks come first: they index the tiles of one stored picture.
FACTORS: dict[str, Factor] = {
    "asymmetry": Factor("Asymmetry", (0.0, 0.055, 0.11), "{:.3g} cm"),
    "marks": Factor("Own marks", (0.0, 0.5, 1.0), "{:.0%}"),
    "divergence": Factor("Divergence of shape", (0.0, 0.3, 0.6), "{:.2g}"),
    "age": Factor("Years between the photographs", (0.0, 6.0, 12.0), "{:.0f}", "0"),
    "yaw": Factor("Head turn of the second", (0.0, 15.0, 30.0), "{:.0f}°", "0°"),
}
START = {"asymmetry": 0.055, "marks": 0.5, "divergence": 0.3, "age": 0.0, "yaw": 0.0}

RUNGS = {  # of the cue ladder: steps of the sliders that come closest
    "all cues, visible": (1, 2, 1, 0, 0),
    "all cues, weaker": (1, 1, 1, 0, 0),
    "marks alone": (0, 2, 0, 0, 0),
    "asymmetry alone": (2, 0, 0, 0, 0),
    "nothing (control)": (0, 0, 0, 0, 0),
}


@dataclass(frozen=True)
class Family:
    """Twins who are in no set.

    Attributes:
        words: what a page calls them.
        number: of the family.
        bins: sex, skin tone and age.
    """

    words: str
    number: int
    bins: tuple[str, str, str]


FAMILIES: dict[str, Family] = {
    "light": Family("light skin", rendered.NOBODY + 1, ("female", "light", "young")),
    "medium": Family("medium skin", rendered.NOBODY + 2, ("male", "medium", "middle")),
    "dark": Family("dark skin", rendered.NOBODY + 3, ("female", "dark", "young")),
}


def pictures(name: str, at: Mapping[str, float]) -> tuple[UInt8[np.ndarray, "S S 3"], UInt8[np.ndarray, "S S 3"]]:
    """The two photographs of a family with these factors.

    Turn and age change the second photograph alone; the other factors change what differs between the people. With
    all at 0 both are one and the same picture.

    Args:
        name: of `FAMILIES`.
        at: a value for each of `FACTORS`.

    Raises:
        InputError: an unknown family, or a factor that is missing or unknown.
    """
    return first(name, at), second(name, at)


def rung(cue: str) -> dict[str, float]:
    """Values of the factors on a rung of the cue ladder."""
    return {key: factor.values[step] for (key, factor), step in zip(FACTORS.items(), RUNGS[cue], strict=True)}


def address(cue: str) -> str:
    """The studio's page in the state of a rung."""
    return "twin_studio.html#studio=light." + ".".join(map(str, RUNGS[cue]))


def first(name: str, at: Mapping[str, float]) -> UInt8[np.ndarray, "S S 3"]:
    """The photograph of the first twin, from the front."""
    return rendered.render_image(_person(name, 0, at), rendered.QUIET, SIZE).pixels


def second(name: str, at: Mapping[str, float]) -> UInt8[np.ndarray, "S S 3"]:
    """The photograph of the second twin, turned and older."""
    turned = replace(rendered.QUIET, yaw=float(at["yaw"]), age_gap=float(at["age"]))
    return rendered.render_image(_person(name, 1, at), turned, SIZE).pixels


def _person(name: str, member: int, at: Mapping[str, float]) -> Any:
    if name not in FAMILIES or set(at) != set(FACTORS):
        raise InputError(f"studio: wanted a family of {', '.join(FAMILIES)} and {', '.join(FACTORS)}; got {name!r}.")
    return _painted(name, member, at["divergence"], at["asymmetry"], at["marks"])


@lru_cache(maxsize=64)
def _painted(name: str, member: int, divergence: float, asymmetry: float, share: float) -> Any:
    """A person with texture; of the marks the first ones, so that a larger share only adds some."""
    knobs = replace(rendered.STUDY, divergence=divergence, asymmetry_cm=asymmetry, own_texture=False)
    person = rendered.somebody(member, FAMILIES[name].number, FAMILIES[name].bins, knobs)
    count = round(share * len(person.marks.kind))
    fewer = replace(person.marks, **{key: value[:count] for key, value in vars(person.marks).items()})
    return rendered.painted(replace(person, marks=fewer), SIZE)
