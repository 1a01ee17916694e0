import json
import unicodedata
import zipfile

import pytest
from PIL import Image

from twinlib.data.readers.nd_twin import read_ndtwin
from twinlib.errors import InputError


@pytest.fixture
def tree(tmp_path):
    """Subjects a … h with two photographs each."""
    for who in "abcdefgh":
        for i in (1, 2):
            (tmp_path / who).mkdir(exist_ok=True)
            Image.new("RGB", (8, 8), (ord(who), i, 0)).save(tmp_path / who / f"{i}.jpg")
    return tmp_path


def write(folder, **lists):
    for name, value in lists.items():
        (folder / f"{name}.json").write_text(json.dumps(value))
    return folder


def families(found):
    return sorted(found.images.drop_duplicates("subject").groupby("family")["subject"].agg("".join))


def test_a_folder_a_subject_and_pairs(tree):
    found = read_ndtwin(write(tree, pairs=[["a", "b"], ["c", "d"]]))
    assert families(found) == ["ab", "cd", "e", "f", "g", "h"]
    relation = found.images.set_index("subject")["relation"].to_dict()
    assert (relation["a"], relation["e"]) == ("mz", "single")
    assert (len(found.images), found.pairs, found.notes) == (16, None, ())
    assert (found.images["split"] == "").all()


def test_a_triplet_written_as_three_pairs_is_one_family(tree):
    found = read_ndtwin(write(tree, pairs=[["a", "b"], ["c", "d"], ["b", "e"], ["e", "a"]]))
    assert families(found) == ["abe", "cd", "f", "g", "h"]
    assert found.notes == ("family a, b, e is one of 3, listed as 3 pairs.",)


def test_a_chain_is_one_family_and_said(tree):
    found = read_ndtwin(write(tree, pairs=[["a", "b"], ["b", "c"]]))
    assert "abc" in families(found)
    assert found.notes == ("family a, b, c is a chain: 2 of its 3 pairs are listed. Check them.",)


def test_the_triplet_trap_is_refused(tree):
    write(tree, train_twin_pairs=[["a", "b"], ["c", "d"]], test_twin_pairs=[["b", "e"]])
    with pytest.raises(InputError, match="subject 'b' is in two splits, test and train"):
        read_ndtwin(tree)


def test_a_family_in_two_splits_by_its_images_is_refused(tree):
    write(tree, pairs=[["a", "b"], ["b", "c"]], train_dataset_infor={"a": ["a/1.jpg"], "b": ["b/1.jpg"]})
    write(tree, test_dataset_infor={"c": ["c/1.jpg"]})
    with pytest.raises(InputError, match="the family a–b–c is in two splits: a in train, c in test"):
        read_ndtwin(tree)


def test_images_by_list_from_another_machine(tree):
    where = "/kaggle/input/nd/{}/{}.jpg"
    write(tree, id_to_images={who: [where.format(who, 1), where.format(who, 9)] for who in "abc"}, pairs=[["a", "b"]])
    found = read_ndtwin(tree)
    assert list(found.images["path"]) == ["a/1.jpg", "b/1.jpg", "c/1.jpg"]
    assert found.notes == (
        "3 listed images are not there, e.g. /kaggle/input/nd/a/9.jpg.",
        "13 photographs are in no list and were left out.",
    )


def test_train_and_test_give_validation_from_train(tree):
    lists = {"train_twin_pairs": [["a", "b"], ["c", "d"], ["e", "f"]], "test_twin_pairs": [["g", "h"]]}
    found = read_ndtwin(write(tree, **lists))
    split = found.images.drop_duplicates("family").set_index("family")["split"]
    assert sorted(split) == ["test", "train", "train", "train"]  # 15 % of three families is none
    assert "validation is 15 %" in found.notes[-1]
    inner = {"train": lists["train_twin_pairs"], "val": [["g", "h"]]}
    for name in lists:
        (tree / f"{name}.json").unlink()
    found = read_ndtwin(write(tree, twin_pairs_infor=inner))
    assert set(found.images["split"]) == {"train", "validation"}


def test_shared_outer_folders_and_loose_photographs(tree, tmp_path):
    outer = tmp_path / "outer" / "images"
    outer.mkdir(parents=True)
    for who in "abcdefgh":
        (tree / who).rename(outer / who)
    found = read_ndtwin(write(tmp_path / "outer", pairs=[["a", "b"]]))
    assert set(found.images["subject"]) == set("abcdefgh")
    Image.new("RGB", (8, 8)).save(tmp_path / "outer" / "loose.jpg")
    assert read_ndtwin(tmp_path / "outer").notes[0].startswith("1 photographs lie beside")


@pytest.mark.parametrize(
    ("lists", "message"),
    [
        ({}, "holds no list of twins"),
        ({"pairs": []}, "no pair of twins"),
        ({"pairs": [["a", "z"], ["y", "b"]]}, r"names 'z', of whom there is no image \(2 such subjects\)"),
        ({"pairs": [["a", "b"]], "id_to_images": {"a": ["q/7.jpg"]}}, "none of its 1 images is there"),
        (
            {"pairs": [["a", "b"]], "id_to_images": {"a": ["a/1.jpg"], "b": ["a/1.jpg"]}},
            "occurs twice in the lists: a and b",
        ),
    ],
)
def test_what_cannot_be_read_is_refused(tree, lists, message):
    with pytest.raises(InputError, match=message):
        read_ndtwin(write(tree, **lists))


def test_photographs_without_folders_are_refused(tmp_path):
    Image.new("RGB", (8, 8)).save(tmp_path / "1.jpg")
    with pytest.raises(InputError, match="found photographs only"):
        read_ndtwin(write(tmp_path, pairs=[["a", "b"]]))


ZOE = unicodedata.normalize("NFD", "Zoë")


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_a_table_of_twins_whose_folders_are_spelled_as_on_a_mac(tree, tmp_path, encoding, zipped):
    (tree / "a").rename(tree / ZOE)
    (tree / "pairs.csv").write_bytes("Twin 1;Twin 2;Zygosity\r\nZoë;b;MZ\r\nc;d;DZ\r\n".encode(encoding))
    (tree / "Thumbs.db").touch()
    source = tree
    if zipped:
        source, members = tmp_path / "faces.zip", sorted(tree.rglob("*"))  # listed before the zip is among them
        with zipfile.ZipFile(source, "w") as archive:
            for file in members:
                archive.write(file, f"outer/{file.relative_to(tree).as_posix()}")
            archive.writestr("__MACOSX/outer/._x.jpg", b"")
    found = read_ndtwin(source)
    relation = found.images.set_index("subject")["relation"].to_dict()
    assert (relation["Zoë"], relation["b"], relation["c"], relation["e"]) == ("mz", "mz", "dz", "single")
    assert found.notes == (("pairs.csv is no UTF-8; it was read as Windows-1252.",) if encoding == "cp1252" else ())
    with found.reading() as read:
        assert all(read(path) for path in found.images["path"])


def test_names_that_look_like_numbers_or_nothing_stay_names(tree):
    for old, new in (("a", "001"), ("b", "NA"), ("c", "None"), ("d", "1e5")):
        (tree / old).rename(tree / new)
    (tree / "twins.csv").write_text("id1,id2\n001,NA\nNone,1e5\n")
    assert families(read_ndtwin(tree))[:2] == ["001NA", "1e5None"]
    (tree / "e").rename(tree / "person1")
    (tree / "f").rename(tree / "person2")
    (tree / "twins.csv").write_text("person1,person2\nNA,001\n")  # two people, no names of columns
    assert families(read_ndtwin(tree))[:2] == ["001NA", "1e5"]
    assert "person1person2" in families(read_ndtwin(tree))
    (tree / "twins.csv").write_text("id1,id2\n1,NA\n")
    with pytest.raises(InputError, match=r"names '1'.*leading zeros away: '001' may be meant"):
        read_ndtwin(tree)


def test_a_family_of_identical_and_other_siblings_counts_as_of_identical_ones(tree):
    (tree / "twins.csv").write_text("a,b,relation\na,b,sibling\nb,c,mz\nd,e,\n")
    found = read_ndtwin(tree, relation="dz").images.drop_duplicates("subject").set_index("subject")["relation"]
    assert found[list("abcde")].tolist() == ["mz", "mz", "mz", "dz", "dz"]
