"""The first table of the report: every published row, and ours where a run stands for it."""

from collections.abc import Mapping, Sequence

import pandas as pd

from twinlib.errors import InputError
from twinlib.evaluate.bootstrap import Interval
from twinlib.evaluate.published import Published, published
from twinlib.evaluate.runs import Run
from twinlib.evaluate.study import over_seeds
from twinlib.evaluate.tables import Table

QUANTITIES = {  # shown name → protocol and metric of ours, column of the published table
    "twin accuracy": ("twin", "balanced_accuracy", "twin_acc"),
    "hard twin accuracy": ("hard_twin", "balanced_accuracy", "hard_twin_acc"),
    "twin AUC": ("twin", "auc", "twin_auc"),
    "twin TAR at FAR 1 %": ("twin", "tar@far=0.01", "twin_tar@far=1e-2"),
    "general AUC": ("general", "auc", "auc"),
}
PUBLISHED = {  # label → table and row of paper_values.csv
    "ArcFace, IResNet-100": ("main", "arcface_r100"),
    "CosFace, IResNet-100": ("main", "cosface_r100"),
    "AdaFace, IR-101": ("main", "adaface_ir101"),
    "MagFace, IR-100": ("main", "magface_ir100"),
    "TransFace, ViT-B/16": ("main", "transface_vitb16"),
    "TransFG, ViT-B/16": ("main", "transfg_vitb16"),
    "AHAN, ViT-B/16": ("main", "ahan_vitb16"),
    "plain ViT, class token": ("ablation", "vitb"),
}


def interval(run: Run, protocol: str, metric: str) -> tuple[Interval, int | None] | None:
    """A stored value with its interval and, for TAR@FAR, its false accepts; None if the run has no such row."""
    rows = run.metrics().query("protocol == @protocol and metric == @metric")
    if rows.empty:
        return None
    row = rows.iloc[0]
    k = None if pd.isna(row["k"]) else int(row["k"])
    draws = int(run.record["config"]["evaluate"]["draws"])
    return Interval(float(row["value"]), float(row["low"]), float(row["high"]), int(row["families"]), draws=draws), k


def interval_over(runs: Sequence[Run], protocol: str, metric: str) -> tuple[Interval, int | None] | None:
    """The same over seeds: mean, interval over families and seeds, fewest false accepts of a seed.

    Raises:
        InputError: no run, or the runs scored different pairs.
    """
    stored = [interval(run, protocol, metric) for run in runs]
    if None in stored or len(stored) == 1:
        return None if None in stored else stored[0]
    value = over_seeds(runs, protocol, metric, stored[0][0].draws)  # type: ignore[index]
    accepts = [k for _, k in stored if k is not None]  # type: ignore[misc]
    return None if value is None else (value, min(accepts, default=None))


def main_table(rows: Mapping[str, Sequence[Run]], profile: str) -> Table:
    """Published values beside ours.

    Args:
        rows: label of a row → our runs, one a seed; labels of `PUBLISHED` fill that row, others stand below.
        profile: of the runs; under smoke, numbers from few families are printed and flagged.

    Returns:
        A table with a line per row and quantity that has a published value or one of ours. Nothing stands where
        nothing was run.
    """
    dataset = next(iter(rows.values()))[0].record["dataset"]
    table = Table("Main table", profile, dataset, flag_small=profile == "smoke")
    for label in [*PUBLISHED, *(name for name in rows if name not in PUBLISHED)]:
        for quantity, (protocol, metric, column) in QUANTITIES.items():
            theirs = _published(label, column)
            ours = interval_over(rows[label], protocol, metric) if label in rows else None
            if ours is not None and ours[1] is not None and ours[1] < 10 and profile != "smoke":
                ours = None  # too few false accepts to print; a table refuses them
            if theirs or ours:
                table.add(label, quantity, ours[0] if ours else None, theirs, k=ours[1] if ours else None)
    return table


def _published(label: str, column: str) -> Published | None:
    if label not in PUBLISHED:
        return None
    try:
        return published("ahan", *PUBLISHED[label], column)
    except InputError:  # the paper does not print every quantity for every row
        return None
