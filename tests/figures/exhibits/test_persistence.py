import numpy as np
import pytest

from twinlib.errors import InputError
from twinlib.figures.exhibits.persistence import persistence_diagrams


def test_what_never_dies_is_left_out():
    dims = [np.array([[0.0, 1.0], [0.0, np.inf]]), np.array([[1.0, 2.0]])]
    fig, alt = persistence_diagrams({"3 points": dims})
    assert [len(line.get_xdata()) for line in fig.axes[0].lines] == [2, 1, 1]
    assert "3 points: 1, 1" in alt


def test_nothing_is_refused():
    with pytest.raises(InputError, match="at least one diagram"):
        persistence_diagrams({})


def test_the_legend_stands_where_every_dimension_is():
    hole = np.array([[0.1, 0.2]])
    fig, _ = persistence_diagrams({"small": [hole, hole, hole], "large": [hole, hole]})
    names = [text.get_text() for ax in fig.axes if ax.get_legend() for text in ax.get_legend().texts]
    assert names == ["components (H0)", "loops (H1)", "voids (H2)"]
