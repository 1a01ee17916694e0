"""Which scale each of HCA's regions came to prefer, seeds as dots."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from twinlib.errors import InputError
from twinlib.figures.style import MUTED, PALETTE, figure

REGIONS = ("eyes", "nose", "mouth", "jaw")


def scale_weights(
    weights: Mapping[int, Sequence[Sequence[float]]], scales: Sequence[int], regions: Sequence[str] = REGIONS
) -> tuple[Figure, str]:
    """Softmax weights of the scales, a panel for each region, a dot for each seed; the line is no preference.

    Args:
        weights: seed → the weights of each region, one for each scale; rows sum to 1.
        scales: factors of the pooling, e.g. (1, 2, 4).
        regions: names in the order of the rows.

    Raises:
        InputError: no seed, or weights of another shape.
    """
    values = np.array(list(weights.values()), dtype=float)
    if values.shape[1:] != (len(regions), len(scales)) or not len(values):
        raise InputError(f"scale weights must be seeds × {len(regions)} × {len(scales)}, got {values.shape}.")
    fig, axes = figure(1.0 + 1.7 * len(regions), 2.6, columns=len(regions))
    for ax, region, of in zip(axes, regions, values.transpose(1, 0, 2), strict=True):
        ax.axhline(1 / len(scales), color=MUTED, linewidth=1)
        ax.plot(range(len(scales)), of.T, "o", color=PALETTE[0], markersize=5, alpha=0.7)
        ax.set(title=region, ylim=(0, 1), xlim=(-0.5, len(scales) - 0.5))
        ax.set_xticks(range(len(scales)), [f"{scale}×" for scale in scales])
    axes[0].set_ylabel("weight of the scale")
    mean = values.mean(0)
    said = [f"{region} {', '.join(f'{w:.2f}' for w in row)}" for region, row in zip(regions, mean, strict=True)]
    far = float(np.abs(values - 1 / len(scales)).max())
    return fig, (
        f"Learned weights of HCA's scales {', '.join(f'{s}×' for s in scales)} by region, mean of "
        f"{len(values)} seed(s): {'; '.join(said)}. The largest distance from an equal share is {far:.2f}."
    )
