import numpy as np
import pytest

from twinlib.errors import InputError
from twinlib.figures.exhibits.marks import cells_of, on_marks

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
