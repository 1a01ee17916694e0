import numpy as np
import pandas as pd
import pytest

from twinlib.errors import InputError
from twinlib.figures.intervals import factor_histograms, rate_by_group


def test_a_panel_a_factor_and_a_line_a_split():
    rng = np.random.default_rng(0)
    images = pd.DataFrame({"split": ["train"] * 30 + ["test"] * 10, "yaw": rng.normal(0, 10, 40), "jpeg": 80.0})
    fig, alt = factor_histograms(images)
    shown = [ax for ax in fig.axes if ax.axison]
    assert [ax.get_xlabel() for ax in shown] == ["head turn, degrees", "JPEG quality"]
    for ax in shown:
        assert len(ax.collections) == 2
    assert "JPEG quality from 80 to 80" in alt


def test_photographs_have_no_factors():
    with pytest.raises(InputError, match="no factor column"):
        factor_histograms(pd.DataFrame({"split": ["train"]}))


def test_rates_with_exact_ends():
    rate = pd.DataFrame({"group": ["all", "occluder"], "bin": ["all", "mask"], "images": [200, 10], "found": [199, 0]})
    fig, alt = rate_by_group(rate)
    ax = fig.axes[0]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["all (n=200)", "occluder mask (n=10)"]
    ends = ax.lines[1].get_xdata()  # with its caps; the lowest line comes first
    assert [np.nanmin(ends), np.nanmax(ends)] == pytest.approx(
        [0, 100 * (1 - 0.025 ** (1 / 10))]
    )  # Clopper–Pearson of 0 in 10
    assert "from 0.0 % (occluder mask) to 99.5 %" in alt
