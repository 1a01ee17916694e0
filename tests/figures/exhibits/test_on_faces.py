import numpy as np
import pytest

from twinlib.errors import InputError
from twinlib.figures.exhibits.on_faces import cells_of, frontness_faces, on_marks

NONE = [np.nan, np.nan]
MARKS = np.array([[[0.1, 0.9], [0.6, 0.2]], [[0.9, 0.4], NONE], [NONE, [1.2, 0.5]]])


def test_cells_are_those_under_the_marks():
    """By hand on a grid of 2 × 2: rows are y, columns x; missing and outside marks count nowhere."""
    wanted = np.array([[[0, 1], [1, 0]], [[0, 1], [0, 0]], [[0, 0], [0, 0]]], bool)
    assert (cells_of(MARKS, 2, 2) == wanted).all()


def test_a_map_of_the_marks_is_perfect_and_its_opposite_is_the_worst():
    held = cells_of(MARKS, 4, 4).astype(float)
    assert on_marks(held, MARKS).auc == 1
    assert on_marks(-held, MARKS).auc == 0
    assert on_marks(held, MARKS).cells == 3


def test_looking_at_one_place_of_every_face_gains_nothing_in_place():
    rng = np.random.default_rng(0)
    marks = rng.uniform(0.3, 0.7, (50, 1, 2))  # always in the middle
    middle = np.tile(np.pad(np.ones((2, 2)), 1), (50, 1, 1))
    found = on_marks(middle, marks)
    assert found.auc > 0.85
    assert found.in_place == pytest.approx(0.5)


def test_faces_without_marks_are_refused():
    with pytest.raises(InputError, match="0 of 8 hold one"):
        on_marks(np.zeros((2, 2, 2)), np.full((2, 3, 2), np.nan))


CROPS = [np.zeros((16, 16, 3), np.uint8)] * 2
COLUMNS = np.array([[5.0, 11.0, 8.0], [4.0, 10.0, 9.0]])


def test_both_lines_stand_where_they_were_measured_and_rho_is_said():
    fig, alt = frontness_faces(CROPS, COLUMNS, np.array([1.0, 0.2]))
    drawn = [[line.get_xdata()[0] for line in ax.lines] for ax in fig.axes]
    assert drawn == [[8.0, 8.0], [7.0, 9.0]]
    assert [ax.get_title(loc="center") for ax in fig.axes] == ["1.00", "0.20"]
    assert alt.endswith("frontness ρ: 1.00, 0.20.")


def test_other_numbers_of_faces_and_values_are_refused():
    with pytest.raises(InputError, match="1 faces, 2 landmarks, 2 values"):
        frontness_faces(CROPS[:1], COLUMNS, np.array([1.0, 0.2]))
