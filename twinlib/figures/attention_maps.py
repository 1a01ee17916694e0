"""Maps over faces: what each region reads, where the halves differ, how blind a descriptor is to mirroring."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float, UInt8
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from twinlib.errors import InputError
from twinlib.faces.align import REGIONS
from twinlib.figures import drawn
from twinlib.figures.gallery import _draw_boxes
from twinlib.figures.style import MUTED, PALETTE, figure

Crop = UInt8[np.ndarray, "S S 3"]


def over_face(
    ax: Axes, crop: Crop, grid: Float[np.ndarray, "h w"] | None, low: float = 0.0, top: float | None = None
) -> None:
    """A face in grey with a map of its tokens laid over it; the brighter, the more.

    Args:
        ax: where to draw.
        crop: the face.
        grid: values on the token grid; None shows the face alone, in colour.
        low: value of the darkest colour.
        top: value of the brightest colour; the map's largest if None.
    """
    S = crop.shape[0]
    ax.imshow(crop if grid is None else crop.mean(2), cmap="gray", vmin=0, vmax=255, extent=(0, S, S, 0))
    if grid is not None:
        ax.imshow(grid, cmap="viridis", alpha=0.6, vmin=low, vmax=top, extent=(0, S, S, 0), interpolation="nearest")
    ax.set(xticks=[], yticks=[])
    ax.grid(False)
    ax.spines[:].set_visible(False)


def region_maps(
    crop: Crop,
    attention: Float[np.ndarray, "R K h w"],
    boxes: Float[np.ndarray, "R 4"],
    scales: Sequence[int],
    what: str,
) -> tuple[Figure, str]:
    """One face: a row for each region, its box on the left, then what it reads at each scale.

    Args:
        crop: the face.
        attention: as `twinlib.ahan.maps.face_maps` gives it.
        boxes: (x0, y0, x1, y1) in [0, 1].
        scales: pooling factors.
        what: of which network the maps are, for the alternative text.
    """
    R, S = attention.shape[:2]
    fig, axes = figure(1.4 * (S + 1), 1.4 * R, R, S + 1)
    for r in range(R):
        over_face(axes[r, 0], crop, None)
        _draw_boxes(axes[r, 0], boxes[r : r + 1], *crop.shape[:2])
        axes[r, 0].set_ylabel(REGIONS[r], rotation=0, ha="right", va="center")
        for s in range(S):
            over_face(axes[r, s + 1], crop, attention[r, s])
            axes[0, s + 1].set_title(f"{scales[s]}×", fontsize=10)
    names = ", ".join(REGIONS[:R])
    return (
        fig,
        f"{what}: attention maps of the regions {names} at the scales {', '.join(map(str, scales))} over a face.",
    )


def asymmetry_maps(
    crops: Sequence[Crop], maps: Float[np.ndarray, "n h w"], names: Sequence[str], what: str
) -> tuple[Figure, str]:
    """Faces in a row, and below each the map over it; one colour scale, from the least to the most, for all."""
    fig, axes = figure(1.5 * len(crops) + 0.6, 3.2, 2, len(crops))
    low, top = float(maps.min()), float(maps.max())
    for i, crop in enumerate(crops):
        over_face(axes[0, i], crop, None)
        over_face(axes[1, i], crop, maps[i], low, top)
        axes[0, i].set_title(names[i], fontsize=9)
    fig.colorbar(axes[1, 0].images[1], ax=list(axes[1]), shrink=0.9).outline.set_visible(False)
    return fig, f"{what}, from {low:.3g} to {top:.3g}: {len(crops)} faces ({', '.join(names)}) and the map over each."


def mirror_ratios(ratios: Mapping[str, Mapping[str, Float[np.ndarray, " B"]]]) -> tuple[Figure, str]:
    """Mirror ratio of each face by form of the difference (groups) and by network (colours), with medians.

    Args:
        ratios: form → network → a value for each face, as `twinlib.ahan.maps.mirror_ratio` gives it.
    """
    fig, ax = figure(6.4, 3.2)
    rng, told = np.random.default_rng(0), []
    networks = list(next(iter(ratios.values())))
    for i, (form, of) in enumerate(ratios.items()):
        for j, (network, values) in enumerate(of.items()):
            x = i + 0.3 * (j - (len(networks) - 1) / 2)
            ax.scatter(
                x + rng.uniform(-0.08, 0.08, len(values)),
                values,
                s=10,
                color=PALETTE[j],
                alpha=0.6,
                label=network if i == 0 else None,
            )
            drawn.curve(ax, [x - 0.12, x + 0.12], [np.median(values)] * 2, color=PALETTE[j], linewidth=3)
            told.append(f"{form}, {network}: {np.median(values):.2f}")
    ax.axhline(1, color="0.4", lw=1, ls="--")
    ax.set(xticks=range(len(ratios)), xticklabels=list(ratios), ylabel="mirrored / other face", ylim=(0, None))
    ax.legend()
    return fig, f"Distance to the mirrored photograph over distance to the twin, medians: {'; '.join(told)}."


def scale_weights(weights: Mapping[int, Sequence[Sequence[float]]], scales: Sequence[int]) -> tuple[Figure, str]:
    """Softmax weights of the scales, a panel for each region, a line for each seed; the level line is no preference.

    Args:
        weights: seed → the weights of each region, one for each scale; rows sum to 1.
        scales: factors of the pooling, e.g. (1, 2, 4).

    Raises:
        InputError: no seed, or weights of another shape.
    """
    values = np.array(list(weights.values()), dtype=float)
    if values.shape[1:] != (len(REGIONS), len(scales)) or not len(values):
        raise InputError(f"scale weights must be seeds × {len(REGIONS)} × {len(scales)}, got {values.shape}.")
    fig, axes = figure(1.0 + 1.7 * len(REGIONS), 2.6, columns=len(REGIONS))
    for ax, region, of in zip(axes, REGIONS, values.transpose(1, 0, 2), strict=True):
        ax.axhline(1 / len(scales), color=MUTED, linewidth=1)
        for seed in of:
            drawn.curve(ax, range(len(scales)), seed, color=PALETTE[0], marker="o", linewidth=0.8, alpha=0.7)
        ax.set(title=region, ylim=(0, 1), xlim=(-0.5, len(scales) - 0.5))
        ax.set_xticks(range(len(scales)), [f"{scale}×" for scale in scales])
    axes[0].set_ylabel("weight of the scale")
    mean = values.mean(0)
    said = [f"{region} {', '.join(f'{w:.2f}' for w in row)}" for region, row in zip(REGIONS, mean, strict=True)]
    far = float(np.abs(values - 1 / len(scales)).max())
    return fig, (
        f"Learned weights of HCA's scales {', '.join(f'{s}×' for s in scales)} by region, mean of "
        f"{len(values)} seed(s): {'; '.join(said)}. The largest distance from an equal share is {far:.2f}."
    )
