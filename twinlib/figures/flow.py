"""Overviews: boxes with arrows between them, laid out on a grid."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from matplotlib.figure import Figure

from twinlib.errors import InputError
from twinlib.figures.style import GENUINE, MUTED, PANEL, TEXT, TWIN, figure

WIDTH, HEIGHT = 1.55, 0.62  # inches of a box
STEP_X, STEP_Y = 2.05, 1.0  # inches from box to box
COLOUR = {"data": MUTED, "step": GENUINE, "loss": TWIN}


class Box(NamedTuple):
    """One box.

    Attributes:
        x: column of the grid, from the left.
        y: row, from the top.
        text: a few words; a line break breaks the line.
        kind: data (what goes in and comes out), step (what is computed) or loss.
    """

    x: float
    y: float
    text: str
    kind: str = "step"


def flow(boxes: Mapping[str, Box], arrows: Sequence[tuple[str, str]], what: str) -> tuple[Figure, str]:
    """Boxes and arrows.

    Args:
        boxes: name → box.
        arrows: names of the box it leaves and of the box it reaches.
        what: what is shown, for the alternative text, which also says every arrow.

    Raises:
        InputError: an arrow names no box.
    """
    if unknown := [name for arrow in arrows for name in arrow if name not in boxes]:
        raise InputError(f"flow: no box is called {unknown[0]!r}; there are {', '.join(boxes)}.")
    right, bottom = max(box.x for box in boxes.values()), max(box.y for box in boxes.values())
    width, height = right * STEP_X + WIDTH + 0.2, bottom * STEP_Y + HEIGHT + 0.2
    fig, ax = figure(width, height)
    drawn = {}
    for name, box in boxes.items():
        drawn[name] = ax.text(
            box.x * STEP_X, -box.y * STEP_Y, box.text, ha="center", va="center", fontsize=8.5, color=TEXT, zorder=3,
            bbox={"boxstyle": "round,pad=0.45", "facecolor": PANEL, "edgecolor": COLOUR[box.kind], "linewidth": 1.6},
        )  # fmt: skip
    for start, end in arrows:
        ax.annotate(
            "", xy=drawn[end].get_position(), xytext=drawn[start].get_position(), zorder=1,
            arrowprops={"arrowstyle": "-|>", "color": MUTED, "linewidth": 1.3, "patchA": drawn[start].get_bbox_patch(),
                        "patchB": drawn[end].get_bbox_patch(), "shrinkA": 1, "shrinkB": 1},
        )  # fmt: skip
    ax.set(xlim=(-WIDTH / 2 - 0.1, right * STEP_X + WIDTH / 2 + 0.1))
    ax.set(ylim=(-bottom * STEP_Y - HEIGHT / 2 - 0.1, HEIGHT / 2 + 0.1))
    ax.set_axis_off()
    plain = {name: " ".join(box.text.split()) for name, box in boxes.items()}
    return fig, f"{what}: {'; '.join(f'{plain[a]} → {plain[b]}' for a, b in arrows)}."
