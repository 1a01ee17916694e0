import numpy as np
import pandas as pd
import pytest

from twinlib.errors import InputError
from twinlib.figures import plain
from twinlib.figures.plain import training_curves


def test_lines_draw_what_they_say():
    fig, alt = plain.lines({"a": ([1, 2, 4], [0.5, 0.6, 0.9])}, "points", "rate", "A rise", log=True, reference=0.5)
    ax = fig.axes[0]
    assert ax.lines[0].get_ydata().tolist() == [0.5, 0.6, 0.9]
    assert ax.get_xscale() == "log"
    assert "a goes from 0.5 to 0.9" in alt


def test_histograms_have_common_bins_and_area_1():
    fig, alt = plain.histograms({"a": np.array([0.0, 1.0, 1.0]), "b": np.array([3.0])}, "x", "Two samples", mark=2.0)
    drawings = fig.axes[0].collections
    assert [len(drawing.get_paths()) for drawing in drawings] == [1, 1]
    ends = [np.ptp(drawing.get_paths()[0].vertices[:, 0]) for drawing in drawings]
    assert ends == pytest.approx([3.0, 3.0])  # the same bins
    assert "a 1" in alt
    assert "b 3" in alt


def test_intervals_say_their_ends():
    fig, alt = plain.intervals({"a": (0.5, 0.25, 0.75)}, "share", "One rate")
    assert [list(line.get_xdata()) for line in fig.axes[0].lines] == [[0.5], [0.25, 0.75]]
    assert alt == "One rate: a 0.5 (0.25 to 0.75)."


def test_maps_of_a_row_share_a_scale():
    pictures = [np.zeros((4, 4, 3), np.uint8)] * 2
    fig, alt = plain.maps(pictures, {"gate": [np.array([[0.0, 0.5]]), np.array([[0.25, 1.0]])]}, "Where it looks")
    assert [ax.collections[0].get_clim() for ax in fig.axes[2:]] == [(0.0, 1.0)] * 2
    assert "gate 0 to 1" in alt


def test_nothing_to_draw_is_refused():
    with pytest.raises(InputError, match="at least one curve"):
        plain.lines({}, "x", "y", "nothing")
    with pytest.raises(InputError, match="none of them empty"):
        plain.histograms({"a": np.array([])}, "x", "nothing")
    with pytest.raises(InputError, match="at least one row"):
        plain.intervals({}, "x", "nothing")
    with pytest.raises(InputError, match="not a map for each of 1 pictures"):
        plain.maps([np.zeros((2, 2, 3), np.uint8)], {"a": []}, "nothing")
    with pytest.raises(InputError, match="can be told apart"):
        plain.lines({str(i): ([0], [0]) for i in range(9)}, "x", "y", "many")


def test_panels_share_colours_scale_and_one_legend():
    curves = {"one": {"a": ([1, 2], [0.5, 0.7]), "b": ([1, 2], [3.0, 4.0])}, "two": {"b": ([1, 2], [1.0, 2.0])}}
    fig, alt = plain.panels(curves, "epoch", "loss", "Curves")
    first, second = fig.axes
    assert first.get_ylim() == second.get_ylim()
    assert first.lines[1].get_color() == second.lines[0].get_color() != first.lines[0].get_color()
    assert [text.get_text() for text in fig.legends[0].texts] == ["a", "b"]
    assert "one, a from 0.5 to 0.7" in alt


def test_an_empty_panel_is_refused():
    with pytest.raises(InputError, match="at least one panel"):
        plain.panels({"one": {}}, "x", "y", "Curves")


def test_a_long_table_becomes_panels_with_seeds_averaged_and_places_sorted():
    rows = [("B", "b", 1, 5.0), ("A", "a", 2, 1.0), ("A", "a", 1, 0.0), ("A", "a", 1, 4.0)]
    table = pd.DataFrame(rows, columns=["panel", "curve", "x", "y"])
    found = plain.by_panel(table, "panel", "curve", "x", "y")
    assert found == {"B": {"b": ([1], [5.0])}, "A": {"a": ([1, 2], [2.0, 1.0])}}
    assert list(found) == ["B", "A"]


def test_a_line_a_run_and_the_end_in_words():
    table = pd.DataFrame({"step": [20, 40], "loss": [5.0, 3.456], "accuracy": [0.1, 0.8]})
    fig, alt = training_curves({"vit": table, "vit_grid": table.assign(loss=1.0)})
    assert [line.get_ydata().tolist() for line in fig.axes[0].lines] == [[5.0, 3.456], [1.0, 1.0]]
    assert "vit ends at loss 3.46 and accuracy 0.80" in alt


def test_a_run_without_history_is_refused():
    with pytest.raises(InputError, match="'pretrained' has no history"):
        training_curves({"pretrained": pd.DataFrame()})
