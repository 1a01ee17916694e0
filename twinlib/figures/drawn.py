"""The four drawings that most figures consist of: a curve, a histogram, values with intervals by seaborn; a heat map.

seaborn is imported when something is drawn: it takes longer to load than all that a chapter needs for its tables.
"""

import numpy as np
import pandas as pd
from jaxtyping import Float
from matplotlib.axes import Axes


def curve(ax: Axes, x: object, y: object, **style: object) -> None:
    """A line through points in the order given.

    Args:
        ax: where to draw.
        x: places.
        y: values, as many.
        style: what `seaborn.lineplot` takes of a line, e.g. color, label, marker, linestyle.
    """
    import seaborn

    seaborn.lineplot(
        x=np.asarray(x), y=np.asarray(y), ax=ax, sort=False, estimator=None, errorbar=None, legend=False, **style
    )


def histogram(
    ax: Axes,
    values: Float[np.ndarray, " n"],
    edges: Float[np.ndarray, " m"],
    color: str,
    label: str | None = None,
    weights: np.ndarray | None = None,
    stat: str = "density",
    alpha: float = 0.2,
) -> None:
    """A filled outline over given bins.

    Args:
        ax: where to draw.
        values: to count.
        edges: of the bins, rising.
        color: of the outline and, paler, of what it holds.
        label: for the legend.
        weights: of the values; 1 each by default.
        stat: density (area 1), proportion (sum 1) or count.
        alpha: of the filling, in [0, 1].
    """
    import seaborn

    table = pd.DataFrame({"value": np.asarray(values, float), "weight": 1.0 if weights is None else weights})
    seaborn.histplot(
        table, x="value", weights="weight", bins=np.asarray(edges).tolist(), stat=stat, element="step", ax=ax,
        color=color, alpha=alpha, label=label, linewidth=1.8, legend=False,
    )  # fmt: skip


def intervals(
    ax: Axes,
    at: object,
    values: object,
    low: object,
    high: object,
    upright: bool = False,
    line: str = "none",
    **style: object,
) -> None:
    """Dots with bars from a lower to an upper end; a value without ends is a dot, NaN is nothing.

    Args:
        ax: where to draw.
        at: place of each value on the other axis.
        values: of the dots.
        low: lower ends; NaN where there is no interval.
        high: upper ends.
        upright: bars stand upright, else they lie.
        line: style of a line that joins the dots.
        style: what `seaborn.pointplot` takes besides, e.g. color, label, marker, markersize, capsize.
    """
    import seaborn

    table = np.array([np.asarray(column, float) for column in (at, low, values, high)])
    place, *ends = table[:, np.isfinite(table[2])]
    value = ends[1]
    three = np.stack([np.where(np.isfinite(end), end, value) for end in ends], 1)  # seaborn wants samples
    samples = pd.DataFrame({"at": np.repeat(place, 3), "value": three.ravel()})
    axes = {"x": "at", "y": "value", "orient": "x"} if upright else {"x": "value", "y": "at", "orient": "y"}
    seaborn.pointplot(
        samples, **axes, ax=ax, native_scale=True, linestyle=line, legend=False,
        estimator=lambda of: np.asarray(of)[1], errorbar=lambda of: (np.asarray(of)[0], np.asarray(of)[2]),
        **{"markersize": 5, "err_kws": {"linewidth": 1.8}} | style,
    )  # fmt: skip
    ax.set(xlabel="", ylabel="")


def heat_map(ax: Axes, grid: Float[np.ndarray, "h w"], low: float | int, high: float | int) -> None:
    """A map in square cells, without axes; the brighter, the more.

    Args:
        ax: where to draw.
        grid: values.
        low: value of the darkest colour.
        high: value of the brightest.
    """
    # Not seaborn.heatmap, which draws the whole figure once for every map in it.
    ax.pcolormesh(np.ma.masked_invalid(grid), vmin=low, vmax=high, cmap="cividis", linewidths=0, edgecolor="white")
    ax.set(xlim=(0, grid.shape[1]), ylim=(grid.shape[0], 0), aspect="equal", xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
