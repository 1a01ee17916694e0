"""Tables of the comparison chapters: our records of a peer, and what a peer's addition changes."""

from collections.abc import Mapping, Sequence

import pandas as pd

from twinlib.records.comparison import paired_difference
from twinlib.records.published import CANNOT_TELL, HOLDS
from twinlib.records.runs import Run
from twinlib.records.summary import interval
from twinlib.records.tables import NOT_REPRODUCED, Table

QUANTITIES = {"twin AUC": ("twin", "auc"), "general AUC": ("general", "auc")}


def own_table(title: str, runs: Mapping[str, Run], profile: str, dataset: str) -> Table:
    """AUC among twins and among strangers of every record, with its interval over families.

    Args:
        title: of the table.
        runs: label → record.
        profile: of the records; under smoke numbers from few families are flagged.
        dataset: what they were measured on.
    """
    table = Table(title, profile, dataset, flag_small=profile == "smoke")
    for label, run in runs.items():
        for quantity, (protocol, metric) in QUANTITIES.items():
            if (found := interval(run, protocol, metric)) is not None:
                table.add(label, quantity, found[0])
    return table


def effect_table(
    title: str, effects: Mapping[str, tuple[str, str]], runs: Mapping[str, Run], profile: str, dataset: str
) -> Table:
    """Paired differences, among twins and among strangers, each with the verdict on "it helps".

    Args:
        title: of the table.
        effects: claim → labels of the record with the addition and of the one without; left out where one is missing.
        runs: label → record.
        profile: of the records.
        dataset: what they were measured on.
    """
    table = Table(title, profile, dataset, flag_small=profile == "smoke")
    for claim, (added, base) in effects.items():
        if added in runs and base in runs:
            for quantity, (protocol, metric) in QUANTITIES.items():
                difference, _, _ = paired_difference([runs[added]], [runs[base]], protocol, metric)
                table.add_claim(claim, f"difference in {quantity}", difference)
    return table


def word(holds: bool | None) -> str:
    """Verdict on a claim that needs no training to be judged; None where the evidence leaves it open."""
    return CANNOT_TELL if holds is None else HOLDS if holds else NOT_REPRODUCED


def claims_frame(rows: Sequence[tuple[str, str, str]]) -> pd.DataFrame:
    """Claims, what was measured on each, and the verdict."""
    return pd.DataFrame(rows, columns=["claim", "measured", "verdict"])
