import json
import zipfile

import pytest

from twinlib import files
from twinlib.errors import InputError


def test_a_failed_write_leaves_the_old_file_and_no_litter(tmp_path):
    target = tmp_path / "a.json"
    files.write_json(target, {"x": 1})

    def killed():
        with files.replacing(target) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        killed()
    assert json.loads(target.read_text()) == {"x": 1}
    assert [f.name for f in tmp_path.iterdir()] == ["a.json"]


def test_nan_is_not_written_as_json(tmp_path):
    with pytest.raises(ValueError, match="JSON compliant"):
        files.write_json(tmp_path / "a.json", {"x": float("nan")})


def test_full_disk_is_named(tmp_path):
    with pytest.raises(InputError, match=r"cannot write .*a\.txt.*No space left"), files.replacing(tmp_path / "a.txt"):
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("name", ["file/a.txt", "file/deep/a.txt", "folder"])
def test_what_cannot_be_written_is_named_before_and_after(tmp_path, name):
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match=rf"cannot write .*{name}"):
        files.write_text(tmp_path / name, "x")
    with pytest.raises(InputError, match=rf"cannot write .*{name}"):
        files.refuse_unwritable(tmp_path / name)
    assert sorted(file.name for file in tmp_path.rglob("*")) == ["file", "folder"]


def test_what_can_be_written_is_let_through_and_nothing_stays(tmp_path):
    files.refuse_unwritable(tmp_path / "a/b/c.csv")
    files.refuse_unwritable(tmp_path / "a/b", folder=True)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "there").write_text("x")
    files.refuse_unwritable(tmp_path / "there")
    with pytest.raises(InputError, match="it is a file already"):
        files.refuse_unwritable(tmp_path / "there", folder=True)
    assert (tmp_path / "there").read_text() == "x"


def test_hash_ignores_key_order_but_not_values():
    assert files.hash_of({"a": 1, "b": [1, 2]}) == files.hash_of({"b": [1, 2], "a": 1})
    assert files.hash_of({"a": 1}) != files.hash_of({"a": 2})


@pytest.mark.parametrize(("content", "message"), [(None, "does not exist"), ("{", "not valid JSON")])
def test_unreadable_json_is_named(tmp_path, content, message):
    file = tmp_path / "r.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(InputError, match=rf"r\.json.*{message}"):
        files.read_json(file)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_text_in_any_usual_encoding(tmp_path, encoding):
    (tmp_path / "a.json").write_bytes('{"Zoë": "ä"}'.encode(encoding))
    text, note = files.read_text(tmp_path / "a.json")
    assert text == '{"Zoë": "ä"}'
    assert note == ("a.json is no UTF-8; it was read as Windows-1252." if encoding == "cp1252" else "")
    assert files.read_json(tmp_path / "a.json") == {"Zoë": "ä"}
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.write(tmp_path / "a.json", "a.json")
    assert files.read_json(zipfile.Path(tmp_path / "z.zip") / "a.json") == {"Zoë": "ä"}


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        (b"PK\x03\x04rest", "workbook or a zip.*Save it as CSV"),
        (b"\xd0\xcf\x11\xe0rest", "workbook"),
        (b"a\0b", "holds zero bytes"),
        (b"caf\x81", "neither UTF-8 nor Windows-1252"),
        ("ä\n".encode() + b"\xe4", "mixes encodings: line 1 is UTF-8, line 2 is not"),
        (b"\xff\xfea", "no utf-16 text"),
        (None, "does not exist"),
    ],
)
def test_what_is_no_text_is_named(tmp_path, stored, message):
    if stored is not None:
        (tmp_path / "a.csv").write_bytes(stored)
    with pytest.raises(InputError, match=rf"a\.csv.*{message}"):
        files.read_text(tmp_path / "a.csv")
    with pytest.raises(InputError, match="cannot be read"):
        files.read_text(tmp_path)


def test_a_name_that_stands_twice_in_json_is_refused(tmp_path):
    (tmp_path / "a.json").write_text('{"x": {"anna": [1], "berta": [], "anna": [2]}}')
    with pytest.raises(InputError, match="has 'anna' twice"):
        files.read_json(tmp_path / "a.json")
