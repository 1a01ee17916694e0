"""The picture that opens the report: two identical twins, and which network sees two people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8
from matplotlib.figure import Figure

from twinlib.errors import InputError
from twinlib.figures.style import GENUINE, MUTED, TWIN, figure
from twinlib.measure.interval import Interval, end_text
from twinlib.records.comparison import paired_difference
from twinlib.records.finished import unfinished
from twinlib.records.published import DOES_NOT, HOLDS, verdict
from twinlib.records.runs import Run


@dataclass(frozen=True)
class Bar:
    """A row of the picture: a network's AUC among twins.

    Attributes:
        auc: mean over seeds, with its interval.
        seeds: of each seed by itself.
    """

    auc: Interval
    seeds: Sequence[float]


def hero(faces: Sequence[UInt8[np.ndarray, "S S 3"]], rows: Mapping[str, Bar]) -> tuple[Figure, str]:
    """Two faces side by side, and a bar for each network from a coin toss to certainty.

    Args:
        faces: both twins.
        rows: label of a network → its bar, in the order of the picture; may be empty.

    Returns:
        The figure and its alternative text.

    Raises:
        InputError: unless there are two faces.
    """
    if len(faces) != 2:
        raise InputError(f"hero shows two twins; got {len(faces)} faces.")
    fig, _ = figure(4.6, 4.6)  # narrow, so that its letters stay readable on a phone
    fig.clear()
    above, below = fig.add_gridspec(2, 1, height_ratios=[1.25, 1])
    first, second = (fig.add_subplot(place) for place in above.subgridspec(1, 2))
    plot = fig.add_subplot(below)
    for ax, face, name in ((first, faces[0], "one"), (second, faces[1], "the other")):
        ax.imshow(face)
        ax.set(xticks=[], yticks=[])
        ax.set_xlabel(name)
        ax.grid(False)
    for at, (label, bar) in enumerate(rows.items()):
        low, high = bar.auc.value - bar.auc.low, bar.auc.high - bar.auc.value
        plot.barh(at, bar.auc.value - 0.5, left=0.5, height=0.62, color=GENUINE, alpha=0.35)
        plot.errorbar(bar.auc.value, at, xerr=[[low], [high]], color=GENUINE, capsize=3)
        plot.plot(bar.seeds, np.full(len(bar.seeds), at), "o", color=TWIN, markersize=3)
        plot.text(0.51, at, label, va="center")
    plot.axvline(0.5, color=MUTED, linestyle="--", linewidth=1)
    plot.set(yticks=[], xlim=(0.5, 1.0), xlabel="AUC among twins; left edge: a coin toss")
    plot.invert_yaxis()
    said = "; ".join(f"{label} {bar.auc.value:.2f}" for label, bar in rows.items())
    return fig, (
        "Two rendered identical twins from the front; they differ in small marks and in asymmetry. Below them how "
        "well each network tells twins apart, by area under the curve, dots are training seeds: "
        f"{said or 'nothing was run yet'}."
    )


def finding(claim: str, better: Sequence[Run], worse: Sequence[Run]) -> str:
    """Two sentences: what the records say of a claimed order of two rows, and the paired difference in twin AUC.

    Args:
        claim: in words, without its full stop; the verdict follows it.
        better: runs of the row claimed to be ahead, one a seed.
        worse: runs of the other; without some of either the sentence says so.
    """
    if not (better and worse):
        return f"{claim}: not run."
    d = paired_difference(better, worse, "twin", "auc")[0]
    lacks = list(unfinished({"better": better, "worse": worse}).values())
    judged = {HOLDS: "this holds", DOES_NOT: "not so here"}.get(verdict(d, lacks=lacks), "these runs cannot tell")
    interval = f"{end_text(d.low)} to {end_text(d.high)}"
    return f"{claim}: {judged}. The difference in AUC is {d.value:+.3f}, 95 % interval {interval}."
