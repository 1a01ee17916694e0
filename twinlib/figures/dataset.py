"""The check of a data set as figures, and as one page that needs no other file and no network."""

import html
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from twinlib.data.check.detector import SMALL_EYES, SYMMETRIC, WANTED
from twinlib.data.check.facts import LIMITS
from twinlib.data.check.findings import Finding
from twinlib.data.check.report import Report
from twinlib.figures import drawn, style
from twinlib.figures.gallery import contact_sheet, showable
from twinlib.figures.notebook import figure_html

COLUMNS, ROWS = 8, 3  # of faces shown
BARS = 40  # of a histogram, at most
COLOUR = {"error": style.TWIN, "warning": "#A67C00", "note": style.GENUINE}

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<style>
body {{ font: 16px/1.5 sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #23272b; }}
table {{ border-collapse: collapse; font-size: 0.9rem; }}
td, th {{ border-bottom: 1px solid #ccc; padding: 0.3rem 0.6rem; text-align: left; vertical-align: top; }}
td {{ overflow-wrap: anywhere; }} td:first-child {{ white-space: nowrap; }} img {{ max-width: 100%; height: auto; }}
@media (prefers-color-scheme: dark) {{ body {{ background: #181a1b; color: #e8e6e3; }} }}
</style></head><body><main>
<h1>{title}</h1>
{body}
</main></body></html>
"""


def page(report: Report, source: Path, gallery: str = "synthetic") -> str:
    """The report as one HTML page.

    Args:
        report: what was found.
        source: where; the page names its last part only.
        gallery: see `showable`; photographs of people stay out of the page unless it is `local`.
    """
    n = report.numbers
    counts = (
        f"{n['images']} images, {n['readable']} of them readable; {n['subjects']} people in {n['families']} families."
    )
    parts = [f"<p>{counts}</p>", "<h2>Findings</h2>", findings_html(report.found), "<h2>Measurements</h2>"]
    parts += [figure_html(fig, alt) for fig, alt in figures(report)]
    sheet = faces(report, source, gallery)
    parts += ["<h2>Some of the faces</h2>", sheet[2], figure_html(*sheet[:2])] if sheet else []
    return PAGE.format(title=html.escape(f"Data set {source.name}"), body="\n".join(parts))


def findings_html(found: tuple[Finding, ...], named: bool = True) -> str:
    """Findings as a table; one sentence if there are none.

    Args:
        found: the findings.
        named: name examples; file names of private sets are often names of people.
    """
    if not found:
        return "<p>Nothing was found that needs a look.</p>"
    rows = [
        f'<tr><td style="border-left: 6px solid {COLOUR[one.severity]}">{one.severity}</td><td>{one.count}</td>'
        f"<td>{html.escape(one.what)}</td><td>{html.escape(one.remedy)}</td>"
        f"<td>{'<br>'.join(html.escape(text) for text in one.examples[:3] if named)}</td></tr>"
        for one in found
    ]
    head = "".join(f"<th scope='col'>{name}</th>" for name in ("", "count", "what", "remedy", "for example"))
    return f"<table class='dataframe'><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def alignment_html(measured: pd.DataFrame) -> str:
    """What aligning by one set of points or the other does to the figures of a network, as a table.

    Args:
        measured: rows of results/benchmarks/lfw_alignment.csv that hold an AUC.
    """
    rows = [
        {
            "network": row["network"],
            "aligned by": {"points": "others' points", "landmarks": "our detector"}[row["align"]],
            "pairs": f"{row['pairs']:.0f}",
            "accuracy, %": f"{100 * row['accuracy']:.2f} ± {100 * row['accuracy_sd']:.2f}",
            "AUC, 95 % interval": _interval(row, "auc", "{:.5f}"),
            "gain": _interval(row, "auc_gain", "{:+.5f}") if np.isfinite(row["auc_gain"]) else "",
        }
        for row in measured.to_dict("records")
    ]
    return pd.DataFrame(rows).to_html(index=False)


def _interval(row: dict, name: str, form: str) -> str:
    """A value and the ends of its interval."""
    value, low, high = (form.format(row[f"{name}{end}"]) for end in ("", "_low", "_high"))
    return f"{value} [{low}, {high}]"


def figures(report: Report) -> Iterator[tuple[Figure, str]]:
    """Histograms of what was measured, each with its alternative text."""
    table = report.images[report.images["readable"]]
    people = table[table["subject"] != ""].groupby("subject").size()
    yield _histogram(people, "images a person", "people", None)
    yield _histogram(table[["width", "height"]].min(axis=1), "shorter side, px", "images", LIMITS["side_px"])
    yield _histogram(
        table["sharpness"].clip(upper=1500), "sharpness (variance of the Laplacian)", "images", LIMITS["sharpness"]
    )
    yield _histogram(table["brightness"], "mean grey", "images", LIMITS["darkest"])
    if report.alignment is None:
        return
    found = table[table["status"] == "found"]
    yield _histogram(found["eyes_px"], "distance of the eyes, px", "faces", SMALL_EYES)
    yield _histogram(found["yaw"], "yaw, degrees", "faces", None)
    fig, alt = _histogram(found["frontness"], "frontness ρ", "faces", SYMMETRIC)
    share = float((found["frontness"] > SYMMETRIC).mean()) if len(found) else 0.0
    least = f"SymFace's authors ask for {WANTED[0]:.0%} to {WANTED[1]:.0%} at the least"
    said = f"{share:.0%} lie above τ = {SYMMETRIC:g}; {least}."
    fig.axes[0].set_title(said)
    yield fig, f"{alt} {said}"


def faces(report: Report, source: Path, gallery: str) -> tuple[Figure, str, str] | None:
    """Faces spread evenly over the set, or drawn heads in their place; figure, alternative text, notice.

    Returns:
        None if the detector was not run or found nothing.
    """
    if report.alignment is None or not report.alignment.found.any():
        return None
    rows = np.flatnonzero(report.alignment.found)
    columns = min(COLUMNS, len(rows))
    count = min(ROWS, len(rows) // columns) * columns
    rows = rows[np.linspace(0, len(rows) - 1, count).astype(int)]
    crops = np.stack([report.alignment.faces.crops[i] for i in report.alignment.rows[rows]])
    shown = showable(crops, source, gallery)
    boxes = report.alignment.faces.boxes[report.alignment.rows[rows]]
    names = [f"{i * columns + 1}–{(i + 1) * columns}" for i in range(count // columns)]
    return *contact_sheet(list(shown.crops), names, columns, "Faces as aligned", boxes, shown.of), shown.notice


def _histogram(values: pd.Series, what: str, of: str, limit: float | None) -> tuple[Figure, str]:
    fig, ax = style.figure(6.4, 2.6)
    values = values[np.isfinite(values.astype(float))].astype(float)
    if len(values):
        drawn.histogram(ax, values.to_numpy(), _edges(values.to_numpy()), style.GENUINE, stat="count", alpha=0.8)
    ax.set(xlabel=what, ylabel=of)
    ax.yaxis.set_major_locator(MaxNLocator("auto", integer=True))  # counts
    if len(values) and _few_whole(values.to_numpy()):
        ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True))
    text = f"Histogram of {what} over {len(values)} {of}"
    if limit is not None:
        ax.axvline(limit, color=style.TWIN, linestyle="--")
        text += f"; a dashed line marks {limit:g}"
    middle = f"; half of them lie below {values.median():.3g}" if len(values) else ""
    return fig, f"{text}{middle}."


def _edges(values: np.ndarray) -> np.ndarray:
    """Edges of the bars: one bar a whole number where the values are few whole numbers."""
    low, high = float(values.min()), float(values.max())
    if _few_whole(values):
        return np.arange(low, high + 2) - 0.5
    return np.linspace(low, high, min(BARS, max(5, int(np.sqrt(len(values))))) + 1)


def _few_whole(values: np.ndarray) -> bool:
    """Whether there is a bar for each whole number."""
    return bool((values == values.round()).all() and values.max() - values.min() < BARS)
