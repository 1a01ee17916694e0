"""Curves of a training run."""

import pandas as pd
from matplotlib.figure import Figure

from twinlib.errors import InputError
from twinlib.figures.style import PALETTE, figure

PANELS = {"loss": "training loss", "accuracy": "right class in the batch, share"}


def training_curves(histories: dict[str, pd.DataFrame]) -> tuple[Figure, str]:
    """Loss and accuracy over the steps, a line a run.

    Args:
        histories: name of the run → its `history.csv` (columns step, loss, accuracy).

    Raises:
        InputError: if a history is empty (a run that trained nothing).
    """
    if empty := [name for name, table in histories.items() if table.empty]:
        raise InputError(f"training_curves: {empty[0]!r} has no history; leave it out.")
    fig, axes = figure(9.0, 3.0, 1, len(PANELS))
    for ax, (column, label) in zip(axes, PANELS.items(), strict=True):
        for color, (name, table) in zip(PALETTE, histories.items(), strict=False):
            marker = "o" if len(table) < 5 else None  # a line of one point is invisible
            ax.plot(table["step"], table[column], color=color, label=name, marker=marker)
        ax.set(xlabel="step", ylabel=label)
    axes[0].legend()
    ends = "; ".join(
        f"{name} ends at loss {t['loss'].iloc[-1]:.2f} and accuracy {t['accuracy'].iloc[-1]:.2f}"
        for name, t in histories.items()
    )
    return fig, f"Training loss and accuracy over the steps: {ends}."
