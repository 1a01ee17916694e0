import numpy as np
import pytest

from twinlib import files
from twinlib.errors import InputError
from twinlib.figures.gallery import MARK, NOTICE, rendered, showable

CROPS = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), dtype=np.uint8)


def test_photographs_stay_out_unless_asked_for(tmp_path):
    hidden = showable(CROPS, tmp_path, "synthetic")
    assert hidden.crops.shape == CROPS.shape
    assert (hidden.crops == hidden.crops[0]).all()  # nothing of any face is left
    assert hidden.notice == ""
    shown = showable(CROPS, tmp_path, "local")
    np.testing.assert_array_equal(shown.crops, CROPS)
    assert shown.notice == NOTICE
    assert MARK in shown.notice


def test_rendered_faces_are_shown_without_a_mark(tmp_path):
    files.write_json(tmp_path / "dataset.json", {"generator_version": 1})
    for gallery in ("synthetic", "local"):
        np.testing.assert_array_equal(showable(CROPS, tmp_path, gallery).crops, CROPS)
        assert showable(CROPS, tmp_path, gallery).notice == ""


@pytest.mark.parametrize("described", [{}, {"kind": "photographs"}, {"generator_version": None}, []])
def test_what_is_not_known_to_be_rendered_is_private(described, tmp_path):
    files.write_json(tmp_path / "dataset.json", described)
    assert not rendered(tmp_path)
    assert not rendered(tmp_path / "some.zip")


def test_another_gallery_is_refused(tmp_path):
    with pytest.raises(InputError, match="gallery: wanted synthetic or local, found 'all'"):
        showable(CROPS, tmp_path, "all")
