import numpy as np
import pytest

from twinlib.errors import InputError
from twinlib.figures.exhibits.spanning_tree import edge_kinds, join_kinds, tree

SUBJECT, FAMILY = ["a", "a", "b", "c"], ["f", "f", "f", "g"]


def test_edges_are_named_by_whom_they_join():
    assert edge_kinds(np.array([[0, 1], [1, 2], [2, 3]]), SUBJECT, FAMILY) == ["genuine", "twin", "stranger"]


def test_bars_are_as_long_as_the_edges_and_named_by_kind():
    points = np.array([[0.0, 0, 0, 0], [1, 0, 0, 0], [3, 0, 0, 0], [8, 0, 1, 0]])
    fig, alt = tree(points, SUBJECT, FAMILY, "cm")
    ends = sorted(segment[1][0] for bars in fig.axes[1].collections for segment in bars.get_segments())
    assert ends == pytest.approx([1, 2, np.sqrt(26)])
    assert "same person 1, twins 1, strangers 1" in alt
    assert join_kinds(points, SUBJECT, FAMILY) == ["genuine", "twin", "stranger"]
    with pytest.raises(InputError, match="at least 3 points; got 2"):
        tree(points[:2], SUBJECT, FAMILY, "cm")
