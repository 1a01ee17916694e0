import numpy as np
import pytest

from twinlib.errors import InputError
from twinlib.figures.exhibits.frontness_faces import frontness_faces

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
