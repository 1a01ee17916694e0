"""Discs that grow around faces on a plane, and the bars of the groups that they join: persistence to play with."""

from collections.abc import Sequence
from string import Template

import numpy as np
from jaxtyping import Float, UInt8

from twinlib.figures.alive.mounted import element, part
from twinlib.figures.inspector.page import webp
from twinlib.topology.persistence import h0_pairs


def on_plane(rows: Float[np.ndarray, "N D"]) -> Float[np.ndarray, "N 2"]:
    """The two directions in which points differ most, within [8, 92]."""
    centred = rows - rows.mean(0)
    flat = centred @ np.linalg.svd(centred, full_matrices=False)[2][:2].T
    low, high = flat.min(0), flat.max(0)
    return np.round(8 + 84 * (flat - low) / np.where(high > low, high - low, 1), 1)


def fragment(
    points: Float[np.ndarray, "N 2"],
    faces: Sequence[UInt8[np.ndarray, "S S 3"]],
    names: Sequence[str],
    name: str = "barcode",
) -> str:
    """The figure as an element; it opens at the median of the radii at which a group ends.

    Args:
        points: place of each face on the plane, in [0, 100].
        faces: pictures, in the same order.
        names: what each is called.
        name: its id, unique on the page.
    """
    apart = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    deaths = h0_pairs(apart)[1][::-1]
    radius, widest = round(float(np.median(deaths)), 0) / 2, max(1.0, float(deaths[0]) * 1.6) / 100
    groups = 1 + int((deaths > 2 * radius).sum())
    said = f"{groups} {'group' if groups == 1 else 'groups'}; the longest bar is {deaths[0]:.1f} long, "
    said += "twice the radius at which it ends."
    at = [f"left: {x}%; top: {y}%" for x, y in points.tolist()]
    inner = Template(part("barcode.html")).substitute(
        discs="".join(f'<i class="al-disc" style="{place}; width: {2 * radius}%"></i>' for place in at),
        faces="".join(
            f'<button type="button" data-face="{i}" style="{place}" aria-label="{called}"><img src="{webp(face)}" '
            'alt="a rendered face" width="36" height="36" draggable="false"></button>'
            for i, (place, face, called) in enumerate(zip(at, faces, names, strict=True))
        ),
        bars="".join(
            f'<i style="width: {death / widest:.1f}%"{" class=al-ended" * bool(death <= 2 * radius)}></i>'
            for death in deaths
        ),
        line=f"{2 * radius / widest:.1f}", said=said, most=round(float(deaths[0]) / 2 + 6), radius=radius,
        words=f"{radius:g}, touching at {2 * radius:g}",
    )  # fmt: skip
    data = {"points": points.tolist(), "radius": radius, "widest": round(widest, 4)}
    return element("barcode", name, "Barcode of faces on a plane", inner, data)
