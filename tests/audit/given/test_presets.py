import json

import numpy as np
import pytest

from twinlib.audit.given.presets import PRESETS, preset
from twinlib.errors import InputError
from twinlib.faces.align import TEMPLATE_112

POINTS = TEMPLATE_112 + 20
PICTURE = np.random.default_rng(0).integers(0, 256, (160, 160, 3), np.uint8)


def test_a_face_on_the_template_is_cut_out_as_it_is():
    np.testing.assert_array_equal(PRESETS["sface"].crop(PICTURE, POINTS), PICTURE[20:132, 20:132])


@pytest.mark.parametrize(
    ("name", "shape"), [("insightface", (3, 112, 112)), ("mobilefacenet", (3, 112, 96)), ("dlib", (3, 150, 150))]
)
def test_a_preset_gives_what_its_networks_take(name, shape):
    found = PRESETS[name]
    crop = found.crop(PICTURE, POINTS)
    assert found.preprocess(crop[None]).shape == (1, *shape)


def test_bytes_pass_through_sface_and_are_scaled_for_others():
    grey = np.full((1, 112, 112, 3), 255, np.uint8)
    assert PRESETS["sface"].preprocess(grey).max() == 255
    assert PRESETS["insightface"].preprocess(grey).max() == 1
    assert PRESETS["mobilefacenet"].preprocess(grey).max() == pytest.approx(127.5 / 128)


def test_dlib_has_eyes_where_its_chips_have_them():
    marked = np.zeros((160, 160, 3), np.uint8)
    for x, y in POINTS[:2].round().astype(int):
        marked[y - 1 : y + 2, x - 1 : x + 2] = 255
    rows, columns = np.nonzero(PRESETS["dlib"].crop(marked, POINTS)[..., 0] > 127)
    assert rows.mean() == pytest.approx(47.8, abs=1)
    assert columns[columns < 75].mean() == pytest.approx(49, abs=1)
    assert columns[columns > 75].mean() == pytest.approx(101, abs=1)


def test_a_file_changes_what_it_names(tmp_path):
    file = tmp_path / "mine.json"
    file.write_text(
        json.dumps({"size": 160, "channels": "BGR", "mean": [0, 0, 0], "std": [255, 255, 255], "columns": None})
    )
    found = preset(str(file)).preprocess
    assert (found.size, found.channels, found.columns) == (160, "BGR", None)
    crop = np.zeros((1, 160, 160, 3), np.uint8)
    crop[..., 0] = 255
    np.testing.assert_array_equal(found(crop)[0, :, 0, 0], [0, 0, 1])


@pytest.mark.parametrize(
    ("value", "match"),
    [
        ({"sice": 112}, "some of size"),
        ({"columns": [0, 500]}, "end beyond the size"),
        ({"size": 96, "columns": [8, 104]}, "end beyond the size"),
        ({"mean": [float("nan")] * 3}, "mean cannot be"),
        ([], "some of size"),
        ({"size": "112"}, "size cannot be '112'"),
        ({"size": True}, "size cannot be True"),
        ({"size": 8}, "size cannot be 8"),
        ({"std": [1, 1, 0]}, "std cannot be"),
        ({"mean": [1, 2]}, "mean cannot be"),
        ({"mean": ["a", 2, 3]}, "mean cannot be"),
        ({"columns": [96, 8]}, "columns cannot be"),
        ({"channels": "GRAY"}, "channels cannot be 'GRAY'"),
    ],
)
def test_a_bad_file_is_refused_by_its_name_and_field(tmp_path, value, match):
    file = tmp_path / "bad.json"
    file.write_text(json.dumps(value))
    with pytest.raises(InputError, match=rf"bad\.json: .*{match}"):
        preset(str(file))


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(InputError, match=r"'arcface' is unknown; known: insightface, sface"):
        preset("arcface")
