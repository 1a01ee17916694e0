"""The input a recogniser expects: size, columns, colour order, scaling, and where the face lies in the crop."""

from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import TypeGuard

import numpy as np
from jaxtyping import Float, UInt8

from twinlib import files
from twinlib.errors import InputError
from twinlib.faces.align import similarity, template, warp
from twinlib.models.preprocess import Preprocess

RGB = UInt8[np.ndarray, "H W 3"]


@dataclass(frozen=True)
class Preset:
    """An input.

    Attributes:
        preprocess: size, columns, colours, scaling.
        points: where the first of the five points go in the crop, px; None for the field's template.
    """

    preprocess: Preprocess
    points: tuple[tuple[float, float], ...] | None = None

    def crop(self, pixels: RGB, points: Float[np.ndarray, "5 2"]) -> UInt8[np.ndarray, "S S 3"]:
        """The aligned face, RGB.

        Args:
            pixels: picture.
            points: eyes, nose tip, mouth corners, px of the picture.
        """
        size = self.preprocess.size
        target = template(size) if self.points is None else np.array(self.points)
        return warp(pixels, similarity(points[: len(target)], target), size)


PRESETS = {
    "insightface": Preset(Preprocess()),
    "sface": Preset(Preprocess(mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))),
    "mobilefacenet": Preset(Preprocess(columns=(8, 104), std=(128.0, 128.0, 128.0))),
    # Its chips have a margin of a quarter: eyes 52 of 150 px apart, 48 px from the top.
    "dlib": Preset(
        Preprocess(size=150, mean=(122.782, 117.001, 104.298), std=(256.0, 256.0, 256.0)), ((49.0, 47.8), (101.0, 47.8))
    ),
}
NUMBERS = {"mean": 3, "std": 3, "columns": 2}


def preset(name: str) -> Preset:
    """A preset by name, or that of a JSON file: {"size": 112, "mean": [0, 0, 0], "std": [1, 1, 1], "channels": "BGR"}.

    Args:
        name: one of `PRESETS`, or a path that ends in .json; what the file leaves out is as for insightface.

    Raises:
        InputError: another name, or a file with another key or value; both are named.
    """
    if name in PRESETS:
        return PRESETS[name]
    if not name.endswith(".json"):
        raise InputError(f"input {name!r} is unknown; known: {', '.join(PRESETS)}, or a .json file.")
    given = files.read_json(Path(name))
    fields = Preprocess.__dataclass_fields__
    if not isinstance(given, dict) or not given.keys() <= fields.keys():
        raise InputError(f"{name}: wanted an object with some of {', '.join(fields)}. Correct its names.")
    for key, value in given.items():
        if not _fits(key, value):
            raise InputError(f"{name}: {key} cannot be {value!r}. Give it as {fields[key].default!r}.")
    made = {key: tuple(map(float, v)) for key, v in given.items() if key in ("mean", "std")}
    columns = given.get("columns")
    if columns and columns[1] > given.get("size", fields["size"].default):
        raise InputError(f"{name}: columns {columns} end beyond the size. Give them as [first, one past the last].")
    return Preset(Preprocess(**given | made | {"columns": columns and (columns[0], columns[1])}))


def _fits(key: str, value: object) -> bool:
    if key == "channels":
        return value in ("RGB", "BGR")
    if key == "size":
        return _whole(value) and 16 <= value <= 1024
    if key == "columns" and value is None:
        return True
    if not isinstance(value, list) or len(value) != NUMBERS[key]:
        return False
    if key == "columns":
        return all(map(_whole, value)) and 0 <= value[0] < value[1]
    numbers = all(isinstance(one, int | float) and not isinstance(one, bool) and isfinite(one) for one in value)
    return numbers and (key != "std" or min(value) > 0)


def _whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
