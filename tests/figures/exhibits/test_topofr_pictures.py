import numpy as np
import pytest

from twinlib.errors import InputError
from twinlib.figures.exhibits.topofr_pictures import edge_kinds, entropy_mixture, join_kinds, persistence_diagrams, tree
from twinlib.methods.topofr.gum import fit

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
