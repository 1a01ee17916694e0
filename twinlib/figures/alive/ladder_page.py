"""The cue ladder: which cue is left, how well each network tells twins apart by it, each seed a dot."""

import html
from collections.abc import Mapping, Sequence
from string import Template
from typing import Any

import numpy as np
from jaxtyping import UInt8

from twinlib.figures.alive.mounted import element, part
from twinlib.figures.inspector.page import webp
from twinlib.records.comparison import over_seeds, stored
from twinlib.records.runs import Run
from twinlib.records.summary import CUES

LOW = 0.4  # left end of the axis; a coin toss is at ½

Pair = tuple[UInt8[np.ndarray, "S S 3"], UInt8[np.ndarray, "S S 3"]]


def fragment(
    rows: Mapping[str, Sequence[Run]],
    pictures: Mapping[str, Pair] | None = None,
    addresses: Mapping[str, str] | None = None,
    name: str = "cue-ladder",
) -> str:
    """The figure as an element; it opens on the first rung that was scored.

    Args:
        rows: network as a page calls it → its runs, one a seed.
        pictures: rung → two faces that differ in its cues.
        addresses: rung → address of the studio in that state.
        name: its id, unique on the page.
    """
    found = [{"words": label, "rungs": _rungs(runs)} for label, runs in rows.items() if runs]
    there = [cue for cue in CUES if any(cue in row["rungs"] for row in found)]
    most = max((len(runs) for runs in rows.values()), default=0)
    inner = Template(part("ladder.html")).substitute(
        rungs="".join(_radio(cue, not i) for i, cue in enumerate(there)),
        rows="".join(_line(row, there[0]) for row in found),
        pictures="".join(_figure(cue, (pictures or {}).get(cue), (addresses or {}).get(cue), not i)
                         for i, cue in enumerate(there)),
        seeds="".join(f"<option>{seed}</option>" for seed in range(most)),
    )  # fmt: skip
    return element("ladder", name, "Cue ladder", inner, {"low": LOW, "rows": found})


def _rungs(runs: Sequence[Run]) -> dict[str, dict]:
    found = {}
    for cue, protocol in CUES.items():
        if (mean := over_seeds(runs, protocol, "auc")) is None:
            continue
        each = [one[0].value for one in (stored([run], protocol, "auc") for run in runs) if one]
        found[cue] = {"value": round(mean.value, 4), "low": round(mean.low, 4), "high": round(mean.high, 4),
                      "seeds": [round(value, 4) for value in each],
                      "said": f"{mean.value:.3f} [{mean.low:.3f}, {mean.high:.3f}]"}  # fmt: skip
    return found


def _place(value: float) -> str:
    return f"{min(max(100 * (value - LOW) / (1 - LOW), 0), 100):.2f}%"


def _radio(cue: str, first: bool) -> str:
    said = html.escape(cue)
    return f'<label><input type="radio" name="ladder-rung" value="{said}"{" checked" * first}> {said}</label>'


def _line(row: dict, cue: str) -> str:
    rung = row["rungs"].get(cue)
    count = max((len(one["seeds"]) for one in row["rungs"].values()), default=0)
    shown: dict[str, Any] = rung or {"value": LOW, "low": LOW, "high": LOW, "seeds": [], "said": "not run"}
    dots = "".join(
        f'<i class="al-seed" style="left: {_place(shown["seeds"][k])}"></i>' if k < len(shown["seeds"])
        else '<i class="al-seed" hidden></i>' for k in range(count)
    )  # fmt: skip
    ends = f"--from: {_place(shown['low'])}; --to: {_place(shown['high'])}; --at: {_place(shown['value'])}"
    return (
        f'<div class="al-line{" al-none" * (rung is None)}" style="{ends}"><b>{html.escape(row["words"])}</b> '
        f'<span class="al-number">{shown["said"]}</span><div class="al-axis" aria-hidden="true">'
        f'<i class="al-span"></i><i class="al-mean"></i>{dots}</div></div>'
    )


def _figure(cue: str, pair: Pair | None, address: str | None, first: bool) -> str:
    if pair is None:
        return ""
    said = html.escape(cue)
    images = "".join(
        f'<img src="{webp(face)}" alt="twin {"ab"[i]}" width="112" height="112">' for i, face in enumerate(pair)
    )
    link = f' <a href="{html.escape(address)}">Open in the studio</a>' if address else ""
    said = f'<figure data-rung="{said}"{"" if first else " hidden"}>{images}<figcaption>{said}.{link}</figcaption>'
    return f"{said}</figure>"
