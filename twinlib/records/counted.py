"""Claims that are counted, not measured on pairs: what AHAN costs, and what TA-PWCA costs once training is over."""

import pandas as pd

from twinlib import paths
from twinlib.records.published import DOES_NOT, HOLDS, published

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
    whole, rows = module_costs().loc[(BASE, "AHAN")], []
    for quantity, (ours_in, theirs_in) in AMOUNTS.items():
        ours = float(whole[ours_in]) - 100
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
