"""Measured values with their intervals, one line each."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from twinlib.errors import InputError
from twinlib.figures.style import MUTED, PALETTE, figure


def auc_lines(table: pd.DataFrame, line: str, colour: str, what: str, width: float = 7.5) -> tuple[Figure, str]:
    """AUCs with intervals: a line of the figure per value of one column, a colour per value of another.

    Args:
        table: columns auc, auc_low, auc_high, `line` and `colour`; at most one row for each combination.
        line: column whose values stand on the left, in order of appearance.
        colour: column whose values get a colour each, at most six.
        what: what is shown, for the alternative text.
        width: of the figure, inches.

    Returns:
        The figure and its alternative text; chance is a dashed line.

    Raises:
        InputError: if a column is missing, a combination occurs twice or there are more values than colours.
    """
    if missing := {line, colour, "auc", "auc_low", "auc_high"} - set(table):
        raise InputError(f"auc_lines needs the columns {sorted(missing)}, which the table lacks.")
    lines, colours = list(dict.fromkeys(table[line])), list(dict.fromkeys(table[colour]))
    if len(colours) > len(PALETTE) or table.duplicated([line, colour]).any():
        raise InputError(f"auc_lines draws one row per {line} and {colour} and at most {len(PALETTE)} colours.")
    fig, ax = figure(width, 0.16 * len(lines) * (len(colours) + 1) + 1.0)
    for i, name in enumerate(colours):
        part = table[table[colour] == name]
        y = [lines.index(value) + 0.8 * (i + 0.5) / len(colours) - 0.4 for value in part[line]]
        ends = np.abs(part[["auc_low", "auc_high"]].to_numpy().T - part["auc"].to_numpy())
        ax.errorbar(part["auc"], y, xerr=ends, fmt="o", markersize=4, color=PALETTE[i], label=str(name))
    ax.axvline(0.5, color=MUTED, linestyle="--", linewidth=1)
    ax.set(yticks=range(len(lines)), xlabel="AUC")
    ax.set_yticklabels(lines)
    ax.invert_yaxis()
    fig.legend(loc="outside upper left", ncols=3)
    said = "; ".join(f"{row[line]}, {row[colour]}: {row['auc']:.3f}" for _, row in table.iterrows())
    return fig, f"{what}. {said}."
