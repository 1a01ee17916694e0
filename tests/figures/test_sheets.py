import numpy as np
import pytest

from twinlib.errors import InputError
from twinlib.figures.gallery import contact_sheet

IMAGES = [np.full((8, 8, 3), 40 * i, np.uint8) for i in range(6)]


def test_every_image_is_drawn_in_its_row():
    fig, alt = contact_sheet(IMAGES, ["a", "b"], 3, "Twins")
    drawn = [ax.images[0].get_array()[0, 0, 0] for ax in fig.axes]
    assert drawn == [0, 40, 80, 120, 160, 200]
    assert [ax.get_ylabel() for ax in fig.axes] == ["a", "", "", "b", "", ""]
    assert "2 rows (a, b) of 3" in alt


def test_boxes_land_on_pixels():
    boxes = np.tile([[0.25, 0.5, 0.75, 1.0]] * 4, (6, 1, 1))
    fig, alt = contact_sheet(IMAGES, ["a", "b"], 3, "Twins", boxes)
    box = fig.axes[4].patches[2]
    assert (box.get_x(), box.get_y(), box.get_width(), box.get_height()) == (1.5, 3.5, 4, 4)
    assert "region boxes" in alt


def test_a_gap_is_refused():
    with pytest.raises(InputError, match=r"needs 2 × 3 images.*got 5"):
        contact_sheet(IMAGES[:5], ["a", "b"], 3, "Twins")
