import numpy as np
import pytest
from PIL import Image
from skimage import data

from twinlib.errors import InputError
from twinlib.faces import align, faceparts
from twinlib.faces.align import TEMPLATE_112
from twinlib.faces.faceparts import FORMS, FaceStep, placed, read_points


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("photos")
    near = Image.fromarray(data.astronaut()[:300, 80:380])
    for i in range(3):
        near.rotate(10 * i).save(root / f"face{i}.jpg")
    Image.fromarray(data.brick()[:99]).save(root / "brick.png")
    (root / "empty.png").touch()
    return root


def test_rows_of_the_three_outcomes(folder):
    with FaceStep(folder, 64) as step:
        found, brick, empty = (step.row(name) for name in ("face0.jpg", "brick.png", "empty.png"))
    assert [str(row["status"]) for row in (found, brick, empty)] == list(faceparts.STATUS)
    assert {name: row.shape for name, row in found.items()} == {name: row.shape for name, row in empty.items()}
    assert not found["canonical"]
    assert brick["canonical"]
    np.testing.assert_allclose(brick["matrix"], align.centre_crop(512, 99, 64), rtol=1e-6)
    assert empty["crop"].shape == (64, 64, 3)
    assert str(empty["reason"]).startswith("empty.png is empty")


def test_a_face_whose_landmarks_are_useless_counts_as_not_found(folder, monkeypatch):
    def refuse(*points):
        raise InputError("the points coincide")

    with FaceStep(folder, 64) as step:
        monkeypatch.setattr(align, "similarity", refuse)
        row = step.row("face0.jpg")
    assert (str(row["status"]), str(row["reason"])) == ("not_found", "the points coincide")
    assert np.isnan(row["landmarks"]).all()


def test_without_need_no_detector_is_made(folder, monkeypatch):
    monkeypatch.setattr(faceparts, "UprightMesh", None)
    with FaceStep(folder, 112) as step:
        row = step.row("brick.png", align.TEMPLATE_112)
    assert (str(row["status"]), str(row["attempt"]), bool(row["canonical"])) == ("found", "given", True)
    np.testing.assert_allclose(row["matrix"], [[1, 0, 0], [0, 1, 0]], atol=1e-5)


def test_of_upright_pictures_facemesh_alone_finds_the_same(smoke_set):
    from twinlib.data.manifest import is_rendered, read_manifest

    paths = list(read_manifest(smoke_set).images["path"][:6])
    with FaceStep(smoke_set, 112, upright=True) as fast, FaceStep(smoke_set, 112) as careful:
        for path in paths:
            one, other = fast.row(path), careful.row(path)
            for name in ("status", "landmarks", "matrix", "crop", "boxes", "canonical"):
                np.testing.assert_array_equal(one[name], other[name], err_msg=f"{path}: {name}")
    assert is_rendered(smoke_set)
    assert not is_rendered(smoke_set / "images")


VALUES = ",".join(f"{v:.4f}" for v in TEMPLATE_112.ravel())


def write(folder, head, *rows):
    file = folder / "points.csv"
    file.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return file


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_names_gives_the_same_points(form, tmp_path):
    file = write(tmp_path, f"image,{','.join(form)},more", f"ä b/1.jpg,{VALUES},x", f"2.jpg,{VALUES},y")
    read = read_points(file)
    assert list(read) == ["ä b/1.jpg", "2.jpg"]
    np.testing.assert_allclose(read["2.jpg"], TEMPLATE_112)


def test_the_suffix_chooses_the_frame(tmp_path):
    head = ",".join([f"{n}_250" for n in FORMS[0]] + [f"{n}_112" for n in FORMS[0]])
    file = write(tmp_path, f"image,{head}", f"1.jpg,{','.join('1234567890')},{VALUES}")
    np.testing.assert_allclose(read_points(file, "_112")["1.jpg"], TEMPLATE_112)
    np.testing.assert_array_equal(read_points(file, "_250")["1.jpg"][0], [1, 2])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([f"1.jpg,{VALUES}", f"1.jpg,{VALUES}"], "'1.jpg' occurs twice"),
        ([f"1.jpg,{VALUES}", "2.jpg,,2,3,4,5,6,7,8,9,10"], "row 3: wanted ten numbers"),
        (["1.jpg,90,2,3,4,5,6,7,8,9,10"], "left eye of 1.jpg lies right"),
    ],
)
def test_bad_rows_are_refused(rows, message, tmp_path):
    with pytest.raises(InputError, match=message):
        read_points(write(tmp_path, f"image,{','.join(FORMS[1])}", *rows))


def test_other_files_are_refused(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        read_points(tmp_path / "none.csv")
    with pytest.raises(InputError, match="wanted columns image, lex"):
        read_points(write(tmp_path, "image,x,y", "1.jpg,1,2"))


def test_points_in_a_table_of_another_system_find_their_images(tmp_path):
    head, values = f"File;{';'.join(FORMS[2])}", VALUES.replace(".", "!").replace(",", ";").replace("!", ",")
    file = write(tmp_path, head, f"C:\\faces\\Zoe\u0308\\1.jpg;{values}", rf"b\2.JPG;{values}", f"i3;{values}")
    found = placed(read_points(file), ["i1", "i2", "i3"], ["Zoë/1.jpg", "b/2.jpg", "c/3.jpg"])
    assert list(found) == ["Zoë/1.jpg", "b/2.jpg", "c/3.jpg"]
    np.testing.assert_allclose(found["b/2.jpg"], TEMPLATE_112)
    with pytest.raises(InputError, match="points are those of other images"):
        placed(read_points(file), ["x"], ["x/9.jpg"])
