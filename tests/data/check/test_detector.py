import numpy as np
import pytest
from PIL import Image
from skimage import data

from twinlib.data.check.detector import alignment
from twinlib.data.check.inventory import take
from twinlib.faces import align
from twinlib.faces.points import read_points


@pytest.fixture(scope="module")
def looked(tmp_path_factory):
    root = tmp_path_factory.mktemp("people")
    astronaut = Image.fromarray(data.astronaut())
    near = astronaut.crop((80, 0, 380, 300))
    for name, image in {
        "a/1.png": near,
        "a/2.jpg": near.resize((150, 150)),
        "b/none.png": Image.fromarray(data.brick()[:200, :200]),
        "b/two.png": Image.fromarray(np.hstack([np.asarray(near)] * 2)),
    }.items():
        (root / name).parent.mkdir(exist_ok=True)
        image.save(root / name)
    (root / "b" / "empty.png").touch()
    inventory = take(root)
    return inventory, alignment(inventory, root, root.parent / f"{root.name}-out")


def test_table_follows_the_inventory(looked):
    inventory, result = looked
    status = dict(zip(inventory.table["image"], result.table["status"], strict=True))
    assert status == {
        "a/1.png": "found", "a/2.jpg": "found", "b/empty.png": "unreadable", "b/none.png": "not_found",
        "b/two.png": "found",
    }  # fmt: skip
    assert result.canonical.tolist() == [False, False, True, True, False]


def test_distance_of_the_eyes_is_that_in_the_photograph(looked):
    result = looked[1]
    for i in (0, 1):
        five = align.five_points(result.faces.landmarks[result.rows[i]].astype(float))
        assert result.table["eyes_px"][i] == pytest.approx(np.linalg.norm(five[1] - five[0]), rel=0.15)
    assert result.table["eyes_px"][1] == pytest.approx(result.table["eyes_px"][0] / 2, rel=0.05)
    assert result.table.loc[2:3, "eyes_px"].isna().all()


def test_numbers_and_findings(looked):
    inventory, result = looked
    n = result.numbers()
    assert (n["found"], n["not_found"], n["unreadable"], n["several"], n["canonical_boxes"]) == (3, 1, 1, 1, 2)
    found = {one.what: one for one in result.findings(inventory.table["image"].to_numpy())}
    assert found["pictures without a face that is found"].examples == ("b/none.png",)
    assert found["pictures with several faces"].examples == ("b/two.png: largest central of 2 faces",)


def test_given_points(tmp_path):
    (tmp_path / "in" / "a").mkdir(parents=True)
    Image.fromarray(data.brick()[:112, :112]).save(tmp_path / "in/a/1.png")
    values = ",".join(str(v) for v in align.TEMPLATE_112.ravel())
    (tmp_path / "five.csv").write_text(f"image,lx,ly,rx,ry,nx,ny,mlx,mly,mrx,mry\na/1.png,{values}\n")
    inventory = take(tmp_path / "in")
    result = alignment(inventory, tmp_path / "in", tmp_path / "out", points=read_points(tmp_path / "five.csv"))
    n = result.numbers()
    assert (n["found"], n["given_points"], n["canonical_boxes"]) == (1, 1, 1)
    assert abs(result.table["roll"][0]) < 3
