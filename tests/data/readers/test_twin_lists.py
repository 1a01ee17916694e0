import json

import pytest

from twinlib.data.readers.twin_lists import IMAGE_FILE, PAIR_FILE, Twins, find_lists, of_people, read_images, read_twins
from twinlib.errors import InputError


def write(folder, name, value):
    (folder / name).write_text(json.dumps(value))
    return folder / name


def test_known_names_of_files(tmp_path):
    pairs = [
        "pairs.json",
        "twin_pairs_infor.json",
        "train_twin_pairs.json",
        "test_twin_id_pairs.json",
        "twin_pairs.json",
    ]
    images = ["id_to_images.json", "dataset_infor.json", "train_dataset_infor.json", "test_dataset_info.json"]
    for name in [*pairs, *images, "dataset.json", "my_pairs.json"]:
        write(tmp_path, name, [])
    assert [file.name for file in find_lists(tmp_path, PAIR_FILE)] == sorted(pairs)
    assert [file.name for file in find_lists(tmp_path, IMAGE_FILE)] == sorted(images)


@pytest.mark.parametrize(
    ("name", "value", "splits"),
    [
        ("pairs.json", [["a", "b"], [3, 4]], ["", ""]),
        ("train_twin_pairs.json", [["a", "b"], [3, 4]], ["train", "train"]),
        ("twin_pairs_infor.json", {"train": [["a", "b"]], "val": [[3, 4]]}, ["train", "validation"]),
        ("twin_pairs_infor.json", {"twin_pairs": [
            {"id1": "a", "id2": "b", "relationship": "twin"}, {"id1": "a", "id2": "z", "relationship": "non_twin"},
            {"id1": 3, "id2": 4}]}, ["", ""]),
    ],
)  # fmt: skip
def test_every_form_gives_the_same_pairs(tmp_path, name, value, splits):
    found = read_twins(write(tmp_path, name, value))
    assert [(pair.a, pair.b) for pair in found] == [("a", "b"), ("3", "4")]
    assert [pair.split for pair in found] == splits


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([["a", "b", "c"]], "triplets as three pairs"),
        (["ab"], "wanted pairs of two subjects, found 'ab'"),
        ([["a", None]], "wanted pairs of two subjects"),
        ([["a", "a"]], "a is paired with itself"),
        ({"pairs_of": []}, "wanted a list of twin pairs, found dict"),
        ({"twin_pairs": [{"id1": "a", "id2": "b", "relationship": "same_person"}]}, "said to be one person"),
    ],
)
def test_other_forms_are_refused(tmp_path, value, message):
    with pytest.raises(InputError, match=message):
        read_twins(write(tmp_path, "pairs.json", value))


def test_images_and_their_split(tmp_path):
    value = {"a": ["x/1.jpg"], "b": []}
    assert read_images(write(tmp_path, "test_dataset_infor.json", value)) == ("test", value)
    assert read_images(write(tmp_path, "id_to_images.json", value))[0] == ""
    for bad, message in (
        ([1], "wanted an object"),
        ({}, "wanted an object"),
        ({"a": [1]}, "subject 'a': wanted a list"),
    ):
        with pytest.raises(InputError, match=message):
            read_images(write(tmp_path, "id_to_images.json", bad))
    (tmp_path / "pairs.json").write_text("[")
    with pytest.raises(InputError, match="not valid JSON"):
        read_twins(tmp_path / "pairs.json")


def test_a_pair_remembers_its_list(tmp_path):
    assert read_twins(write(tmp_path, "pairs.json", [["a", "b"]])) == [Twins("a", "b", "", "pairs.json")]


TABLES = {
    "a head": "ID1;Twin 2\na;b\n3;4\n",
    "no head": " \na\tb\n3\t4\n",
    "a quoted head": '"subject_a","subject_b"\n"a","b"\n"3","4"\n',
    "a relation": "person1,person2,Zygosity\na,b,MZ\na,z,unrelated\n3,4,MZ\n",
    "families": "Subject,Family\na,1\nz,3\nb,1\n3,2\n4,2\n3,2\n",
    "what spreadsheets leave": "\ufefftwin1;twin2;;\r\na;b ;;\r\n;;;\r\n3;4;;\r\n",
}


@pytest.mark.parametrize("form", TABLES)
def test_tables_give_the_pairs_that_json_gives(tmp_path, form):
    (tmp_path / "twins.csv").write_text(TABLES[form], newline="")
    found = read_twins(tmp_path / "twins.csv", {"a", "b", "3", "4"})
    assert [(pair.a, pair.b, pair.split) for pair in found] == [("a", "b", ""), ("3", "4", "")]
    assert {pair.relation for pair in found} == ({"mz"} if form == "a relation" else {""})
    assert of_people(tmp_path / "twins.csv")


def test_splits_relations_and_triplets_of_a_table(tmp_path):
    (tmp_path / "val_twins.csv").write_text("a,b,c,split,type\nx,y,,train,DZ\nu,v,w,,identical\n")
    assert read_twins(tmp_path / "val_twins.csv") == [
        Twins("x", "y", "train", "val_twins.csv", "dz"),
        *(Twins(*pair, "validation", "val_twins.csv", "mz") for pair in (("u", "v"), ("u", "w"), ("v", "w"))),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("subject_a,subject_b\na,\n", "row 2: wanted two subjects, found 1"),
        ("subject_a,subject_b\na,a\n", "a is paired with itself"),
        ("subject_a,subject_b,relation\na,b,cousin\n", "row 2: a and b: relation 'cousin' is unknown; known: mz, dz"),
        ("subject_a,subject_b,relation\na,b,same person\n", "row 2: a and b are said to be one person"),
        ("subject_a,subject_b,split\na,b,eval\n", "row 2: split 'eval' is unknown"),
        ("subject,family,split\na,f,train\nb,f,test\n", "row 2: its family is said to be test and train"),
        ("subject,age\na,3\n", "wanted the columns subject_a and subject_b, or subject and family; found subject, age"),
        ("a,b\n1\n", "line 2 has 1 cells"),
        ("x,y,z\n1,2,3\n", "wanted two columns of subjects, found 3"),
        ("subject_a,subject_b\n", "no row"),
        ("", "it is empty"),
    ],
)
def test_broken_tables_are_refused_by_row(tmp_path, text, message):
    (tmp_path / "twins.csv").write_text(text)
    with pytest.raises(InputError, match=rf"twins\.csv.*{message}"):
        read_twins(tmp_path / "twins.csv")


def test_lists_of_images_are_told_from_lists_of_people(tmp_path):
    texts = {"pairs.txt": "2\t3\n", "pairs.csv": "image_a,image_b,same\n1.jpg,2.jpg,1\n", "x.csv": "a,b,label\nx,y,1\n"}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
        assert not of_people(tmp_path / name), name
    (tmp_path / "heads.csv").write_text("1.jpg,2.JPG\n")
    assert not of_people(tmp_path / "heads.csv")
    assert find_lists(tmp_path, PAIR_FILE) == []  # pairs.csv lists images
    (tmp_path / "Twins.CSV").write_text("001,002\n")
    assert [file.name for file in find_lists(tmp_path, PAIR_FILE)] == ["Twins.CSV"]


def test_relations_of_json_records_are_kept_and_unknown_ones_refused(tmp_path):
    value = [{"Twin1": "a", "twin2": "b", "zygosity": "Fraternal", "split": "dev"}]
    assert read_twins(write(tmp_path, "pairs.json", value)) == [Twins("a", "b", "validation", "pairs.json", "dz")]
    with pytest.raises(InputError, match="relation 'cousin' is unknown"):
        read_twins(write(tmp_path, "pairs.json", [{"id1": "a", "id2": "b", "relationship": "cousin"}]))
