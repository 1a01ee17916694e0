"""One look for every figure: sizes, colours, fonts, and a panel that reads the same on light and dark pages."""

from typing import Any, cast, overload

import numpy as np
from cycler import cycler
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

# After Okabe & Ito, with lightness spread apart: the four kinds differ for every kind of colour vision (tested).
GENUINE = "#0077BB"  # two images of one person
TWIN = "#D55E00"  # identical twins
SIBLING = "#5B2A86"  # siblings who are not identical twins
STRANGER = "#80868B"  # unrelated people
PALETTE = [GENUINE, TWIN, "#00785A", SIBLING, "#A67C00", STRANGER]
KIND = {"genuine": GENUINE, "twin": TWIN, "sibling": SIBLING, "stranger": STRANGER}

PANEL = "#FBFAF7"  # background of every figure; with TEXT on it 4.5:1 is met whatever the page's own background is
TEXT = "#23272B"
MUTED = "#5A6167"  # ticks and frames
GRID = "#E2DFD8"

# The same colours on dark pages, as light as those are dark; keys are written as SVG writes them.
DARK_PANEL = "#1c2128"
DARK = {
    PANEL: DARK_PANEL, TEXT: "#e6e3dc", MUTED: "#a9b0b7", GRID: "#3a4048", GENUINE: "#58b4f0", TWIN: "#ff8f4a",
    SIBLING: "#bf95ee", STRANGER: "#a3a9ae", "#00785A": "#35c79c", "#A67C00": "#e0b43c", "#000000": "#e6e3dc",
}  # fmt: skip
DARK = {light.lower(): dark for light, dark in DARK.items()}

# DejaVu Sans comes inside matplotlib, so a figure looks the same on every machine.
STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 10.0,
    "axes.titlesize": 11.0,
    "axes.titlelocation": "left",
    "axes.labelsize": 10.0,
    "xtick.labelsize": 9.0,
    "ytick.labelsize": 9.0,
    "legend.fontsize": 9.0,
    "legend.frameon": False,
    "figure.facecolor": PANEL,
    "savefig.facecolor": PANEL,
    "axes.facecolor": PANEL,
    "text.color": TEXT,
    "axes.labelcolor": TEXT,
    "axes.titlecolor": TEXT,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": TEXT,
    "ytick.labelcolor": TEXT,
    "axes.edgecolor": MUTED,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "lines.linewidth": 1.8,
    "svg.hashsalt": "twinlib",  # element names do not change from run to run
}


@overload
def figure(width: float | int = 6.4, height: float | int = 4.0) -> tuple[Figure, Axes]: ...


@overload
def figure(width: float | int, height: float | int, rows: int = 1, columns: int = 1) -> tuple[Figure, np.ndarray]: ...


def figure(
    width: float | int = 6.4, height: float | int = 4.0, rows: int | None = None, columns: int | None = None
) -> tuple[Figure, Axes | np.ndarray]:
    """An empty figure in the project's style, drawn without a display.

    Args:
        width: inches, of the whole figure; a text column of the book is about 7.5 wide.
        height: inches, of the whole figure.
        rows: rows of axes.
        columns: columns of axes.

    Returns:
        The figure and its axes: one `Axes` where no number of them is given, an array of them for one row or one
        column, else [rows, columns].
    """
    # For the whole process: matplotlib looks much of the style up only when a legend or a title is made.
    rcParams.update(cast("dict[Any, Any]", STYLE | {"axes.prop_cycle": cycler(color=PALETTE)}))
    # Not pyplot: its list of open figures would keep every figure of a long chapter in memory.
    fig = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(fig)
    if rows is None and columns is None:
        return fig, fig.subplots()
    axes = fig.subplots(rows or 1, columns or 1, squeeze=False)
    return fig, axes.ravel() if 1 in axes.shape else axes
