"""Plain drawings that several chapters share: lines, histograms, intervals, maps beside pictures."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float
from matplotlib.figure import Figure

from twinlib.errors import InputError
from twinlib.figures import drawn
from twinlib.figures.style import MUTED, PALETTE, figure


def lines(
    curves: Mapping[str, tuple[Sequence, Sequence]],
    x: str,
    y: str,
    what: str,
    *,
    log: bool = False,
    reference: float | None = None,
) -> tuple[Figure, str]:
    """Curves over a common axis, each with its points.

    Args:
        curves: name → places and values.
        x: label of the axis.
        y: label of the values.
        what: what is shown, for the alternative text, which also says where each curve begins and ends.
        log: logarithmic horizontal axis.
        reference: a horizontal line, e.g. chance.

    Raises:
        InputError: no curve, or one without points.
    """
    if not curves or any(not len(places) for places, _ in curves.values()):
        raise InputError("lines: give at least one curve, each with at least one point.")
    fig, ax = figure(6.4, 3.4)
    for color, (name, (places, values)) in zip(_colours(len(curves)), curves.items(), strict=True):
        drawn.curve(ax, places, values, color=color, marker="o", markersize=3.5, markeredgewidth=0, label=name)
    if reference is not None:
        ax.axhline(reference, color=MUTED, linestyle=":", linewidth=1.2)
    if log:
        ax.set_xscale("log")
    ax.set(xlabel=x, ylabel=y)
    if len(curves) > 1:
        ax.legend()
    ends = "; ".join(f"{name} goes from {v[0]:.3g} to {v[-1]:.3g}" for name, (_, v) in curves.items())
    return fig, f"{what}. Over {x}: {ends}."


def panels(
    curves: Mapping[str, Mapping[str, tuple[Sequence, Sequence]]], x: str, y: str, what: str, *, log: bool = False
) -> tuple[Figure, str]:
    """Small multiples: a panel each, curves of one name in one colour, one legend, one scale.

    Args:
        curves: title of a panel → name of a curve → places and values.
        x: label of the axes.
        y: label of the values.
        what: what is shown, for the alternative text, which also says where each curve begins and ends.
        log: logarithmic values.

    Raises:
        InputError: no panel, or one without curves.
    """
    if not curves or not all(curves.values()):
        raise InputError("panels: give at least one panel, each with at least one curve.")
    names = list(dict.fromkeys(name for panel in curves.values() for name in panel))
    colour = dict(zip(names, _colours(len(names)), strict=True))
    fig, axes = figure(min(2.5 * len(curves) + 0.8, 9.6), 3.3, 1, len(curves))
    said = []
    for k, (ax, (title, panel)) in enumerate(zip(axes, curves.items(), strict=True)):
        for name, (places, values) in panel.items():
            style = {"color": colour[name], "marker": "o", "markersize": 2.5, "markeredgewidth": 0}
            drawn.curve(ax, places, values, label=name, **style)
            said.append(f"{title}, {name} from {values[0]:.3g} to {values[-1]:.3g}")
        ax.set(title=title, xlabel=x, ylabel="" if k else y, yscale="log" if log else "linear")
        ax.sharey(axes[0])
        ax.tick_params(labelleft=not k)
    known = {label: line for ax in fig.axes for line, label in zip(*ax.get_legend_handles_labels(), strict=True)}
    fig.legend([known[name] for name in names], names, loc="outside upper left", ncols=len(names))
    return fig, f"{what}. Over {x}, {y}: {'; '.join(said)}."


def by_panel(
    table: pd.DataFrame, panel: str, curve: str, x: str, y: str
) -> dict[str, dict[str, tuple[list[float], list[float]]]]:
    """Curves for `panels` from a long table; rows of one panel, curve and place (seeds) are averaged.

    Args:
        table: a row for each value.
        panel: column with the titles of the panels, in order of appearance.
        curve: column with the names of the curves, likewise.
        x: column of the places, which are sorted.
        y: column of the values.
    """
    mean = table.groupby([panel, curve, x])[y].mean()
    return {
        title: {
            name: ([float(place) for place in mean[title, name].index], [float(v) for v in mean[title, name]])
            for name in part[curve].drop_duplicates()
        }
        for title in table[panel].drop_duplicates()
        for part in [table[table[panel] == title]]
    }


def histograms(
    samples: Mapping[str, Float[np.ndarray, " n"]], x: str, what: str, *, bins: int = 40, mark: float | None = None
) -> tuple[Figure, str]:
    """Histograms over common bins, each of area 1.

    Args:
        samples: name → values.
        x: label of the values.
        what: what is shown, for the alternative text, which also says each median.
        bins: how many.
        mark: a vertical line, e.g. a threshold.

    Raises:
        InputError: no sample, or an empty one.
    """
    if not samples or any(not len(values) for values in samples.values()):
        raise InputError("histograms: give at least one sample, none of them empty.")
    fig, ax = figure(6.4, 3.2)
    edges = np.histogram_bin_edges(np.concatenate(list(samples.values())), bins)
    for color, (name, values) in zip(_colours(len(samples)), samples.items(), strict=True):
        drawn.histogram(ax, values, edges, color, name)
    if mark is not None:
        ax.axvline(mark, color=MUTED, linestyle=":", linewidth=1.4)
    ax.set(xlabel=x, ylabel="density")
    ax.legend()
    said = "; ".join(f"{name} {np.median(values):.3g}" for name, values in samples.items())
    return fig, f"{what}. Histograms of {x}; medians: {said}."


def intervals(rows: Mapping[str, Sequence], x: str, what: str) -> tuple[Figure, str]:
    """Values with their intervals, one below the other.

    Args:
        rows: name → value, lower and upper end.
        x: label of the values.
        what: what is shown, for the alternative text, which also says every interval.

    Raises:
        InputError: no row.
    """
    if not rows:
        raise InputError("intervals: give at least one row.")
    fig, ax = figure(6.6, 0.7 + 0.38 * len(rows))
    value, low, high = zip(*rows.values(), strict=True)
    drawn.intervals(ax, range(len(rows)), value, low, high, color=PALETTE[0], markersize=6)
    ax.set(xlabel=x, yticks=range(len(rows)), yticklabels=list(rows))
    ax.set_ylim(len(rows) - 0.5, -0.5)
    said = "; ".join(
        f"{name} {v:.3g} ({'no interval' if np.isnan(low + high) else f'{low:.3g} to {high:.3g}'})"
        for name, (v, low, high) in rows.items()
    )
    return fig, f"{what}: {said}."


def maps(
    pictures: Sequence[np.ndarray], grids: Mapping[str, Sequence[Float[np.ndarray, "h w"]]], what: str
) -> tuple[Figure, str]:
    """Pictures in the first row, a row of maps below for each name, all maps of a row on one scale.

    Args:
        pictures: RGB bytes.
        grids: name of a row → a map for each picture.
        what: what is shown, for the alternative text, which also says each row's smallest and largest value.

    Raises:
        InputError: if a row has not as many maps as there are pictures.
    """
    if wrong := [name for name, row in grids.items() if len(row) != len(pictures)]:
        raise InputError(f"maps: row {wrong[0]!r} has not a map for each of {len(pictures)} pictures.")
    fig, axes = figure(1.15 * len(pictures) + 1.2, 1.15 * (1 + len(grids)), 1 + len(grids), len(pictures))
    axes = np.asarray(axes).reshape(1 + len(grids), len(pictures))
    for ax, picture in zip(axes[0], pictures, strict=True):
        ax.imshow(picture)
    ends = []
    for row, (name, shown) in zip(axes[1:], grids.items(), strict=True):
        low, high = min(m.min() for m in shown), max(m.max() for m in shown)
        ends.append(f"{name} {low:.3g} to {high:.3g}")
        for ax, grid in zip(row, shown, strict=True):
            drawn.heat_map(ax, grid, low, high)
        row[0].set_ylabel(f"{name}\n{low:.2g} … {high:.2g}", rotation=0, ha="right", va="center", fontsize=8)
    for ax in axes.ravel():
        ax.set(xticks=[], yticks=[])
        ax.grid(False)
        ax.spines[:].set_visible(False)
    return fig, f"{what}: {len(pictures)} pictures, and below each its maps; values: {'; '.join(ends)}."


def _colours(count: int) -> list[str]:
    if count > len(PALETTE):
        raise InputError(f"{count} curves in one drawing; {len(PALETTE)} can be told apart.")
    return PALETTE[:count]


PANELS = {"loss": "training loss", "accuracy": "right class in the batch, share"}


def training_curves(histories: dict[str, pd.DataFrame]) -> tuple[Figure, str]:
    """Loss and accuracy over the steps, a line for each run.

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
            drawn.curve(ax, table["step"], table[column], color=color, label=name, marker=marker)
        ax.set(xlabel="step", ylabel=label)
    axes[0].legend()
    ends = "; ".join(
        f"{name} ends at loss {t['loss'].iloc[-1]:.2f} and accuracy {t['accuracy'].iloc[-1]:.2f}"
        for name, t in histories.items()
    )
    return fig, f"Training loss and accuracy over the steps: {ends}."
