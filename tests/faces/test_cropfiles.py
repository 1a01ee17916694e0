import numpy as np
import pytest
from PIL import Image
from skimage import data

from twinlib.errors import InputError
from twinlib.faces.align import TEMPLATE_112
from twinlib.faces.cropfiles import write_crops
from twinlib.faces.find import read_faces
from twinlib.faces.images import read_image


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    root = tmp_path_factory.mktemp("in")
    (root / "ä b").mkdir()
    Image.fromarray(data.astronaut()[:300, 80:380]).save(root / "ä b/1.png")
    Image.fromarray(data.brick()[:150, :150]).save(root / "ä b/none.jpg")
    (root / "empty.png").touch()
    points = {f"few/{i}.png": TEMPLATE_112 for i in range(18)}  # no detector; with them one in twenty is unreadable
    (root / "few").mkdir()
    for name in points:
        Image.new("RGB", (112, 112)).save(root / name)
    out = tmp_path_factory.mktemp("out")
    return root, out, write_crops(root, out, size=224, points=points)


def test_files_are_the_detectors_crops(made):
    _, out, table = made
    faces = read_faces(out / "aligned")
    assert {name for name in table["crop"] if not name.startswith("few")} == {"", "ä b/1.png.png", "ä b/none.jpg.png"}
    for i, crop in enumerate(table["crop"]):
        if crop:
            np.testing.assert_array_equal(read_image(out / crop), faces.crops[i])
    assert faces.crops.shape[1:] == (224, 224, 3)


def test_table_tells_outcome_and_boxes(made):
    table = made[2].set_index("image").query("not index.str.startswith('few')")
    assert table["status"].to_dict() == {"ä b/1.png": "found", "ä b/none.jpg": "not_found", "empty.png": "unreadable"}
    assert table["canonical"].to_dict() == {"ä b/1.png": False, "ä b/none.jpg": True, "empty.png": True}
    assert table.loc["empty.png", "crop"] == ""
    assert (table["eyes_y1"] < table["jaw_y1"]).all()


def test_output_among_photographs_is_refused(made):
    root = made[0]
    with pytest.raises(InputError, match="lies in the source"):
        write_crops(root, root / "crops")


def test_nothing_is_written_of_a_source_of_which_too_little_can_be_read(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "text.png").write_text("no photograph")
    with pytest.raises(InputError, match=r"1 of 1 images cannot be read.*text\.png is not an image"):
        write_crops(tmp_path / "in", tmp_path / "out")
    assert not (tmp_path / "out" / "crops.csv").exists()
