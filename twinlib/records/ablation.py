"""Several seeds of several rows: values over families and seeds, the ablation's table, and each cue by itself."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from twinlib.errors import InputError
from twinlib.measure.bootstrap import Interval, bootstrap_by
from twinlib.measure.multiple import POWER, holm, smallest_shown
from twinlib.records.comparison import paired_difference
from twinlib.records.finished import one_setting, unfinished
from twinlib.records.published import Published, published
from twinlib.records.runs import Run
from twinlib.records.tables import Table

Rows = Mapping[str, Sequence[Run]]  # label of a row → its runs, one a seed

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
QUANTITIES = {  # shown name → protocol and metric of ours, column of the paper
    "hard twin accuracy": ("hard_twin", "balanced_accuracy", "hard_twin_acc"),
    "twin accuracy": ("twin", "balanced_accuracy", "twin_acc"),
    "twin AUC": ("twin", "auc", None),
}
CUES = {  # what twins differ in → protocol
    "all cues, visible": "twin",
    "all cues, weaker": "twin@study-default",
    "shape alone": "twin@study-divergence",
    "marks alone": "twin@study-marks",
    "asymmetry alone": "twin@study-asymmetry",
    "nothing (control)": "twin@study-nothing",
}


def over_seeds(runs: Sequence[Run], protocol: str, metric: str, draws: int = 2000) -> Interval | None:
    """A metric's mean over seeds with its interval over families and seeds.

    Args:
        runs: one a seed, scored on the same pairs.
        protocol: of the scores.
        metric: auc, eer, balanced_accuracy or tar@far=<fraction>.
        draws: bootstrap draws.

    Returns:
        None if a run has no such protocol.

    Raises:
        InputError: no run, runs that are not one row (see `finished.one_setting`), or that scored different pairs.
    """
    if not runs:
        raise InputError(f"no run to take {protocol} {metric} from.")
    runs = one_setting(runs)
    if any(protocol not in run.protocols() for run in runs):
        return None
    tables = [run.scores(protocol) for run in runs]
    for run, table in zip(runs, tables, strict=True):
        if not table[["pair", "split"]].equals(tables[0][["pair", "split"]]):
            raise InputError(f"{run.folder.name} scored other pairs of {protocol} than {runs[0].folder.name}.")
    scores = np.array([table.score for table in tables])
    test, held = (tables[0].split.to_numpy() == name for name in ("test", "validation"))
    return bootstrap_by(tables[0][test], scores[:, test], metric, (tables[0][held], scores[:, held]), draws)


def ablation_table(rows: Rows, profile: str, draws: int = 2000) -> Table:
    """The paper's ablation beside ours: a line a combination and quantity.

    Args:
        rows: labels of `ABLATION` → runs; labels that are none of it stand below; rows without runs are left empty.
        profile: of the runs.
        draws: bootstrap draws.
    """
    made = {label: runs for label, runs in rows.items() if runs}
    dataset = next(iter(made.values()))[0].record["dataset"] if made else "none yet"
    table = Table("Ablation", profile, dataset, flag_small=profile == "smoke")
    for label in [*ABLATION, *(name for name in made if name not in ABLATION)]:
        for quantity, (protocol, metric, column) in QUANTITIES.items():
            theirs = _published(ABLATION.get(label), column)
            ours = over_seeds(made[label], protocol, metric, draws) if label in made else None
            if ours is not None or theirs is not None:
                table.add(label, quantity, ours, theirs)
    table.unfinished = unfinished(made) if profile != "smoke" else {}
    return table


def claims_table(
    rows: Rows, base: str, claims: Mapping[str, str], profile: str, protocol: str = "twin", together: bool = False
) -> Table:
    """Differences in AUC to one row, paired over families and seeds, each with the verdict on "it helps".

    Args:
        rows: label → runs; claims whose row has no runs are left out.
        base: label of the row that the others are compared with.
        claims: claim in words → label of the row it is about.
        profile: of the runs.
        protocol: whose pairs.
        together: widen the intervals by Holm's method, so that all claims of the table together are told at 95 %.

    Raises:
        InputError: the base has no run.
    """
    if not rows.get(base):
        raise InputError(f"{base!r} has no run to compare with. Make one first, or leave the comparison out.")
    table = Table(f"Differences on {protocol}", profile, rows[base][0].record["dataset"], flag_small=profile == "smoke")
    told = {
        claim: label for claim, label in claims.items() if rows.get(label) and protocol in rows[label][0].protocols()
    }
    found = [paired_difference(rows[label], rows[base], protocol, "auc")[0] for label in told.values()]
    lacks = unfinished(rows) if profile != "smoke" else {}
    for (claim, label), difference in zip(told.items(), holm(found) if together else found, strict=True):
        table.add_claim(claim, "difference in AUC", difference, lacks=lacks.get(label) or lacks.get(base, ""))
    table.unfinished = {claim: lacks[label] for claim, label in told.items() if label in lacks}
    if together and found:
        table.remarks.append(f"Intervals are widened by Holm's method over {len(found)} claims.")
    if sizes := [s for one in found if not np.isnan(s := 100 * smallest_shown(one))]:
        ends = f"{min(sizes):.1f} to {max(sizes):.1f}" if len(sizes) > 1 else f"{sizes[0]:.1f}"
        table.remarks.append(
            f"A true difference of {ends} points would have been shown with a chance of {100 * POWER:.0f} %."
        )
    return table


def cue_table(rows: Rows, draws: int = 2000) -> pd.DataFrame:
    """Twin AUC of each row on each rung of the ladder.

    Returns:
        Columns row, cue, value, low, high, families, seeds; rungs that nobody scored are left out.
    """
    found = []
    for label, runs in rows.items():
        for cue, protocol in CUES.items() if runs else ():
            if (i := over_seeds(runs, protocol, "auc", draws)) is not None:
                found.append((label, cue, i.value, i.low, i.high, i.families, i.seeds))
    return pd.DataFrame(found, columns=["row", "cue", "value", "low", "high", "families", "seeds"])


def _published(row: str | None, column: str | None) -> Published | None:
    if row is None or column is None:
        return None
    try:
        return published("ahan", "ablation", row, column)
    except InputError:  # the paper prints twin accuracy for two rows only
        return None
