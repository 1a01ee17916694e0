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
