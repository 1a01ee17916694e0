"""AUC by bins of a nuisance factor, with the limits that the paper names."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from twinlib.errors import InputError
from twinlib.figures.style import MUTED, PALETTE, figure
from twinlib.records.by_factor import FACTORS

MARKERS = "osD^v"


def auc_by_factor(tables: Mapping[str, Mapping[str, pd.DataFrame]]) -> tuple[Figure, str]:
    """Twin AUC over the bins of each factor, a panel a factor, a line a system.

    Args:
        tables: name of a factor → name of a system → table of `by_factor`.

    Raises:
        InputError: no factor.
    """
    if not tables:
        raise InputError("auc_by_factor: give at least one factor.")
    fig, axes = figure(9.4, 3.9, columns=len(tables))
    axes, said = np.atleast_1d(axes), []
    for ax, (name, systems) in zip(axes, tables.items(), strict=True):
        for i, (system, table) in enumerate(systems.items()):
            x = np.arange(len(table)) + 0.14 * (i - (len(systems) - 1) / 2)
            drawn = table["auc"].notna().to_numpy()
            ends = np.abs(table[["auc_low", "auc_high"]].to_numpy() - table[["auc"]].to_numpy()).T
            ends = np.nan_to_num(ends)[:, drawn]
            ax.errorbar(x[drawn], table["auc"][drawn], yerr=ends, fmt=f"{MARKERS[i % 5]}-", color=PALETTE[i % 6],
                        capsize=2, markersize=5, linewidth=1.2, label=system)  # fmt: skip
            seen = [f"{low:g}–{high:g} {a:.2f}" for low, high, a in table[["low", "high", "auc"]].to_numpy() if a == a]
            said.append(f"{name}, {system}: {', '.join(seen) or 'no bin with enough pairs'}")
        bins = next(iter(systems.values()))
        ax.axhline(0.5, color=MUTED, linestyle=":", linewidth=1)
        beyond = int((bins["low"] < FACTORS[name].limit).sum()) - 0.5
        if beyond < len(bins) - 0.5:
            ax.axvline(beyond, color=MUTED, linestyle="--", linewidth=1)
        labels = [f"{low:g}–{high:g}" for low, high in bins[["low", "high"]].to_numpy()]
        ax.set_xticks(range(len(bins)), labels, rotation=35, ha="right")
        ax.set(title=name, xlabel=FACTORS[name].label, ylim=(0.2, 1.02), xlim=(-0.6, len(bins) - 0.4))
    axes[0].set_ylabel("twin AUC")
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return fig, f"Twin AUC by bin; the dashed line is the paper's limit. {'; '.join(said)}."
