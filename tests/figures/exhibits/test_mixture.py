import numpy as np
import pytest

from twinlib.errors import InputError
from twinlib.figures.exhibits.mixture import entropy_mixture
from twinlib.methods.topofr.gum import fit

RNG = np.random.default_rng(0)
VALUES = np.concatenate([RNG.normal(0, 0.3, 60), RNG.uniform(-6, 6, 20)])
RIGHT = np.arange(80) < 60


def test_the_curve_is_the_fitted_gaussian_and_every_sample_has_a_sign():
    fig, alt = entropy_mixture(VALUES, RIGHT, "Entropies")
    curve, right, wrong = fig.axes[0].lines
    assert (len(right.get_xdata()), len(wrong.get_xdata())) == (60, 20)
    found = fit(VALUES)
    peak = found.pi / np.sqrt(2 * np.pi * (found.variance + 1e-3))
    assert curve.get_ydata().max() == pytest.approx(peak, rel=0.02)
    assert f"right {found.gamma[RIGHT].mean():.2f}, wrong {found.gamma[~RIGHT].mean():.2f}" in alt


def test_one_kind_alone_is_refused():
    with pytest.raises(InputError, match="all of these are of one kind"):
        entropy_mixture(VALUES, np.ones(80, bool), "Entropies")
