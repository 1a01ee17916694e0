"""The first table of the report: published values beside ours, and the published rows that we have no run of."""

from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from twinlib.errors import InputError
from twinlib.measure.bootstrap import Interval
from twinlib.measure.checks import MIN_FALSE_ACCEPTS
from twinlib.measure.interval import metric_of
from twinlib.records.ablation import over_seeds
from twinlib.records.published import Published, published
from twinlib.records.runs import Run
from twinlib.records.tables import Table

QUANTITIES = {  # shown name → protocol and metric of ours; table (None: the system's own) and column of the paper
    "twin accuracy": ("twin", "balanced_accuracy", None, "twin_acc"),
    "twin AUC": ("twin", "auc", None, "twin_auc"),
    "twin TAR at FAR 1 %": ("twin", "tar@far=0.01", None, "twin_tar@far=1e-2"),
    "hard twin accuracy": ("hard_twin", "balanced_accuracy", None, "hard_twin_acc"),
    "hard twin AUC": ("hard_twin", "auc", None, "hard_twin_auc"),
    "general accuracy": ("general", "balanced_accuracy", "general", "acc"),
    "general AUC": ("general", "auc", "general", "auc"),
    "general TAR at FAR 1 %": ("general", "tar@far=0.01", "general", "tar@far=1e-2"),
}
PUBLISHED = {  # system → the network the paper printed it for, table and row of paper_values.csv
    "ArcFace": ("IResNet-100", "main", "arcface_r100"),
    "CosFace": ("IResNet-100", "main", "cosface_r100"),
    "AdaFace": ("IR-101", "main", "adaface_ir101"),
    "MagFace": ("IR-100", "main", "magface_ir100"),
    "TransFace": ("ViT-B/16", "main", "transface_vitb16"),
    "TransFG": ("ViT-B/16", "main", "transfg_vitb16"),
    "AHAN": ("ViT-B/16", "main", "ahan_vitb16"),
    "plain ViT, class token": ("ViT-B/16", "ablation", "vitb"),
}


def interval(run: Run, protocol: str, metric: str) -> tuple[Interval, int | None] | None:
    """A stored value with its interval and, for TAR@FAR, its false accepts; None if the run has no such row."""
    stored = run.metrics()
    rows = stored[(stored["protocol"] == protocol) & (stored["metric"] == str(metric_of(metric)))]
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
    """Published values beside ours, for every system that we ran.

    Args:
        rows: system → our runs, one a seed; those of `PUBLISHED` get its values, others stand below. Systems without
            runs are left to `published_only`.
        profile: of the runs; under smoke, numbers from few families are printed and flagged.

    Returns:
        A table with a line for each system and quantity that has a value of ours or a published one.

    Raises:
        InputError: no system has runs.
    """
    made = {label: runs for label, runs in rows.items() if runs}
    if not made:
        raise InputError(f"the main table has no run under profile {profile}. Make one with `twinlib run vit`.")
    dataset = next(iter(made.values()))[0].record["dataset"]
    table = Table("Main table", profile, dataset, flag_small=profile == "smoke")
    for label in [*(name for name in PUBLISHED if name in made), *(name for name in made if name not in PUBLISHED)]:
        for quantity, (protocol, metric, _, _) in QUANTITIES.items():
            theirs = published_value(label, quantity)
            ours = interval_over(made[label], protocol, metric)
            if ours is not None and ours[1] is not None and ours[1] < MIN_FALSE_ACCEPTS and profile != "smoke":
                ours = None  # too few false accepts to print; a table refuses them
            if theirs or ours:
                table.add(label, quantity, ours[0] if ours else None, theirs, k=ours[1] if ours else None)
    return table


def published_only(made: Collection[str]) -> pd.DataFrame:
    """What the paper prints for the systems that we have no run of.

    Args:
        made: systems with runs of ours.

    Returns:
        A line for each of the others, a column for each quantity that the paper prints of any of them; AUC is a
        fraction.
    """
    rows = {}
    for label, (network, _, _) in PUBLISHED.items():
        if label not in made:
            found = {name: published_value(label, name) for name in QUANTITIES}
            rows[f"{label}, {network}"] = {
                **{name: value.value / 100 for name, value in found.items() if value and "AUC" in name},
                **{f"{name}, %": value.value for name, value in found.items() if value and "AUC" not in name},
            }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("system").reset_index()


def published_value(label: str, quantity: str) -> Published | None:
    """What the paper prints for a system; None where it prints nothing.

    Args:
        label: system, one of `PUBLISHED` or another.
        quantity: one of `QUANTITIES`.
    """
    if label not in PUBLISHED:
        return None
    (_, own, row), (_, _, table, column) = PUBLISHED[label], QUANTITIES[quantity]
    try:
        return published("ahan", table or own, row, column)
    except InputError:  # the paper does not print every quantity for every row
        return None
