import pandas as pd
import pytest

from twinlib.errors import InputError
from twinlib.figures.intervals import auc_lines
from twinlib.figures.style import PALETTE

TABLE = pd.DataFrame(
    [("points", "none", 0.5, 0.45, 0.54), ("points", "asymmetry", 0.9, 0.85, 0.97), ("judge", "none", 0.51, 0.5, 0.52)],
    columns=["probe", "cause", "auc", "auc_low", "auc_high"],
)


def test_each_value_stands_on_its_line_with_its_interval():
    fig, alt = auc_lines(TABLE, "probe", "cause", "Probes")
    (ax,) = fig.axes
    none, asymmetry = ax.containers
    assert [text.get_text() for text in ax.get_yticklabels()] == ["points", "judge"]
    assert none[0].get_xdata().tolist() == [0.5, 0.51]
    assert [round(y) for y in none[0].get_ydata()] == [0, 1]
    assert asymmetry[2][0].get_segments()[0][:, 0].tolist() == pytest.approx([0.85, 0.97])
    assert none[0].get_color() == PALETTE[0]
    assert "points, asymmetry: 0.900" in alt


def test_a_table_that_does_not_fit_is_refused():
    with pytest.raises(InputError, match="auc_low"):
        auc_lines(TABLE.drop(columns="auc_low"), "probe", "cause", "x")
    with pytest.raises(InputError, match="one row per"):
        auc_lines(pd.concat([TABLE, TABLE]), "probe", "cause", "x")
