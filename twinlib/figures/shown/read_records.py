"""Which records a chapter has read: what the page lists, and what its numbers lead to.

Python reports each file that it opens; those of `results/` that hold numbers are kept, in the order of their first use.
"""

import sys
from pathlib import Path

from twinlib import paths
from twinlib.records.runs import PAIRS

NUMBERS = (".csv", ".csv.gz", ".npz")  # run.json of every run is read to find the right ones, so it says nothing
_read: dict[str, None] = {}
_told: list[int] = []
_watching: list[bool] = []


def watch() -> None:
    """Begin to keep the names of records that are opened; once for a process, since Python cannot end it."""
    if not _watching:
        _watching.append(True)
        sys.addaudithook(_opened)


def read() -> list[str]:
    """Records opened so far, from the results folder, e.g. `runs/ahan-cpu-s0-4483bb30` or `benchmarks/allpairs.csv`."""
    return list(_read)


def news() -> list[str]:
    """Records opened so far if there are more than at the last call, else none."""
    if len(_read) == (_told[-1] if _told else 0):
        return []
    _told.append(len(_read))
    return read()


def record_of(path: str) -> str | None:
    """The record that a file belongs to: the folder of a run, else the file; None for anything else."""
    if not path.endswith(NUMBERS):
        return None
    file, root = Path(path).absolute(), paths.results_dir().absolute()
    parts = file.relative_to(root).parts if file.is_relative_to(root) else ()
    if len(parts) > 2 and parts[0] == "runs":
        return None if parts[1] == PAIRS else "/".join(parts[:2])  # lists of pairs are shared by all runs
    return "/".join(parts) or None


def _opened(event: str, arguments: tuple) -> None:
    if event == "open" and isinstance(arguments[0], str) and (record := record_of(arguments[0])):
        _read.setdefault(record)
