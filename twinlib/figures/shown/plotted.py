"""The data that a figure plots, read off the figure: one table for any drawing, for a reader who wants the numbers."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import Collection, LineCollection, PathCollection, PolyCollection
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D

COLUMNS = ["panel", "drawn", "series", "x", "y", "value"]
CELLS = 4096  # of an image; one with more is a picture, a map over a face, not a table of numbers
GREY = 2  # dimensions of an image whose numbers are values; a colour picture has three


def plotted(fig: Figure) -> pd.DataFrame:
    """Every point, bar and cell of a figure.

    Args:
        fig: any figure.

    Returns:
        Columns panel (title of the axes, else their number), drawn (line, points, bar, segment, outline, cell), series
        (label of the legend, else a number), x, y, value (of a cell). Where an axis has names for its places, the name
        replaces the number. Empty for a sheet of pictures; an image of more than `CELLS` cells is left out.
    """
    rows = [row for number, ax in enumerate(fig.axes, 1) for row in _axes(ax, number)]
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.drop(columns="value") if len(table) and table["value"].isna().all() else table


def _axes(ax: Axes, number: int) -> Iterator[tuple]:
    panel = ax.get_title(loc="left") or ax.get_title() or number
    places = [_names(ax.xaxis), _names(ax.yaxis)]
    for drawn, series, points, values in _drawn(ax):
        for (x, y), value in zip(points, values, strict=True):
            if np.isfinite([x, y]).all():
                yield panel, drawn, series, places[0].get(x, x), places[1].get(y, y), value


def _drawn(ax: Axes) -> Iterator[tuple]:
    """What is drawn, label, points [n, 2], values [n]."""
    count = 0
    bars = [patch for group in ax.containers if isinstance(group, BarContainer) for patch in group.patches]
    if bars:
        points = [(bar.get_x() + bar.get_width() / 2, bar.get_y() + bar.get_height()) for bar in bars]
        yield "bar", "", points, [np.nan] * len(points)
    for artist in ax.get_children():
        count += 1
        label = str(artist.get_label())
        series = count if label.startswith("_") or not label else label
        if isinstance(artist, Line2D) and artist.get_transform().contains_branch(ax.transData):
            points = np.asarray(artist.get_xydata(), float)
            yield "line", series, points, [np.nan] * len(points)
        elif isinstance(artist, LineCollection):
            points = [point for segment in artist.get_segments() for point in np.asarray(segment, float)]
            yield "segment", series, points, [np.nan] * len(points)
        elif isinstance(artist, PolyCollection):  # histograms are filled outlines
            points = [point for path in artist.get_paths() for point in np.asarray(path.vertices, float)]
            yield "outline", series, points, [np.nan] * len(points)
        elif isinstance(artist, PathCollection):
            points = np.ma.filled(np.ma.asarray(artist.get_offsets(), float), np.nan)
            yield "points", series, points, [np.nan] * len(points)
        elif isinstance(artist, Collection | AxesImage) and np.asarray(artist.get_array()).ndim == GREY:
            grid = np.ma.filled(np.ma.asarray(artist.get_array(), float), np.nan)
            if grid.size > CELLS:
                continue
            cells = [(column, row) for row in range(grid.shape[0]) for column in range(grid.shape[1])]
            yield "cell", series, cells, [round(float(grid[row, column]), 6) for column, row in cells]


def _names(axis: Axis) -> dict[float, str]:
    """Place → name, where the ticks of an axis are words."""
    ticks = dict(
        zip(map(float, axis.get_ticklocs()), (text.get_text() for text in axis.get_ticklabels()), strict=False)
    )
    words = {place: text for place, text in ticks.items() if text}
    return words if any(_is_word(text) for text in words.values()) else {}


def _is_word(text: str) -> bool:
    """Whether a label says more than a number; mathematics, as powers of ten on a logarithmic axis, is a number."""
    return not text.startswith("$") and any(letter.isalpha() for letter in text)
