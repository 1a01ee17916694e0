import json

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
