"""SymFace's split of a face whose head turns: the columns it looks at, both parts, and whether it splits at all."""

from collections.abc import Sequence
from string import Template

import numpy as np
from jaxtyping import Float, UInt8

from twinlib.faces.align import frontness
from twinlib.figures.alive.mounted import element, part
from twinlib.figures.inspector.page import webp


def fragment(
    crops: Sequence[UInt8[np.ndarray, "S S 3"]],
    columns: Float[np.ndarray, "N 3"],
    yaw: Sequence[float | int],
    tau: float,
    name: str = "turned-split",
) -> str:
    """The figure as an element; it opens on the face that looks ahead most.

    Args:
        crops: aligned crops of one face, by rising head turn.
        columns: of left eye, right eye and tip of the nose in each, px.
        yaw: head turn of each, degrees.
        tau: least frontness of a face that is split.
        name: its id, unique on the page.
    """
    width, rho = crops[0].shape[1], frontness(*columns.T, width=crops[0].shape[1])
    steps = [
        {
            "nose": round(100 * float(nose) / width, 2),
            "middle": round(50 * float(left + right) / width, 2),
            "said": f"{angle:+.0f}°" if angle else "0°",
            "told": f"Frontness {value:.2f}: {'more than' if value > tau else 'not more than'} {tau:g}, so that "
            f"{'this face may be split' if value > tau else 'this face is left whole'}.",
        }
        for (left, right, nose), angle, value in zip(columns, yaw, rho, strict=True)
    ]
    start = int(np.abs(np.asarray(yaw)).argmin())
    look = f'style="width: {100 * len(crops)}%; transform: translateX({-100 * start / len(crops):.3f}%)"'
    first = steps[start]
    inner = Template(part("turned_split.html")).substitute(
        strip=webp(np.hstack(crops)), look=look, last=len(crops) - 1, start=start, **first
    )
    text = element(
        "turned_split", name, "A face that turns, split at the nose", inner, {"steps": steps, "start": start}
    )
    cut = float(first["nose"])
    moved = f'style="--cut: {cut}%; --move: {(100 - cut) / 2}%; --back: {-cut / 2}%" id='
    return text.replace("id=", moved, 1)  # of the element itself: it opens in this state
