"""Published numbers, read from results/paper_values.csv."""

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from twinlib import paths
from twinlib.data.text.table_files import read_table
from twinlib.errors import InputError


class Published(NamedTuple):
    """A number as printed in a paper.

    Attributes:
        value: in the paper's own unit.
        unit: %, fraction, loss, count, variance.
        protocol: what it was measured on, and doubts about it.
    """

    value: float
    unit: str
    protocol: str


def published(source: str, table: str, row: str, column: str) -> Published:
    """One published number.

    Args:
        source: paper, e.g. ahan.
        table: e.g. main or ablation.
        row: model.
        column: quantity, e.g. twin_acc.

    Raises:
        InputError: no such entry; the message lists what stands in its place, or the file is missing.
    """
    place = {"source": source, "table": table, "row": row, "column": column}
    left = _values(_file())
    for name, wanted in place.items():
        found = left[left[name] == wanted]
        if found.empty:
            known = ", ".join(sorted(left[name].unique()))
            raise InputError(
                f"paper_values.csv has no {name} {wanted!r} in {'/'.join(place.values())}; known: {known}."
            )
        left = found
    value = left.iloc[0]
    return Published(float(value["value"]), str(value["unit"]), str(value["protocol"]))


def _file():
    """The file of this project; a run into another results folder reads the committed one."""
    places = [paths.results_dir() / "paper_values.csv", paths.project_root() / "results/paper_values.csv"]
    for file in places:
        if file.is_file():
            return file
    raise InputError(f"{places[0]} does not exist. It is part of the repository; restore it.")


@lru_cache(maxsize=4)
def _values(file: Path):
    return read_table(file, {}).frame
