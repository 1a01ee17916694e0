"""Rows of an ablation, cue by cue."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from twinlib.errors import InputError
from twinlib.figures.style import MUTED, PALETTE, figure
from twinlib.measure.interval import ends


def cue_plot(table: pd.DataFrame) -> tuple[Figure, str]:
    """Twin AUC of every row on every cue: a panel a cue, a line a row, chance marked.

    Args:
        table: of `evaluate.study.cue_table`.

    Returns:
        The figure and its alternative text.

    Raises:
        InputError: the table is empty.
    """
    if table.empty:
        raise InputError("no row was scored on the ladder; nothing to draw.")
    rows, cues = (list(dict.fromkeys(table[name])) for name in ("row", "cue"))
    fig, axes = figure(2.0 + 1.5 * len(cues), 1.0 + 0.32 * len(rows), columns=len(cues))
    panels = np.atleast_1d(axes)
    limits = (min(0.48, table["low"].min()) - 0.01, max(0.52, table["high"].max()) + 0.01)
    for ax, cue in zip(panels, cues, strict=True):
        part = table[table["cue"] == cue].set_index("row")
        for y, row in enumerate(reversed(rows)):
            if row in part.index:
                value, low, high = part.loc[row, ["value", "low", "high"]]
                colour = PALETTE[0] if low > 0.5 else MUTED
                ax.plot([low, high], [y, y], color=colour, solid_capstyle="butt")
                ax.plot(value, y, "o", color=colour, markersize=5)
        ax.axvline(0.5, color=MUTED, linewidth=1)
        ax.set_title(cue, fontsize="small")
        ax.grid(axis="y", visible=False)
        ax.set(xlim=limits, ylim=(-0.6, len(rows) - 0.4))
        ax.set_yticks(range(len(rows)), list(reversed(rows)) if ax is panels[0] else [""] * len(rows))
    fig.supxlabel("twin AUC (0.5 is chance)", fontsize="small")
    said = [f"{r.cue}, {r.row}: {r.value:.3f} [{ends(r.low, r.high, '.3f')}]" for r in table.itertuples()]
    return fig, f"Twin AUC with 95 % intervals, by what twins differ in. {'; '.join(said)}."
