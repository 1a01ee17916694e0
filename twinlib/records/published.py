"""Published numbers, read from results/paper_values.csv, the three verdicts on a claim, and counted costs."""

import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from twinlib import paths
from twinlib.data.text.table_files import read_table
from twinlib.errors import InputError
from twinlib.measure.bootstrap import Interval


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
        InputError: no such entry; the message lists the known ones, or the file is missing.
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


HOLDS, DOES_NOT, CANNOT_TELL = "holds", "does not hold", "cannot tell"
MIN_SEEDS = 5  # single seeds differ by .02: one alone showed an effect that was none
INTEREST = 0.02  # smallest difference in AUC of interest, fixed in docs/analysis_plan.md


def verdict(
    difference: Interval,
    claimed: int = 1,
    min_seeds: int = MIN_SEEDS,
    interest: float = INTEREST,
    lacks: Sequence[str] = (),
) -> str:
    """Verdict on the claim that a difference has a sign.

    Args:
        difference: paired interval over families and seeds.
        claimed: +1 for "larger", -1 for "smaller".
        min_seeds: 1 only where nothing was trained by us (a stored recogniser has no seeds).
        interest: smallest difference of interest, a fraction; of AUC, that of the analysis plan.
        lacks: what the rows lack to be finished, as `finished.misses` tells it.

    Returns:
        holds: the interval lies on the claimed side of 0. does not hold: it lies on the other side, or all of it below
        the smallest difference of interest. cannot tell: neither, too few seeds, or a row is not finished.
    """
    if difference.seeds < min_seeds or lacks or math.isnan(difference.low):
        return CANNOT_TELL
    low, high = (difference.low, difference.high) if claimed > 0 else (-difference.high, -difference.low)
    if low > 0:
        return HOLDS
    return DOES_NOT if high < 0 or high < interest else CANNOT_TELL


def verdict_of_order(differences: Sequence[Interval]) -> str:
    """Verdict on an order ("falls with pose"): every step holds, one step is refuted, or neither can be said."""
    steps = [verdict(step) for step in differences]
    if DOES_NOT in steps:
        return DOES_NOT
    return HOLDS if steps and all(step == HOLDS for step in steps) else CANNOT_TELL


def generator_of(*names: str) -> int:
    """Version of the generator whose faces a table of `results/benchmarks/` was measured on.

    Args:
        names: tables, without `.csv`; those that are shown together must be of one version.

    Raises:
        InputError: a table is not listed in `generators.csv`, or they are of several versions.
    """
    file = paths.project_root() / "results/benchmarks/generators.csv"
    known = pd.read_csv(file).set_index("file")["generator_version"]
    if absent := [name for name in names if name not in known]:
        raise InputError(f"{file.name} does not list {absent[0]!r}. Add a line with the version it was measured on.")
    versions = sorted({int(known[name]) for name in names})
    if len(versions) != 1:
        raise InputError(f"{', '.join(names)} are of generator versions {versions}. Measure the older ones again.")
    return versions[0]


NEAR = 1.25  # an amount holds where the larger of two is at most this many times the smaller (our choice)
BASE = "ViT-B/16, 224 px"
AMOUNTS = {"parameters": ("parameters_percent", "extra_params"), "operations": ("flops_percent", "extra_flops")}


def module_costs() -> pd.DataFrame:
    """Parameters and operations of AHAN by network and module, as counted by `benchmarks/ahan_costs.py`."""
    file = paths.project_root() / "results/benchmarks/ahan_costs.csv"
    return pd.read_csv(file).set_index(["network", "module"])


def added_costs() -> pd.DataFrame:
    """What AHAN adds to its base, published and ours.

    Returns:
        Columns quantity, published, ours (both % of the base), ratio (larger over smaller) and verdict on "as much as
        published", which holds within a factor of `NEAR`.
    """
    costs, rows = module_costs(), []
    for quantity, (ours_in, theirs_in) in AMOUNTS.items():
        ours = float(costs[ours_in][BASE, "AHAN"]) - 100
        theirs = published("ahan", "cost", "ahan_vs_vitb", theirs_in).value
        ratio = max(ours, theirs) / min(ours, theirs)
        rows.append((quantity, theirs, ours, ratio, HOLDS if ratio <= NEAR else DOES_NOT))
    return pd.DataFrame(rows, columns=["quantity", "published", "ours", "ratio", "verdict"])


def free_once_trained() -> tuple[str, str]:
    """Verdict on "TA-PWCA costs nothing at inference", and what was counted.

    It has no parameter, and a network in `eval` mode takes as many operations as its other modules together.
    """
    of = module_costs().loc[BASE]
    parts = ["backbone", "HCA", "FAAM", "head"]
    free = of.loc["TA-PWCA", "parameters"] == 0 and of.loc["AHAN", "flops"] == of.loc[parts, "flops"].sum()
    return HOLDS if free else DOES_NOT, "no parameter; operations of the network are those of its other modules"
