"""Distributions of the scores of each kind of pair as a picture that a page carries inside itself."""

from html import escape
from itertools import pairwise

WIDTH, HEIGHT, BOTTOM = 640, 240, 28
DASHES = {"genuine": "", "twin": "9 3", "sibling": "5 3", "alike": "2 3", "stranger": "12 3 2 3"}
NAMES = {
    "genuine": "one person",
    "twin": "identical twins",
    "sibling": "siblings",
    "alike": "strangers of one sex, tone and age",
    "stranger": "strangers",
}


def curves(shift: dict, edges: list[float], marks: dict[str, float]) -> str:
    """An SVG with a line for each kind, told apart by colour and dashes, and an upright line for each threshold.

    Args:
        shift: kind -> its `share` of pairs in each bin.
        edges: of the bins.
        marks: label -> score.
    """
    top = max((max(one["share"]) for one in shift.values()), default=1) or 1
    low, high = edges[0], edges[-1]
    across = lambda score: (score - low) / (high - low) * WIDTH  # noqa: E731
    lines = []
    for kind, one in shift.items():
        middle = [(a + b) / 2 for a, b in pairwise(edges)]
        points = " ".join(
            f"{across(x):.1f},{(HEIGHT - BOTTOM) * (1 - y / top) + 4:.1f}"
            for x, y in zip(middle, one["share"], strict=True)
        )
        lines.append(f'<polyline class="{kind}" stroke-dasharray="{DASHES[kind]}" points="{points}"/>')
    for text, score in marks.items():
        if low < score < high:
            x = across(score)
            lines.append(f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="4" y2="{HEIGHT - BOTTOM}"/>')
            lines.append(f'<text x="{min(x + 4, WIDTH - 80):.1f}" y="16">{escape(text)}</text>')
    for tick in (low, (low + high) / 2, high):
        anchor = "start" if tick == low else "end" if tick == high else "middle"
        lines.append(f'<text x="{across(tick):.1f}" y="{HEIGHT - 6}" text-anchor="{anchor}">{tick:.2f}</text>')
    label = "Scores of each kind of pair: " + ", ".join(
        f"{NAMES[kind]} mean {one['mean']:.2f}" for kind, one in shift.items()
    )
    legend = "".join(
        f'<li><svg viewBox="0 0 40 8" width="40" height="8" aria-hidden="true"><polyline class="{kind}" '
        f'stroke-dasharray="{DASHES[kind]}" points="0,4 40,4"/></svg> {NAMES[kind]}</li>'
        for kind in shift
    )
    drawing = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}">{"".join(lines)}</svg>'
    return f'<figure>{drawing}<ul class="legend">{legend}</ul></figure>'
