import os
import unicodedata
import zipfile

import pytest

from twinlib.data.text.filenames import is_litter, located, loose, open_zip, parts, plain, printable
from twinlib.errors import InputError

NFD = unicodedata.normalize("NFD", "Zoë")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (r"images\a\1.jpg", "images/a/1.jpg"), (r"C:\x\1.jpg", "/x/1.jpg"), (" a.jpg\t", "a.jpg"),
        (f"{NFD}/1.jpg", "Zoë/1.jpg"), ("d:1.jpg", "1.jpg"), ("12:30.jpg", "12:30.jpg"), ("", ""),
    ],
)  # fmt: skip
def test_plain_names(name, said):
    assert plain(name) == said
    assert plain(plain(name)) == said


def test_loose_names_and_parts():
    assert loose(r"A\B.JPEG") == loose("a/b.jpe") == "a/b.jpg"
    assert loose("a.TIFF") == "a.tif"
    assert parts("./a//../b") == ["a", "b"]
    assert parts("") == [""]


def test_litter_of_every_system():
    names = ("Thumbs.db", ".DS_Store", "__MACOSX", "._1.jpg", "desktop.ini", "@eaDir", ".hidden")
    assert all(map(is_litter, names))
    assert not is_litter("thumbs.jpg")


def test_files_are_located_under_another_spelling(tmp_path):
    for path in ("a/1.JPG", f"{NFD}/2.jpeg", "deep/b/3.png", "b/4.png", "B/4.png", "B/5.png"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    found = {
        "a/1.jpg": "a/1.JPG",
        "Zoë/2.jpg": f"{NFD}/2.jpeg",
        plain(r"C:\some set\Deep\B\3.png"): "deep/b/3.png",
    }
    for unknown in ("b/4.png", "gone.png", "../b/4.png", "5.png", "/x/5.png"):  # b/4.png is there as it is called
        assert located([unknown], tmp_path) == {}
    assert located([*found, "b/4.png"], tmp_path) == found


def test_two_files_that_fit_equally_well_are_not_chosen_between(tmp_path):
    for name in ("a.JPG", "a.jpeg"):
        (tmp_path / name).touch()
    assert located(["a.jpg"], tmp_path) == {}
    assert located(["A.JPG", "a.jpeg"], tmp_path) == {}  # a.jpeg is named itself, and A.JPG fits both
    (tmp_path / "a.jpeg").unlink()
    assert located(["A.JPG"], tmp_path) == {"A.JPG": "a.JPG"}


def test_members_of_zips_from_other_systems(tmp_path):
    def store(name, flag):
        info = zipfile.ZipInfo("x")
        info.filename = name
        with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
            archive.writestr(info, b"1")
        data = (tmp_path / "z.zip").read_bytes()
        for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # take the flag for UTF-8 away
            at = data.index(signature) + place + 1
            data = data[:at] + bytes([data[at] & (0xFF if flag else 0xF7)]) + data[at + 1 :]
        (tmp_path / "z.zip").write_bytes(data)
        with open_zip(tmp_path / "z.zip") as archive:
            assert archive.read(archive.infolist()[0]) == b"1"
            assert archive.namelist() == [archive.infolist()[0].filename]
            return archive.namelist()[0]

    assert store("Zoë/1.jpg", flag=True) == "Zoë/1.jpg"
    assert store("Zoë/1.jpg", flag=False) == "Zoë/1.jpg"  # macOS: UTF-8 that does not say so
    assert store(r"a\1.jpg", flag=False) == "a/1.jpg"
    (tmp_path / "x.zip").write_bytes(b"no zip")
    with pytest.raises(InputError, match="no readable zip"):
        open_zip(tmp_path / "x.zip")


def test_names_that_are_no_text_can_be_printed():
    assert printable(os.fsdecode(b"caf\xe9.png")) == "caf\\xe9.png"
    assert printable(NFD) == "Zoë"
