"""Recorded audits side by side, and whether a figure on rendered faces predicts the one on real faces."""

import math
from itertools import permutations
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtri
from scipy.stats import rankdata

from twinlib import files
from twinlib.arrays import Column, numbers, one_length
from twinlib.errors import InputError

REAL = "real.json"  # figures of the same recognisers on real faces, beside the audits
CANNOT_TELL = "cannot tell"
MOST = 8  # recognisers of which every order is tried
# Figure on rendered faces -> figure on real ones, larger = worse in both.
PREDICTS = {
    "FNMR at FMR 0.01 of strangers -> LFW, FNMR at FMR 0.01": ("fnmr", "lfw_fnmr"),
    "FMR of siblings there -> 21 pairs of siblings, passed": ("sibling", "kin_sibling"),
    "1 - AUC against siblings -> the same pairs, 1 - AUC": ("sibling_auc", "kin_sibling_auc"),
    "FMR of twins there -> 3 pairs of twins, passed": ("twin", "kin_twin"),
}


class RankCorrelation(NamedTuple):
    """Spearman's rank correlation.

    Attributes:
        rho: in [-1, 1]; NaN where all values of one side are equal.
        low, high: 95 % interval by Fisher's transformation; [-1, 1] for three values or fewer.
        p: share of all orders with a correlation at least as far from 0.
    """

    rho: float
    low: float
    high: float
    p: float


def recorded(folder: Path) -> dict[str, dict]:
    """Reports of a folder by name, without `REAL`.

    Raises:
        InputError: there is none.
    """
    found = {file.stem: files.read_json(file) for file in sorted(folder.glob("*.json")) if file.name != REAL}
    if not found:
        raise InputError(f"{folder} holds no report. Write some: python -m benchmarks.audit_recognisers")
    return found


def at(report: dict, fmr: float) -> dict:
    """The row of a report at an FMR of strangers.

    Raises:
        InputError: there is none.
    """
    for row in report["rates"]:
        if math.isclose(row["fmr"], fmr):
            return row
    raise InputError(f"the report of {report['name']} has no rates at FMR {fmr:g}. Audit it again.")


def rates_table(reports: dict[str, dict], fmr: float) -> pd.DataFrame:
    """One row for each recogniser: mean score of strangers, AUC against twins, both error rates with intervals."""
    rows = []
    for name, report in reports.items():
        row = at(report, fmr)
        rates = {"FNMR": "genuine", "look-alikes": "alike", "siblings": "sibling", "twins": "twin"}
        shown = {label: _shown(row[kind]) for label, kind in rates.items()}
        values = {"strangers' mean": report["shift"]["stranger"]["mean"], "AUC twins": report["auc"]["twin"]}
        rounded = {label: round(value, 3) for label, value in (values | {"threshold": row["threshold"]}).items()}
        rows.append({"recogniser": name} | rounded | shown)
    return pd.DataFrame(rows)


def causes_table(reports: dict[str, dict]) -> pd.DataFrame:
    """Share of twins that pass: one column for each recogniser, one row for each cause of difference."""
    columns = {name: {row["label"]: _shown(row["twins_fmr"]) for row in r["causes"]} for name, r in reports.items()}
    return pd.DataFrame(columns).rename_axis("twins differ in").reset_index()


def predictions(reports: dict[str, dict], real: dict[str, dict]) -> pd.DataFrame:
    """Whether recognisers keep their order from rendered to real faces: one row for each pair of figures."""
    names, rows = [name for name in reports if name in real], []
    for label, (ours, theirs) in PREDICTS.items():
        x = [_rendered(reports[name], ours) for name in names]
        y = [_real(real[name], theirs) for name in names]
        found = rank_correlation(x, y)
        known = not math.isnan(found.rho) and found.p <= 0.05
        verdict = ("same order" if found.rho > 0 else "opposite order") if known else CANNOT_TELL
        ends = "" if math.isnan(found.rho) else f"{found.low:.2f} to {found.high:.2f}"
        rows.append({"rendered -> real": label, "recognisers": len(names), "rank correlation": round(found.rho, 2),
                     "95 % interval": ends, "p": round(found.p, 2), "does it predict?": verdict})  # fmt: skip
    return pd.DataFrame(rows)


def rank_correlation(x: Column, y: Column) -> RankCorrelation:
    """Spearman's rank correlation of a few values, with the exact permutation test.

    Args:
        x: 2 to 8 values.
        y: as many, in the same order.

    Raises:
        InputError: other lengths, NaN, or too many values to try all orders.
    """
    a, b = numbers(x, "x"), numbers(y, "y")
    n = one_length(x=a, y=b)
    if not 2 <= n <= MOST:
        raise InputError(f"a rank correlation wants 2 to {MOST} values; found {n}. Take fewer.")
    ranks_a, ranks_b = rankdata(a), rankdata(b)
    if len(set(ranks_a)) == 1 or len(set(ranks_b)) == 1:
        return RankCorrelation(math.nan, -1.0, 1.0, 1.0)
    rho = float(np.corrcoef(ranks_a, ranks_b)[0, 1])
    centred = ranks_a - ranks_a.mean()
    orders = np.array(list(permutations(ranks_b - ranks_b.mean())))
    p = float(np.mean(abs(orders @ centred) >= abs(centred @ (ranks_b - ranks_b.mean())) - 1e-9))
    if n <= 3:
        return RankCorrelation(rho, -1.0, 1.0, p)
    half = float(ndtri(0.975)) * math.sqrt(1.06 / (n - 3))  # Fieller, Hartley and Pearson 1957
    z = math.atanh(np.clip(rho, -1 + 1e-12, 1 - 1e-12))
    return RankCorrelation(rho, math.tanh(z - half), math.tanh(z + half), p)


def _rendered(report: dict, figure: str) -> float:
    row = at(report, 0.01)
    if figure == "sibling_auc":
        return 1 - report["auc"]["sibling"]
    return row["genuine" if figure == "fnmr" else figure]["value"]


def _real(row: dict, figure: str) -> float:
    if figure == "kin_sibling_auc":
        return 1 - row[figure]
    return row[figure]["value"] if isinstance(row[figure], dict) else row[figure]


def _shown(rate: dict) -> str:
    return f"{rate['value']:.1%} [{rate['low']:.1%}, {rate['high']:.1%}]"
