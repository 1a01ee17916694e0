import zipfile

import pandas as pd
import pytest
from PIL import Image

from twinlib.data.readers.lists import read_lfw, read_list, read_tidy, write_lfw
from twinlib.errors import InputError

LFW = "2\t1\nAnn_Lee\t1\t2\nAnn_Lee\t1\tBo\t1\nCy\t1\t3\nCy\t1\tDi\t1\n"


def save(root, *names):
    for i, name in enumerate(names):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (i, i, i)).save(root / name)
    return root


@pytest.fixture
def faces(tmp_path):
    people = ("Ann_Lee", 1), ("Ann_Lee", 2), ("Bo", 1), ("Cy", 1), ("Cy", 3), ("Di", 1)
    return save(tmp_path / "lfw", *(f"{who}/{who}_000{i}.png" for who, i in people))


def write(tmp_path, text, name="pairs.txt"):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / name


def test_lfw_folds_and_names(tmp_path, faces):
    found = read_list(faces, write(tmp_path, LFW))
    assert list(found.pairs["fold"]) == [1, 1, 2, 2]
    assert list(found.pairs["same"]) == [1, 0, 1, 0]
    assert found.pairs["image_b"].iloc[1] == "Bo/Bo_0001.png"
    assert set(found.images["subject"]) == {"Ann_Lee", "Bo", "Cy", "Di"}
    assert (found.images["split"] == "test").all()


def test_a_zip_with_a_folder_around_gives_the_same_list(tmp_path, faces):
    packed = tmp_path / "lfw.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for file in faces.rglob("*.png"):
            archive.write(file, f"lfw/{file.relative_to(faces).as_posix()}")
    pairs = write(tmp_path, LFW.replace("\t", " "))
    a, b = read_list(faces, pairs), read_list(packed, pairs)
    assert ("lfw/" + a.pairs["image_a"]).equals(b.pairs["image_a"])
    with a.reading() as one, b.reading() as other:
        for path in a.images["path"]:
            assert one(path) == other(f"lfw/{path}")


def test_a_list_without_folds_has_one(tmp_path):
    table, _ = read_lfw(write(tmp_path, "1\nAnn_Lee\t1\t2\nAnn_Lee\t1\tBo\t1\n"))
    assert list(table["fold"]) == [1, 1]


def test_writing_gives_the_same_text(tmp_path):
    table, _ = read_lfw(write(tmp_path, LFW))
    write_lfw(tmp_path / "again.txt", table.sample(frac=1, random_state=1).sort_values(["fold", "same"]))
    assert (tmp_path / "again.txt").read_text() == LFW
    with pytest.raises(InputError, match="n genuine and n impostor pairs each"):
        write_lfw(tmp_path / "x.txt", table[1:])
    with pytest.raises(InputError, match=r"'1.jpg' is not named like"):
        write_lfw(tmp_path / "x.txt", table.assign(image_a="1.jpg"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: wanted the number of folds"),
        ("two\t1\n", "line 1: wanted the number of folds"),
        (LFW.removesuffix("Cy\t1\tDi\t1\n"), "promises 4 pairs, the file has 3"),
        (LFW + "Cy\t1\t2\n", "promises 4 pairs, the file has 5"),
        (LFW.replace("Bo\t1", "Bo\tone"), "line 3: wanted 'name i j'"),
        (LFW.replace("Di", "Zoe"), "names 'Zoe/Zoe_0001', which is no one file"),
    ],
)
def test_damaged_lists_are_refused_by_line(tmp_path, faces, text, message):
    with pytest.raises(InputError, match=message):
        read_list(faces, write(tmp_path, text))


def test_tidy_csv(tmp_path):
    root = save(tmp_path / "faces", "1.png", "2.png", "3.png", "4.png")
    text = "image_a,image_b,same,relation\n1.png,2.png,TRUE,self\n1.png,3.png,0,twin\n2.png,4.png,0,cousin\n"
    found = read_list(root, write(tmp_path, text, "pairs.csv"))
    assert list(found.pairs["kind"]) == ["genuine", "twin"]
    assert found.notes == ("1 pairs were left out: 'cousin' is none of genuine, twin, sibling, stranger.",)
    assert list(found.images["relation"]) == ["mz", "mz", "mz"]
    assert found.images["family"].nunique() == 1


def test_tidy_csv_names_images_of_a_data_set_by_id(tmp_path):
    root = save(tmp_path / "set", "images/x.png", "images/y.png")
    rows = (
        "image,path,subject,family,split,relation\nid1,images/x.png,s,f,test,single\nid2,images/y.png,s,f,test,single\n"
    )
    (root / "manifest.csv").write_text(rows)
    found = read_list(root, write(tmp_path, "image_a,image_b,same,fold\nid1,id2,1,3\n", "p.csv"))
    assert list(found.pairs[["image_a", "image_b", "fold"]].iloc[0]) == ["images/x.png", "images/y.png", 3]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("image_a,same\na,1\n", "'image_b' is missing"),
        ("image_a,image_b,same\na,b,maybe\n", "row 2: same is 'maybe'"),
        ("image_a,image_b,same,fold\na,b,1,x\n", "row 2: fold is 'x'"),
        ("image_a,image_b,same,kind\na,b,1,twin\n", "row 2: same is 1, kind 'twin'"),
    ],
)
def test_damaged_csv_is_refused_by_row(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read_tidy(write(tmp_path, text, "p.csv"))


def test_missing_other_and_foreign_files_are_refused(tmp_path, faces):
    with pytest.raises(InputError, match=r"pairs.xls: wanted a pair list ending in .txt or .csv"):
        read_list(faces, tmp_path / "pairs.xls")
    with pytest.raises(InputError, match="does not exist"):
        read_list(faces, tmp_path / "pairs.txt")
    (tmp_path / "pairs.txt").write_bytes(b"\xff\xfe1\x000")
    with pytest.raises(InputError, match="is no utf-16 text"):
        read_list(faces, tmp_path / "pairs.txt")


@pytest.mark.data
def test_the_real_list_in_both_forms(shared_data, tmp_path):
    folder = shared_data / "lfw"
    txt, _ = read_lfw(folder / "pairs_folds01-07.txt")
    csv = pd.read_csv(folder / "pairs_folds01-07.csv")
    assert (txt["image_a"] + ".jpg").equals(csv["image_a"])
    assert (txt["image_b"] + ".jpg").equals(csv["image_b"])
    assert txt[["fold", "same"]].equals(csv[["fold", "same"]])
    write_lfw(tmp_path / "again.txt", csv)
    assert (tmp_path / "again.txt").read_bytes() == (folder / "pairs_folds01-07.txt").read_bytes()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_pair_lists_as_people_have_them(tmp_path, encoding):
    root = save(tmp_path / "faces", "Zoe\u0308/1.JPG", "b/2.jpg", "c/3.jpeg")
    text = "File 1;File 2;Label;Zygosity;Fold\r\n" + "".join(
        f"{a};{b};{same};{kind};{fold}\r\n"
        for a, b, same, kind, fold in (
            (r"D:\faces\Zoë\1.jpg", r"b\2.JPG", "no", "MZ", "1"),
            ("b/2.jpg", "c/3", "0.0", "fraternal", "2.0"),
            ("c/3.jpg", "Zoë/1", "TRUE", "", "2"),
        )
    )
    (tmp_path / "p.tsv").write_bytes(text.encode(encoding))
    found = read_list(root, tmp_path / "p.tsv")
    assert list(found.pairs["kind"]) == ["twin", "sibling", "genuine"]
    assert list(found.pairs["fold"]) == [1, 2, 2]
    assert list(found.pairs["image_a"]) == ["Zoe\u0308/1.JPG", "b/2.jpg", "c/3.jpeg"]
    assert list(found.pairs["image_b"]) == ["b/2.jpg", "c/3.jpeg", "Zoe\u0308/1.JPG"]
    assert len(found.notes) == (encoding == "cp1252")


def test_a_table_may_end_in_txt_and_minus_one_is_no_answer(tmp_path):
    table, _ = read_tidy(write(tmp_path, "img1\timg2\tsame\nNA\tNone\t1\n"))
    assert table.iloc[0].tolist() == [1, "NA", "None", 1, "genuine"]
    root = save(tmp_path / "faces", "a.png", "b.png")
    assert len(read_list(root, write(tmp_path, "img1 ,img2,same\na.png,b.png,1\n")).pairs) == 1
    with pytest.raises(InputError, match=r"row 3: same is '-1'; wanted 0 or 1"):
        read_tidy(write(tmp_path, "a,b,same\nx,y,1\nx,z,-1\n", "p.csv"))
    with pytest.raises(InputError, match=r"row 2 has no image_b|row 2: has no image_b"):
        read_tidy(write(tmp_path, "a,b,same\nx,,1\n", "p.csv"))
