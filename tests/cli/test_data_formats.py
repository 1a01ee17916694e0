import json

import pytest
from PIL import Image
from record_files import write_training_set

from twinlib.cli import main
from twinlib.data.manifest import read_manifest


@pytest.fixture
def root(tmp_path, monkeypatch):
    for who in "abcd":
        for i in (1, 2):
            file = tmp_path / "faces" / who / f"{who}_000{i}.jpg"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (8, 8), (40 * (ord(who) - 97), 90 * i, 0)).save(file)
    (tmp_path / "faces" / "pairs.json").write_text(json.dumps([["a", "b"]]))
    (tmp_path / "pairs.txt").write_text("2\t1\na\t1\t2\na\t1\tb\t1\nc\t1\t2\nc\t1\td\t1\n")
    monkeypatch.setenv("TWINLIB_BUILD", str(tmp_path / "build"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments):
    return main.main(["data", *map(str, arguments)])


def test_import_and_export(root, capsys):
    assert run("import", "faces") == 0
    assert "8 images, 4 subjects, 3 families, 0 pairs" in capsys.readouterr().out
    assert read_manifest(root / "build/data/faces").images["relation"].value_counts()["mz"] == 4
    assert run("export", "faces", "again") == 0  # the folder of photographs has no manifest, so the name counts
    assert json.loads((root / "again/pairs.json").read_text()) == [["a", "b"]]


def test_pack_convert_and_import_again(root, capsys):
    assert run("pack", "faces", "pairs.txt", "x.bin") == 0
    assert "4 pairs, 2 genuine, 6 different images" in capsys.readouterr().out
    assert run("convert", "x.bin", "x.npz", "--trust") == 0
    (root / "x.npz").rename(root / "x.NPZ")
    assert run("convert", "x.NPZ", "y.bin") == 0
    assert (root / "x.bin").read_bytes() == (root / "y.bin").read_bytes()
    assert run("import", "x.NPZ", "--folds", 2, "--out", "set") == 0
    assert "6 images, 4 subjects, 4 families, 4 pairs" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["import", "nowhere"], "nowhere does not exist"),
        (["import", "x.bin"], "can carry code"),
        (["convert", "x.bin", "x.npz"], "can carry code"),
        (["convert", "faces", "x.npz"], "wanted a .bin, a .npz or a .rec"),
        (["pack", "faces", "pairs.txt", "x.lmdb"], "the name must end in .bin or .npz"),
        (["pack", "faces", "none.txt", "x.bin"], "none.txt does not exist"),
        (["export", "none", "out"], "manifest.csv does not exist"),
    ],
)
def test_bad_input_is_one_line_and_code_2(root, capsys, arguments, message):
    (root / "x.bin").write_bytes(b"\x80\x04]]\x86.")
    assert run(*arguments) == 2
    error = capsys.readouterr().err
    assert message in error
    assert len(error.strip().splitlines()) == 1


@pytest.mark.parametrize("zygosity", ["MZ", "identical", "Fraternal"])
def test_twins_from_a_table_by_any_name_of_their_relation(root, zygosity):
    (root / "twins.csv").write_bytes("Person A;Person B\r\na;b\r\n".encode("utf-16"))
    (root / "faces" / "pairs.json").unlink()
    assert run("import", "faces", "--pairs", "twins.csv", "--relation", zygosity, "--out", "set") == 0
    relation = "dz" if zygosity == "Fraternal" else "mz"
    assert read_manifest(root / "set").images["relation"].value_counts()[relation] == 4


def test_links_are_followed_when_asked(root, capsys):
    (root / "faces").rename(root / "disk")
    (root / "faces").mkdir()
    for name in "abcd":
        (root / "faces" / name).symlink_to(root / "disk" / name)
    (root / "faces" / "pairs.json").write_text('[["a", "b"]]')
    assert run("import", "faces") == 2
    assert "--follow-links" in capsys.readouterr().err
    assert run("import", "faces", "--follow-links") == 0
    assert run("pack", "faces", "pairs.txt", "x.bin", "--follow-links") == 0
    assert run("validate", "faces", "--follow-links") == 0


def test_a_data_set_whose_pictures_are_a_link(root, capsys):
    assert run("import", "faces", "--out", "set") == 0
    (root / "set" / "images").rename(root / "elsewhere")
    (root / "set" / "images").symlink_to(root / "elsewhere")
    assert run("validate", "set") == 2
    assert "unreadable or missing files (8)" in capsys.readouterr().err
    assert run("validate", "set", "--follow-links") == 0


def test_import_refuses_a_source_of_which_too_little_can_be_read(root, capsys):
    (root / "faces/a/a_0001.jpg").write_bytes(b"")
    assert run("import", "faces") == 2
    assert "1 of 8 images cannot be read" in capsys.readouterr().err
    assert not (root / "build").exists() or not list((root / "build").rglob("*.jpg"))


def test_a_rec_becomes_folders_or_a_data_set(root, capsys):
    stored = [file.read_bytes() for file in sorted((root / "faces").rglob("*.jpg"))]
    write_training_set(root / "train.rec", stored, [7, 7, 1, 1, 1, 2, 2, 2])
    assert run("convert", "train.rec", "people") == 0
    assert "people: 8 images" in capsys.readouterr().out
    assert [file.read_bytes() for file in sorted((root / "people").rglob("*.jpg"))] == stored[2:] + stored[:2]
    assert run("import", "train.rec", "--out", "set") == 0
    assert "8 images, 3 subjects, 3 families, 0 pairs" in capsys.readouterr().out
    for command in (["convert", "train.rec", "people"], ["validate", "train.rec"]):
        assert run(*command) == 2
    (root / "train.idx").unlink()
    assert run("import", "train.rec", "--out", "again") == 2
    assert "train.idx does not exist or is empty" in capsys.readouterr().err
