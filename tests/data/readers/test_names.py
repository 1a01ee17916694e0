import unicodedata

import pytest

from twinlib.data.readers.names import Names
from twinlib.errors import InputError

PATHS = ["lfw/Ann_Lee/Ann_Lee_0001.jpg", "lfw/Bo/Bo_0001.png", "x/1.jpg", "y/1.jpg", "top.jpg", "a b/顔.jpg"]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("x/1.jpg", "x/1.jpg"),
        ("Ann_Lee/Ann_Lee_0001", "lfw/Ann_Lee/Ann_Lee_0001.jpg"),
        ("Bo/Bo_0001", "lfw/Bo/Bo_0001.png"),
        ("/kaggle/input/set/y/1.jpg", "y/1.jpg"),
        (r"C:\data\x\1.jpg", "x/1.jpg"),
        ("Bo_0001.png", "lfw/Bo/Bo_0001.png"),
        ("./a b/顔.jpg", "a b/顔.jpg"),
        ("1.jpg", None),
        ("z/1.jpg", None),
        ("Bo/Bo_0001.jpg", None),
        ("/elsewhere/top.jpg", "top.jpg"),
    ],
)
def test_a_name_means_the_one_path_with_its_ending(name, path):
    assert Names(PATHS).find(name) == path


def test_a_whole_name_wins_over_longer_paths():
    assert Names(["a/b.jpg", "c/a/b.jpg"]).find("a/b.jpg") == "a/b.jpg"


def test_missing_names_are_counted():
    names = Names(PATHS)
    assert names.find_all(["x/1.jpg", "y/1.jpg"], "list") == {"x/1.jpg": "x/1.jpg", "y/1.jpg": "y/1.jpg"}
    with pytest.raises(InputError, match=r"list names 'q/9.jpg', '1.jpg', which is no one file .*\(2 of 3 names"):
        names.find_all(["x/1.jpg", "q/9.jpg", "1.jpg"], "list")


ZOE = unicodedata.normalize("NFD", "Zoë")


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("Zoë/1.jpg", f"{ZOE}/1.JPG"),
        (f"{ZOE}/1.JPG", f"{ZOE}/1.JPG"),
        (r"D:\set\zoë\1.jpeg", f"{ZOE}/1.JPG"),
        ("Zoë/1", f"{ZOE}/1.JPG"),
        ("b/2.jpg", "b/2.jpg"),  # as it is written, though B/2.JPG fits too
        ("B/2.jpe", None),  # two fit equally well
        ("c/3", None),
        ("c/3.png", "c/3.png"),
    ],
)
def test_spelling_makes_no_difference_where_one_file_fits(name, path):
    paths = [f"{ZOE}/1.JPG", "b/2.jpg", "B/2.JPG", "c/3.jpg", "c/3.png"]
    assert Names(paths).find(name) == path


def test_what_fits_several_files_is_said():
    with pytest.raises(InputError, match=r"'c/3' may be c/3\.jpg or c/3\.png"):
        Names(["c/3.jpg", "c/3.png"]).find_all(["c/3"], "list")
