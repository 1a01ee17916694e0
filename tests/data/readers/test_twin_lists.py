import json

import pytest

from twinlib.data.readers.twin_lists import IMAGE_FILE, PAIR_FILE, Twins, find_lists, read_images, read_twins
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
