import pandas as pd
import pytest

from twinlib.errors import InputError
from twinlib.figures.exhibits.training_curves import training_curves


def test_a_line_a_run_and_the_end_in_words():
    table = pd.DataFrame({"step": [20, 40], "loss": [5.0, 3.456], "accuracy": [0.1, 0.8]})
    fig, alt = training_curves({"vit": table, "vit_grid": table.assign(loss=1.0)})
    assert [line.get_ydata().tolist() for line in fig.axes[0].lines] == [[5.0, 3.456], [1.0, 1.0]]
    assert "vit ends at loss 3.46 and accuracy 0.80" in alt


def test_a_run_without_history_is_refused():
    with pytest.raises(InputError, match="'pretrained' has no history"):
        training_curves({"pretrained": pd.DataFrame()})
