import numpy as np

from twinlib.figures import drawn, gallery, plain, style
from twinlib.figures.shown.plotted import plotted


def test_lines_keep_their_points_and_names():
    fig, _ = plain.lines({"a": ([0, 1, 2], [3.0, 4.0, 5.0]), "b": ([0, 1], [7.0, 8.0])}, "x", "y", "Two lines")
    table = plotted(fig)
    assert table[table["series"] == "a"][["x", "y"]].to_numpy(float).tolist() == [[0, 3], [1, 4], [2, 5]]
    assert table[table["series"] == "b"]["y"].tolist() == [7.0, 8.0]


def test_intervals_name_their_rows():
    fig, _ = plain.intervals({"one": (0.5, 0.4, 0.6), "two": (0.7, 0.6, 0.8)}, "AUC", "Two rows")
    table = plotted(fig)
    assert {"one", "two"} <= set(table["y"])
    assert {0.4, 0.5, 0.6} <= {round(x, 6) for x in table[table["y"] == "one"]["x"]}


def test_histograms_bars_and_maps_are_read_too():
    fig, _ = plain.histograms({"a": np.arange(10.0)}, "x", "One sample", bins=5)
    assert len(plotted(fig))
    fig, ax = style.figure()
    ax.bar(["p", "q"], [1.0, 2.0])
    bars = plotted(fig).query("drawn == 'bar'")
    assert bars[["x", "y"]].to_numpy().tolist() == [["p", 1.0], ["q", 2.0]]
    fig, ax = style.figure()
    drawn.heat_map(ax, np.array([[1.0, 2.0], [3.0, 4.0]]), 0, 4)
    assert sorted(plotted(fig)["value"].tolist()) == [1, 2, 3, 4]


def test_a_sheet_of_pictures_plots_nothing_and_a_reference_line_is_no_data():
    fig, _ = gallery.contact_sheet([np.zeros((8, 8, 3), np.uint8)] * 2, ["row"], 2, "Two")
    assert plotted(fig).empty
    fig, ax = style.figure()
    ax.axhline(0.5)
    assert plotted(fig).empty


def test_panels_are_named():
    fig, _ = plain.panels({"left": {"a": ([0], [1.0])}, "right": {"a": ([0], [2.0])}}, "x", "y", "Two panels")
    assert set(plotted(fig)["panel"]) == {"left", "right"}
