"""Curves of verification: ROC, DET, score histograms, intervals, and the bias of a table that ranks its own pairs."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from twinlib.arrays import groups, labels, numbers, table_of
from twinlib.errors import InputError
from twinlib.figures import drawn
from twinlib.figures.style import GRID, KIND, MUTED, PALETTE, figure
from twinlib.measure import metrics
from twinlib.measure.bootstrap import Interval
from twinlib.ranges import ANY, threshold_on

T = TypeVar("T")

NAMES = {"genuine": "same person", "twin": "twins", "sibling": "siblings", "stranger": "strangers"}
RATES = (0.001, 0.01, 0.05, 0.2, 0.4)  # ticks of a DET curve


def roc_curves(tables: Mapping[str, pd.DataFrame]) -> tuple[Figure, str]:
    """ROC curves, false match rate on a logarithmic axis.

    Args:
        tables: name of a model or protocol -> table with score and same.

    Returns:
        Figure and alternative text with the AUC of each curve.

    Raises:
        InputError: no table, or scores that `metrics.auc` refuses.
    """
    fig, ax, said = *figure(5.2, 4.0), []
    least = min(1 / max(1, (~labels(part["same"], "same")).sum()) for part in _some(tables).values())
    for (name, part), color in zip(tables.items(), _colours(tables), strict=True):
        scores, same = part.score.to_numpy(), part.same.to_numpy()
        fmr, tar, _ = metrics.roc(scores, same)
        area = metrics.auc(scores, same)
        said.append(f"{name} {area:.3f}")
        rate = np.maximum(fmr, least / 2)
        drawn.curve(ax, rate, tar, drawstyle="steps-post", color=color, label=f"{name} (AUC {area:.3f})")
    chance = np.geomspace(least / 2, 1, 100)
    ax.plot(chance, chance, color=MUTED, linestyle=":", linewidth=1)
    ax.set(xscale="log", xlim=(least / 2, 1), ylim=(0, 1.01), xlabel="false match rate", ylabel="true accept rate")
    _legend(ax)
    return fig, f"ROC curves, true accept rate over false match rate on a logarithmic axis. AUC: {', '.join(said)}."


def score_histogram(table: pd.DataFrame, threshold: float | None = None, bins: int = 60) -> tuple[Figure, str]:
    """Scores by kind of pair, each kind scaled to area 1.

    Args:
        table: score and kind (genuine, twin, sibling, stranger).
        threshold: drawn as a line if given.
        bins: over the range of the scores.

    Raises:
        InputError: no scores, or NaN.
    """
    table = table_of(table, ("score", "kind"), "table")
    values, kinds = numbers(table["score"], "table.score"), groups(table["kind"], "table.kind")
    if not values.size:
        raise InputError("a histogram needs scores; found none. Leave failed pairs out, but not all.")
    threshold = None if threshold is None else threshold_on(ANY, threshold)
    edges = np.histogram_bin_edges(values, bins)
    parts = {kind: values[kinds == kind] for kind in KIND if (kinds == kind).any()}
    return _densities({kind: (scores, np.ones(len(scores))) for kind, scores in parts.items()}, edges, threshold)


def forest(intervals: Mapping[str, Interval], label: str) -> tuple[Figure, str]:
    """Values with their intervals, a line each; the vertical line is 0.

    Args:
        intervals: name -> interval, drawn from the top down.
        label: of the axis, with the unit.

    Raises:
        InputError: no interval.
    """
    names = list(_some(intervals))
    fig, ax = figure(6.4, 0.9 + 0.38 * len(names))
    for y, i in zip(range(len(names), 0, -1), intervals.values(), strict=True):
        colour = PALETTE[0] if i.excludes_zero else MUTED
        drawn.intervals(ax, [y], [i.value], [i.low], [i.high], color=colour, markersize=6)
    ax.axvline(0, color=MUTED, linewidth=1)
    ax.set_yticks(range(len(names), 0, -1), names)
    ax.set(xlabel=label, ylim=(0.4, len(names) + 0.6))
    ax.grid(axis="y", visible=False)
    said = [f"{name} {i:.3f}" for name, i in intervals.items()]
    level = round(100 * next(iter(intervals.values())).level)
    return fig, f"{label} with {level} % intervals over families: {'; '.join(said)}."


def hardpair_bias(table: pd.DataFrame) -> tuple[Figure, str]:
    """AUC of two equally good models on the hard pairs, by who ranked them.

    Args:
        table: results/benchmarks/hardpair_bias.csv.

    Raises:
        InputError: a column is missing.
    """
    wanted = ["correlation", "ranked_by", "auc_1", "auc_1_low", "auc_1_high", "auc_2", "auc_2_low", "auc_2_high"]
    if missing := [name for name in wanted if name not in table]:
        raise InputError(f"the table lacks {missing}. Run `python benchmarks/hardpair_bias.py`.")
    rankers = ["a model of the table", "a model outside"]
    titles = ["ranked by model 1 itself", "ranked by a model outside the table"]
    fig, axes = figure(8.4, 3.6, columns=2)
    for ax, ranker, title in zip(axes, rankers, titles, strict=True):
        part = table[table.ranked_by == ranker]
        for model, color, line in ((1, PALETTE[1], "-"), (2, PALETTE[0], "--")):
            label = f"model {model}"
            drawn.curve(ax, part.correlation, part[f"auc_{model}"], linestyle=line, color=color, label=label)
            ends = part[f"auc_{model}_low"], part[f"auc_{model}_high"]
            ax.fill_between(part.correlation, *ends, color=color, alpha=0.15, linewidth=0)
        ax.axhline(0.5, color=MUTED, linestyle=":", linewidth=1)
        ax.set(title=title, xlabel="correlation of the models' scores", ylim=(0, 1))
    axes[0].set_ylabel("AUC on the hard pairs")
    axes[0].legend(loc="upper right")
    own = table[table.ranked_by == rankers[0]]
    whole = table.auc_1[table.ranked_by == "all pairs"].mean()
    return fig, (
        f"Two simulated models, both with AUC {whole:.2f} on all pairs. On hard pairs ranked by model 1, model 1 has "
        f"AUC {own.auc_1.mean():.2f} and model 2 {own.auc_2.max():.2f} to {own.auc_2.min():.2f}, the lower the more "
        "their scores correlate. Ranked by a model outside the table, both are equal."
    )


def _densities(
    parts: Mapping[str, tuple[np.ndarray, np.ndarray]], edges: np.ndarray, threshold: float | None
) -> tuple[Figure, str]:
    """Filled outlines of the density of each kind, from values and their weights."""
    fig, ax = figure(6.0, 3.4)
    for kind, (values, weights) in parts.items():
        drawn.histogram(ax, values, edges, KIND[kind], NAMES[kind], weights)
    if threshold is not None:
        ax.axvline(threshold, color=MUTED, linestyle="--", linewidth=1.2, label=f"threshold {threshold:.2f}")
    ax.set(xlabel="score (cosine)", ylabel="density", yticks=[])
    ax.grid(color=GRID)
    _legend(ax)
    said = ", ".join(f"{NAMES[kind]} {np.average(of[0], weights=of[1]):.2f}" for kind, of in parts.items())
    return fig, f"Distribution of scores by kind of pair. Mean scores: {said}."


def _legend(ax: Axes) -> None:
    """A legend above the axes, where it hides no curve; long names in one column, since two would squeeze the axes."""
    longest = max(map(len, ax.get_legend_handles_labels()[1]), default=0)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2 if longest <= 24 else 1, borderaxespad=0.2)


def _colours(names: Mapping[str, object]) -> Sequence[str]:
    """Colours of kinds for kinds, else the palette in order."""
    return [KIND.get(name, PALETTE[i % len(PALETTE)]) for i, name in enumerate(names)]


def _some(things: Mapping[str, T]) -> Mapping[str, T]:
    """Refuse an empty figure."""
    if not things:
        raise InputError("there is nothing to draw. Give at least one named table or interval.")
    return things
