import numpy as np
import pandas as pd
import pytest

from twinlib.errors import InputError
from twinlib.figures.exhibits.breaks import auc_by_factor


def test_a_panel_a_factor_a_line_a_system_and_empty_bins_left_out():
    table = pd.DataFrame({"low": [0.0, 30, 45], "high": [30.0, 45, 90], "auc": [0.9, np.nan, 0.6]})
    table = table.assign(auc_low=table.auc - 0.1, auc_high=table.auc + 0.05)
    fig, alt = auc_by_factor({"pose": {"a": table, "b": table}})
    assert fig.axes[0].get_title(loc="left") == "pose"
    assert len(fig.axes[0].containers) == 2
    assert len(fig.axes[0].containers[0].lines[0].get_xdata()) == 2
    assert "pose, a: 0–30 0.90, 45–90 0.60" in alt
    with pytest.raises(InputError, match="at least one factor"):
        auc_by_factor({})
