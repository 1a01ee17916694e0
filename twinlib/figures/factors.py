"""How the nuisance factors of a data set are spread, and what the detector makes of them."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from twinlib.errors import InputError
from twinlib.figures.style import PALETTE, figure
from twinlib.measure.exact import exact_rate

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
    """Histograms of the numeric factors that a manifest has, a line a split.

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
            share = np.histogram(part[name], edges)[0] / len(part)
            ax.stairs(share, edges, color=color, label=split)
        ax.set(xlabel=FACTORS[name], yticks=[])
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
    ax.errorbar(100 * share, y, xerr=100 * np.abs(ends.T - share.to_numpy()), fmt="o", capsize=3)
    names = [b if g == "all" else f"{g} {b}" for g, b in zip(rate["group"], rate["bin"], strict=True)]
    ax.set(yticks=y, xlabel="faces found, % of images (exact 95 % interval)")
    ax.set_yticklabels([f"{name} (n={n})" for name, n in zip(names, rate["images"], strict=True)])
    low, high = 100 * share.min(), 100 * share.max()
    alt = (
        f"Share of images with a found face by group: from {low:.1f} % ({names[int(share.argmin())]}) to {high:.1f} %."
    )
    return fig, alt
