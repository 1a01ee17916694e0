"""Measured values with their intervals: a line each, by cue, by bin of a factor."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from twinlib.errors import InputError
from twinlib.figures import drawn
from twinlib.figures.style import MUTED, PALETTE, figure
from twinlib.measure.exact import exact_rate
from twinlib.measure.interval import ends
from twinlib.records.by_factor import FACTORS as LIMITED


def auc_lines(table: pd.DataFrame, line: str, colour: str, what: str) -> tuple[Figure, str]:
    """AUCs with intervals: a line of the figure per value of one column, a colour per value of another.

    Args:
        table: columns auc, auc_low, auc_high, `line` and `colour`; at most one row for each combination.
        line: column whose values stand on the left, in order of appearance.
        colour: column whose values get a colour each, at most six.
        what: what is shown, for the alternative text.

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
    fig, ax = figure(7.5, 0.16 * len(lines) * (len(colours) + 1) + 1.0)
    for i, name in enumerate(colours):
        part = table[table[colour] == name]
        y = [lines.index(value) + 0.8 * (i + 0.5) / len(colours) - 0.4 for value in part[line]]
        ends = part["auc"], part["auc_low"], part["auc_high"]
        drawn.intervals(ax, y, *ends, markersize=4, color=PALETTE[i], label=str(name))
    ax.axvline(0.5, color=MUTED, linestyle="--", linewidth=1)
    ax.set(yticks=range(len(lines)), xlabel="AUC")
    ax.set_yticklabels(lines)
    ax.invert_yaxis()
    fig.legend(loc="outside upper left", ncols=3)
    said = "; ".join(f"{row[line]}, {row[colour]}: {row['auc']:.3f}" for _, row in table.iterrows())
    return fig, f"{what}. {said}."


def cue_plot(table: pd.DataFrame) -> tuple[Figure, str]:
    """Twin AUC of every row on every cue: a panel for each cue, a line for each row, chance marked.

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
    fig, panels = figure(2.0 + 1.5 * len(cues), 1.0 + 0.32 * len(rows), columns=len(cues))
    limits = (min(0.48, table["low"].min()) - 0.01, max(0.52, table["high"].max()) + 0.01)
    for ax, cue in zip(panels, cues, strict=True):
        part = table[table["cue"] == cue].set_index("row")
        for y, row in enumerate(reversed(rows)):
            if row in part.index:
                value, low, high = part.loc[row, ["value", "low", "high"]]
                colour = PALETTE[0] if low > 0.5 else MUTED
                drawn.intervals(ax, [y], [value], [low], [high], color=colour)
        ax.axvline(0.5, color=MUTED, linewidth=1)
        ax.set_title(cue, fontsize="small")
        ax.grid(axis="y", visible=False)
        ax.set(xlim=limits, ylim=(-0.6, len(rows) - 0.4))
        ax.set_yticks(range(len(rows)), list(reversed(rows)) if ax is panels[0] else [""] * len(rows))
    fig.supxlabel("twin AUC (0.5 is chance)", fontsize="small")
    told = table[["cue", "row", "value", "low", "high"]].to_numpy().tolist()
    said = [f"{cue}, {row}: {value:.3f} [{ends(low, high, '.3f')}]" for cue, row, value, low, high in told]
    return fig, f"Twin AUC with 95 % intervals, by what twins differ in. {'; '.join(said)}."


FACTORS = {
    "yaw": "head turn, degrees",
    "pitch": "head nod, degrees",
    "light_azimuth": "light from the side, degrees",
    "age_gap": "age gap, generator years",
    "occluded": "share of the face covered",
    "blur": "blur, px",
    "noise": "noise, share of full scale",
    "jpeg": "JPEG quality",
}


def factor_histograms(images: pd.DataFrame) -> tuple[Figure, str]:
    """Histograms of the numeric factors that a manifest has, a line for each split.

    Raises:
        InputError: if the manifest has none of them (a set of photographs).
    """
    present = [name for name in FACTORS if name in images]
    if not present:
        raise InputError(f"the manifest has no factor column; wanted some of {', '.join(FACTORS)}.")
    rows = (len(present) + 3) // 4
    fig, axes = figure(9.0, 2.1 * rows, rows, 4)
    for ax, name in zip(np.ravel(axes), present, strict=False):
        edges = np.histogram_bin_edges(images[name], 20)
        for color, (split, part) in zip(PALETTE, images.groupby("split", sort=False), strict=False):
            drawn.histogram(ax, part[name].to_numpy(), edges, color, str(split), stat="proportion", alpha=0.0)
        ax.set(xlabel=FACTORS[name], ylabel="", yticks=[])
    for ax in np.ravel(axes)[len(present) :]:
        ax.set_axis_off()
    np.ravel(axes)[0].legend(fontsize=7)
    spread = "; ".join(f"{FACTORS[n]} from {images[n].min():.3g} to {images[n].max():.3g}" for n in present)
    return fig, f"Histograms of the nuisance factors by split, which lie over one another: {spread}."


def rate_by_group(rate: pd.DataFrame) -> tuple[Figure, str]:
    """Share of images in which the detector found a face, by group, with exact 95 % intervals.

    Args:
        rate: table of `twinlib.data.audit.landmark_rate`.
    """
    fig, ax = figure(6.4, 0.32 * len(rate) + 0.9)
    share = rate["found"] / rate["images"]
    ends = np.array([exact_rate(int(f), int(n))[1:] for f, n in zip(rate["found"], rate["images"], strict=True)])
    y = np.arange(len(rate))[::-1]
    drawn.intervals(ax, y, 100 * share, *(100 * ends.T), color=PALETTE[0], capsize=0.2)
    names = [b if g == "all" else f"{g} {b}" for g, b in zip(rate["group"], rate["bin"], strict=True)]
    ax.set(yticks=y, xlabel="faces found, % of images (exact 95 % interval)")
    ax.set_yticklabels([f"{name} (n={n})" for name, n in zip(names, rate["images"], strict=True)])
    low, high = 100 * share.min(), 100 * share.max()
    alt = (
        f"Share of images with a found face by group: from {low:.1f} % ({names[int(share.argmin())]}) to {high:.1f} %."
    )
    return fig, alt


MARKERS = "osD^v"


def auc_by_factor(tables: Mapping[str, Mapping[str, pd.DataFrame]]) -> tuple[Figure, str]:
    """Twin AUC over the bins of each factor, a panel for each factor, a line for each system.

    Args:
        tables: name of a factor → name of a system → table of `by_factor`.

    Raises:
        InputError: no factor.
    """
    if not tables:
        raise InputError("auc_by_factor: give at least one factor.")
    fig, axes = figure(9.4, 3.9, columns=len(tables))
    axes, said = axes, []
    for ax, (name, systems) in zip(axes, tables.items(), strict=True):
        for i, (system, table) in enumerate(systems.items()):
            x = np.arange(len(table)) + 0.14 * (i - (len(systems) - 1) / 2)
            style = {"color": PALETTE[i % 6], "marker": MARKERS[i % 5], "linewidth": 1.2, "label": system}
            if table["auc"].notna().any():
                ends = table["auc"], table["auc_low"], table["auc_high"]
                drawn.intervals(ax, x, *ends, upright=True, line="-", **style)
            seen = [f"{low:g}–{high:g} {a:.2f}" for low, high, a in table[["low", "high", "auc"]].to_numpy() if a == a]
            said.append(f"{name}, {system}: {', '.join(seen) or 'no bin with enough pairs'}")
        bins = next(iter(systems.values()))
        ax.axhline(0.5, color=MUTED, linestyle=":", linewidth=1)
        beyond = int((bins["low"] < LIMITED[name].limit).sum()) - 0.5
        if beyond < len(bins) - 0.5:
            ax.axvline(beyond, color=MUTED, linestyle="--", linewidth=1)
        labels = [f"{low:g}–{high:g}" for low, high in bins[["low", "high"]].to_numpy()]
        ax.set_xticks(range(len(bins)), labels, rotation=35, ha="right")
        ax.set(title=name, xlabel=LIMITED[name].label, ylim=(0.2, 1.02), xlim=(-0.6, len(bins) - 0.4))
    axes[0].set_ylabel("twin AUC")
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return fig, f"Twin AUC by bin; the dashed line is the paper's limit. {'; '.join(said)}."
