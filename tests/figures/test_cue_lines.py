import pandas as pd
import pytest

from twinlib.errors import InputError
from twinlib.figures.intervals import cue_plot

TABLE = pd.DataFrame(
    [("base", "marks", 0.6, 0.55, 0.65, 40, 5), ("base", "nothing", 0.5, 0.47, 0.53, 40, 5),
     ("more", "marks", 0.7, 0.66, 0.74, 40, 5)],
    columns=["row", "cue", "value", "low", "high", "families", "seeds"],
)  # fmt: skip


def test_a_panel_a_cue_and_every_number_in_words():
    fig, alt = cue_plot(TABLE)
    assert [ax.get_title("left") for ax in fig.axes] == ["marks", "nothing"]
    assert [text.get_text() for text in fig.axes[0].get_yticklabels()] == ["more", "base"]
    assert len(fig.axes[1].lines) == 3  # one interval, one dot, chance: the other row was not scored there
    assert "marks, more: 0.700 [0.660, 0.740]" in alt


def test_an_interval_that_holds_chance_is_not_coloured():
    fig, _ = cue_plot(TABLE)
    assert fig.axes[0].lines[0].get_color() != fig.axes[1].lines[0].get_color()


def test_nothing_to_draw_is_refused():
    with pytest.raises(InputError, match="nothing to draw"):
        cue_plot(TABLE[:0])
