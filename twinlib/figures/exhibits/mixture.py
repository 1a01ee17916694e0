"""The mixture that TopoFR fits to the entropies of predictions, with the samples under it."""

import numpy as np
from jaxtyping import Bool, Float
from matplotlib.figure import Figure

from twinlib.errors import InputError
from twinlib.figures.style import GENUINE, MUTED, PALETTE, TWIN, figure
from twinlib.methods.topofr.gum import fit

POINTS = 200


def entropy_mixture(values: Float[np.ndarray, " n"], right: Bool[np.ndarray, " n"], what: str) -> tuple[Figure, str]:
    """Histogram of standardised values, the fitted Gaussian, and a sign for every sample: right above, wrong below.

    Args:
        values: entropies with the sign they are fitted with.
        right: whether the prediction was.
        what: what is shown, for the alternative text, which also says medians and the posterior of both kinds.

    Raises:
        InputError: if all predictions are right, or all wrong.
    """
    if right.all() or not right.any():
        raise InputError("entropy_mixture compares right and wrong predictions; all of these are of one kind.")
    found = fit(values)
    x = (values - values.mean()) / (values.std() or 1.0)
    grid = np.linspace(x.min(), x.max(), POINTS)
    variance = found.variance + 1e-3  # the floor that the fit itself adds
    gaussian = np.exp(-grid * grid / (2 * variance)) / np.sqrt(2 * np.pi * variance)
    fig, ax = figure(6.6, 3.5)
    ax.hist(x, 40, density=True, color=MUTED, alpha=0.25)
    ax.plot(grid, found.pi * gaussian, color=PALETTE[0], label=f"Gaussian part, share {found.pi:.2f}")
    step = ax.get_ylim()[1] / 14
    for place, (mark, color, name, of) in enumerate((("*", GENUINE, "right", right), ("x", TWIN, "wrong", ~right)), 1):
        label = f"{name} ({of.sum()}), mean γ {found.gamma[of].mean():.2f}"
        ax.plot(x[of], np.full(of.sum(), -place * step), mark, color=color, markersize=5, alpha=0.6, label=label)
    ax.set(xlabel="signed entropy, standardised", ylabel="density")
    ax.legend()
    medians = [np.median(np.abs(values[of])) for of in (right, ~right)]
    gammas = [found.gamma[of].mean() for of in (right, ~right)]
    return fig, (
        f"{what}. Median size of the entropy: right {medians[0]:.3g}, wrong {medians[1]:.3g}; "
        f"mean posterior of the Gaussian: right {gammas[0]:.2f}, wrong {gammas[1]:.2f}."
    )
