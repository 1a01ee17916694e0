import numpy as np
import pandas as pd
import pytest

from twinlib.errors import InputError
from twinlib.figures.intervals import auc_by_factor, auc_lines
from twinlib.figures.style import PALETTE

TABLE = pd.DataFrame(
    [("points", "none", 0.5, 0.45, 0.54), ("points", "asymmetry", 0.9, 0.85, 0.97), ("judge", "none", 0.51, 0.5, 0.52)],
    columns=["probe", "cause", "auc", "auc_low", "auc_high"],
)


def test_each_value_stands_on_its_line_with_its_interval():
    fig, alt = auc_lines(TABLE, "probe", "cause", "Probes")
    (ax,) = fig.axes
    none, _, _, asymmetry, interval = ax.lines[:5]  # dots of a colour, then its intervals
    assert [text.get_text() for text in ax.get_yticklabels()] == ["points", "judge"]
    assert none.get_xdata().tolist() == [0.5, 0.51]
    assert [round(y) for y in none.get_ydata()] == [0, 1]
    assert asymmetry.get_xdata().tolist() == [0.9]
    assert interval.get_xdata().tolist() == pytest.approx([0.85, 0.97])
    assert none.get_color() == PALETTE[0]
    assert "points, asymmetry: 0.900" in alt


def test_a_table_that_does_not_fit_is_refused():
    with pytest.raises(InputError, match="auc_low"):
        auc_lines(TABLE.drop(columns="auc_low"), "probe", "cause", "x")
    with pytest.raises(InputError, match="one row per"):
        auc_lines(pd.concat([TABLE, TABLE]), "probe", "cause", "x")


def test_a_panel_a_factor_a_line_a_system_and_empty_bins_left_out():
    table = pd.DataFrame({"low": [0.0, 30, 45], "high": [30.0, 45, 90], "auc": [0.9, np.nan, 0.6]})
    table = table.assign(auc_low=table.auc - 0.1, auc_high=table.auc + 0.05)
    fig, alt = auc_by_factor({"pose": {"a": table, "b": table}})
    assert fig.axes[0].get_title(loc="left") == "pose"
    a, low, high, b = fig.axes[0].lines[:4]  # dots of a system, then its intervals
    assert len(a.get_xdata()) == len(b.get_xdata()) == 2
    assert low.get_ydata().tolist() == pytest.approx([0.8, 0.95])
    assert high.get_ydata().tolist() == pytest.approx([0.5, 0.65])
    assert "pose, a: 0–30 0.90, 45–90 0.60" in alt
    with pytest.raises(InputError, match="at least one factor"):
        auc_by_factor({})
