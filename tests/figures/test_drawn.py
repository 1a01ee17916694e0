import ast
from pathlib import Path

import numpy as np
import pytest

from twinlib.figures import drawn
from twinlib.figures.style import figure

FIGURES = Path(drawn.__file__).parent
BY_HAND = {  # what draws lines, histograms or maps with matplotlib itself, and why
    "attention_maps.over_face": "a map laid over a picture",
    "plain.maps": "seaborn draws the whole figure once for every map in it",
    "topofr_pictures.tree": "a tree in the plane",
    "topofr_pictures.persistence_diagrams": "a diagram of points",
    "loss_pictures.toy_circles": "a circle",
}
OWN = {"plot", "step", "stairs", "hist", "errorbar", "bar", "barh"}


def calls(function):
    """What a function calls on an object: name of the object and of the method."""
    found = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    return [(ast.unparse(f.value), f.attr) for f in found if isinstance(f, ast.Attribute)]


def drawing():
    """Functions of figures/ that draw a curve, histogram, interval or heat map: name → whether seaborn does."""
    said = {}
    for file in FIGURES.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and file.name != "drawn.py":
                used = calls(node)
                by_drawn = any(owner == "drawn" for owner, _ in used) and "matplotlib" in text
                by_seaborn = by_drawn and ("drawn", "heat_map") not in used
                by_hand = any(name in OWN and owner.startswith("ax") for owner, name in used)
                if by_drawn or by_hand:
                    said[f"{file.stem}.{node.name}"] = by_seaborn
    return said


def test_seaborn_draws_four_figures_of_five():
    said = drawing()
    assert {name for name, by_seaborn in said.items() if not by_seaborn} <= set(BY_HAND)
    assert sum(said.values()) >= 0.8 * len(said), said
    assert {"plain.lines", "plain.histograms", "plain.intervals", "plain.maps", "curves.roc_curves"} <= set(said)


def test_a_curve_keeps_the_order_of_its_points():
    ax = figure()[1]
    drawn.curve(ax, [3, 1, 2], [0.1, 0.2, 0.3], label="a")
    assert [data.tolist() for data in ax.lines[0].get_data()] == [[3, 1, 2], [0.1, 0.2, 0.3]]
    assert ax.get_legend_handles_labels()[1] == ["a"]


@pytest.mark.parametrize(
    ("stat", "heights"), [("density", [1 / 3, 1 / 3]), ("count", [1, 4]), ("proportion", [0.2, 0.8])]
)
def test_a_histogram_counts_by_numpy_s_rule(stat, heights):
    ax = figure()[1]
    edges = np.array([0.0, 1.0, 2.0]) if stat != "density" else np.array([0.0, 1.0, 3.0])
    values, weights = np.array([0.5, 1.5, 1.6]), np.array([1, 2, 2]) if stat != "density" else np.ones(3)
    drawn.histogram(ax, values, edges, "b", "a", weights, stat)
    outline = ax.collections[0].get_paths()[0].vertices
    assert sorted(set(outline[:, 1].round(9)) - {0.0}) == pytest.approx(sorted(set(np.round(heights, 9))))


@pytest.mark.parametrize("upright", [False, True])
def test_intervals_stand_where_they_are_put_and_may_leave_their_value_out(upright):
    ax = figure()[1]
    drawn.intervals(ax, [2, 1, 0], [0.5, 0.6, 0.7], [0.55, np.nan, 0.6], [0.8, np.nan, 0.9], upright, label="a")
    dots, *bars = [line.get_data()[::-1] if upright else line.get_data() for line in ax.lines]
    assert [data.tolist() for data in dots] == [[0.7, 0.6, 0.5], [0, 1, 2]]
    assert [bar[0].tolist() for bar in bars] == [[0.6, 0.9], [0.6, 0.6], [0.55, 0.8]]
    assert ax.get_legend_handles_labels()[1] == ["a"]


def test_a_value_that_is_none_is_not_drawn():
    ax = figure()[1]
    drawn.intervals(ax, [0, 1], [np.nan, 0.5], [np.nan, 0.4], [np.nan, 0.6])
    assert ax.lines[0].get_ydata().tolist() == [1]


def test_a_heat_map_has_square_cells_on_the_scale_given():
    ax = figure()[1]
    drawn.heat_map(ax, np.array([[0.0, 1.0], [2.0, 3.0]]), 0, 4)
    assert ax.collections[0].get_clim() == (0, 4)
    assert ax.get_aspect() == 1
    assert ax.collections[0].get_array().tolist() == [[0, 1], [2, 3]]
