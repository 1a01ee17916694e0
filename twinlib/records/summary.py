"""Tables of the chapters: published values beside ours, differences with their verdicts, each cue by itself."""

from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np
import pandas as pd

from twinlib.errors import InputError
from twinlib.measure.checks import MIN_FALSE_ACCEPTS
from twinlib.measure.multiple import POWER, holm, smallest_shown
from twinlib.records.comparison import over_seeds, paired_difference, stored
from twinlib.records.finished import unfinished
from twinlib.records.published import Published, published
from twinlib.records.runs import Run
from twinlib.records.tables import Table

Rows = Mapping[str, Sequence[Run]]  # label of a row → its runs, one a seed
Theirs = Callable[[str, str], Published | None]  # label and quantity → what the paper prints

AUCS = {"twin AUC": ("twin", "auc"), "general AUC": ("general", "auc")}
MAIN = {  # shown name → protocol and metric of ours; table (None: the system's own) and column of the paper
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
ABLATION = {  # label → row of the paper's ablation; None: a combination it does not print
    "plain ViT, class token": "vitb",
    "+ HCA": "+hca",
    "+ FAAM": "+faam",
    "+ TA-PWCA": "+tapwca",
    "+ HCA + FAAM": "+hca+faam",
    "+ HCA + TA-PWCA": "+hca+tapwca",
    "+ FAAM + TA-PWCA": None,
    "AHAN (all three)": "ahan",
}
ABLATED = {  # shown name → protocol and metric of ours, column of the paper
    "hard twin accuracy": ("hard_twin", "balanced_accuracy", "hard_twin_acc"),
    "twin accuracy": ("twin", "balanced_accuracy", "twin_acc"),
    "twin AUC": ("twin", "auc", None),
}
CUES = {  # what twins differ in → protocol
    "all cues, visible": "twin",
    "all cues, weaker": "twin@study2-default",
    "marks alone": "twin@study2-marks",
    "asymmetry alone": "twin@study2-asymmetry",
    "nothing (control)": "twin@study2-nothing",
}


def value_table(
    title: str,
    rows: Rows,
    quantities: Mapping[str, tuple[object, ...]],
    profile: str,
    theirs: Theirs = lambda label, quantity: None,
    dataset: str | None = None,
    draws: int | None = None,
) -> Table:
    """A line for each row and quantity that has a value of ours or a published one.

    Args:
        title: of the table.
        rows: label → runs, one a seed; in the order shown.
        quantities: shown name → protocol and metric, and what `theirs` needs.
        profile: of the runs; under smoke, numbers from few families are printed and flagged.
        theirs: what the paper prints.
        dataset: what ours were measured on; the runs' own by default.
        draws: bootstrap draws; None takes the interval that a single record holds.

    Raises:
        InputError: the runs of a row are not one setting, or scored different pairs.
    """
    made = [runs for runs in rows.values() if runs]
    dataset = dataset or (made[0][0].record["dataset"] if made else "none yet")
    table = Table(title, profile, dataset, flag_small=profile == "smoke")
    for label, runs in rows.items():
        for quantity, (protocol, metric, *_) in quantities.items():
            ours, k = _ours(runs, str(protocol), str(metric), draws)
            if k is not None and k < MIN_FALSE_ACCEPTS and profile != "smoke":
                ours = k = None  # too few false accepts to print; a table refuses them
            if ours is not None or theirs(label, quantity):
                table.add(label, quantity, ours, theirs(label, quantity), k=k)
    return table


def _ours(runs, protocol, metric, draws):
    """The interval and its false accepts, None where there is none."""
    if not runs:
        return None, None
    if draws is not None:
        return over_seeds(runs, protocol, metric, draws), None
    return stored(runs, protocol, metric) or (None, None)


def main_table(rows: Rows, profile: str) -> Table:
    """Published values beside ours, for every system that we ran.

    Args:
        rows: system → our runs, one a seed; those of `PUBLISHED` get its values, others stand below. Systems without
            runs are left to `published_only`.
        profile: of the runs; under smoke, numbers from few families are printed and flagged.

    Raises:
        InputError: no system has runs.
    """
    made = {label: runs for label, runs in rows.items() if runs}
    if not made:
        raise InputError(f"the main table has no run under profile {profile}. Make one with `twinlib run vit`.")
    order = [*(name for name in PUBLISHED if name in made), *(name for name in made if name not in PUBLISHED)]
    return value_table("Main table", {label: made[label] for label in order}, MAIN, profile, published_value)


def ablation_table(rows: Rows, profile: str, draws: int = 2000) -> Table:
    """The paper's ablation beside ours: a line for each combination and quantity.

    Args:
        rows: labels of `ABLATION` → runs; labels that are none of it stand below; rows without runs are left empty.
        profile: of the runs.
        draws: bootstrap draws.
    """
    made = {label: runs for label, runs in rows.items() if runs}
    whole = {label: made.get(label, ()) for label in [*ABLATION, *(name for name in made if name not in ABLATION)]}
    theirs: Theirs = lambda label, quantity: _printed("ablation", ABLATION.get(label), ABLATED[quantity][2])  # noqa: E731
    table = value_table("Ablation", whole, ABLATED, profile, theirs, draws=draws)
    table.unfinished = unfinished(made) if profile != "smoke" else {}
    return table


def published_only(made: Collection[str]) -> pd.DataFrame:
    """What the paper prints for the systems that we have no run of.

    Returns:
        A line for each system not in `made`, a column for each quantity printed of any of them; AUC is a fraction.
    """
    rows = {}
    for label, (network, _, _) in PUBLISHED.items():
        if label not in made:
            found = {name: published_value(label, name) for name in MAIN}
            rows[f"{label}, {network}"] = {
                **{name: value.value / 100 for name, value in found.items() if value and "AUC" in name},
                **{f"{name}, %": value.value for name, value in found.items() if value and "AUC" not in name},
            }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("system").reset_index()


def published_value(label: str, quantity: str) -> Published | None:
    """What the paper prints of a quantity of `MAIN` for a system; None where it prints nothing."""
    _, own, row = PUBLISHED.get(label, ("", "", None))
    _, _, table, column = MAIN[quantity]
    return _printed(table or own, row, column)


def _printed(table: str, row: str | None, column: str | None) -> Published | None:
    if row is None or column is None:
        return None
    try:
        return published("ahan", table, row, column)
    except InputError:  # the paper does not print every quantity for every row
        return None


def difference_table(
    title: str,
    effects: Mapping[str, tuple[str, str]],
    rows: Rows,
    profile: str,
    quantities: Mapping[str, tuple[str, str]] = AUCS,
    together: bool = False,
) -> Table:
    """Differences paired over families and seeds, each with the verdict on "it helps".

    Args:
        title: of the table.
        effects: claim in words → labels of the row with the addition and of the one without; left out where one of
            them has no runs or did not score the protocol.
        rows: label → runs, one a seed.
        profile: of the runs.
        quantities: shown name → protocol and metric.
        together: widen the intervals by Holm's method, so that all claims of the table hold together at 95 %.

    Raises:
        InputError: the runs of a claim have no seed in common or scored different pairs.
    """
    shown = [
        (claim, quantity, added, base, protocol, metric)
        for claim, (added, base) in effects.items()
        for quantity, (protocol, metric) in quantities.items()
        if rows.get(added) and rows.get(base) and protocol in rows[added][0].protocols()
    ]
    made = [runs for runs in rows.values() if runs]
    dataset = made[0][0].record["dataset"] if made else "none yet"
    table = Table(title, profile, dataset, flag_small=profile == "smoke")
    found = [paired_difference(rows[a], rows[b], protocol, metric)[0] for _, _, a, b, protocol, metric in shown]
    lacks = unfinished(rows) if profile != "smoke" else {}
    for (claim, quantity, added, base, *_), difference in zip(shown, holm(found) if together else found, strict=True):
        missing = lacks.get(added) or lacks.get(base, "")
        table.add_claim(claim, f"difference in {quantity}", difference, lacks=missing)
    table.unfinished = {claim: lacks[added] for claim, _, added, *_ in shown if added in lacks}
    if together and found:
        table.remarks.append(f"Intervals are widened by Holm's method over {len(found)} claims.")
    if sizes := [s for one in found if not np.isnan(s := 100 * smallest_shown(one))]:
        ends = f"{min(sizes):.1f} to {max(sizes):.1f}" if len(sizes) > 1 else f"{sizes[0]:.1f}"
        table.remarks.append(
            f"A true difference of {ends} points would have been shown with a chance of {100 * POWER:.0f} %."
        )
    return table


def claims_table(
    rows: Rows, base: str, claims: Mapping[str, str], profile: str, protocol: str = "twin", together: bool = False
) -> Table:
    """`difference_table` of several rows to one, in AUC; claims are words → label.

    Raises:
        InputError: the base has no run.
    """
    if not rows.get(base):
        raise InputError(f"{base!r} has no run to compare with. Make one first, or leave the comparison out.")
    effects = {claim: (label, base) for claim, label in claims.items()}
    return difference_table(f"Differences on {protocol}", effects, rows, profile, {"AUC": (protocol, "auc")}, together)


def cue_table(rows: Rows, draws: int = 2000, cues: Mapping[str, str] = CUES) -> pd.DataFrame:
    """AUC of each row on protocols, `cues` by what they show: twins on each rung of the ladder if not given.

    Returns:
        Columns row, cue, value, low, high, families, seeds; rungs that nobody scored are left out.
    """
    found = []
    for label, runs in rows.items():
        for cue, protocol in cues.items() if runs else ():
            if (i := over_seeds(runs, protocol, "auc", draws)) is not None:
                found.append((label, cue, i.value, i.low, i.high, i.families, i.seeds))
    return pd.DataFrame(found, columns=["row", "cue", "value", "low", "high", "families", "seeds"])
