"""One look for every figure: sizes, colours, fonts, and a panel that reads the same on light and dark pages."""

import matplotlib as mpl
import numpy as np
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

# DejaVu Sans comes inside matplotlib, so a figure looks the same on every machine.
STYLE: dict[str, object] = {
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


def figure(
    width: float | int = 6.4, height: float | int = 4.0, rows: int = 1, columns: int = 1
) -> tuple[Figure, Axes | np.ndarray]:
    """An empty figure in the project's style, drawn without a display.

    Args:
        width: inches, of the whole figure; a text column of the book is about 7.5 wide.
        height: inches, of the whole figure.
        rows: rows of axes.
        columns: columns of axes.

    Returns:
        The figure and its axes: one `Axes`, an array of them if there is one row or one column, else [rows, columns].
    """
    # For the whole process: matplotlib looks much of the style up only when a legend or a title is made.
    mpl.rcParams.update(STYLE | {"axes.prop_cycle": mpl.cycler(color=PALETTE)})
    # Not pyplot: its list of open figures would keep every figure of a long chapter in memory.
    fig = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(fig)
    return fig, fig.subplots(rows, columns)
