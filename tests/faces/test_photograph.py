import io
from pathlib import Path

import numpy as np
import pytest
from bad_files import bad, good, picture

from twinlib.data.check.facts import FactStep
from twinlib.errors import InputError
from twinlib.faces import photograph
from twinlib.faces.images import read_image
from twinlib.faces.photograph import read_photograph


@pytest.fixture
def pixels():
    return np.asarray(picture(1))


def test_every_form_gives_the_same_pixels(pixels, tmp_path):
    picture(1).save(tmp_path / "a.png")
    stored = (tmp_path / "a.png").read_bytes()
    written = io.BytesIO()
    written.write(stored)  # left at its end
    with (tmp_path / "a.png").open("rb") as opened:
        forms = [tmp_path / "a.png", str(tmp_path / "a.png"), stored, bytearray(stored), memoryview(stored)]
        forms += [io.BytesIO(stored), written, opened, picture(1), pixels, pixels[:, ::-1][:, ::-1]]
        for form in forms:
            found = read_photograph(form, "a")
            np.testing.assert_array_equal(found.pixels, pixels)
            assert found.odd == ""
            assert found.pixels.base is not pixels


def test_odd_files_are_read_as_the_checks_of_a_data_set_read_them(tmp_path):
    for name, odd in good(tmp_path / "good").items():
        file = tmp_path / "good" / name
        found = read_photograph(file)
        assert odd in found.odd
        assert (odd == "") == (found.odd == "")
        np.testing.assert_array_equal(found.pixels, read_image(file))
        assert read_photograph(file.read_bytes()).odd == found.odd


def test_bad_files_are_refused_with_the_reason_of_the_checks(tmp_path):
    reasons = bad(tmp_path / "bad")
    with FactStep(tmp_path / "bad") as step:
        for name in reasons:
            file = tmp_path / "bad" / name
            if not file.is_file() or file.is_symlink():
                continue
            row = step.row(name)
            with pytest.raises(InputError) as told:
                read_photograph(file.read_bytes(), "x")
            assert str(row["reason"]).split(" ", name.count(" ") + 1)[-1].replace("�", "") in str(told.value) or (
                "\n" in name
            )


class Raw(io.RawIOBase):
    """A file that can only be read on."""

    def __init__(self, stored):
        self.inner = io.BytesIO(stored)

    def seekable(self):
        return False

    def readable(self):
        return True

    def read(self, size=-1):
        return self.inner.read(size)


def test_a_stream_that_cannot_go_back(pixels):
    buffer = io.BytesIO()
    picture(1).save(buffer, "PNG")
    np.testing.assert_array_equal(read_photograph(Raw(buffer.getvalue())).pixels, pixels)


def _closed():
    file = io.BytesIO(b"x")
    file.close()
    return file


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (None, "a: wanted a path, bytes, an open binary file, .*, found NoneType"),
        (5, "found int"),
        ({}, "found dict"),
        ([[1, 2]], "found list"),
        (io.StringIO("x"), "a is open as text"),
        (_closed(), "a cannot be read"),
        (io.BytesIO(), "a is empty"),
        (b"", "a is empty"),
        ("x" * 5000, "cannot be read"),
        ("a\0b", "does not exist|cannot be read"),
        ("data:image/png;base64,AAAA", "is an address, not a file"),
        ("https://host/a.jpg", "is an address, not a file"),
        ("/", "is not a file"),
        (Path("none.png"), "does not exist"),
        (np.zeros((4, 4), bool), "a: wanted uint8"),
        (np.zeros((4, 4, 3)), "a: wanted uint8"),
        (np.zeros((4, 4, 2), np.uint8), "a: wanted uint8"),
    ],
)
def test_what_is_no_photograph_is_refused_by_name(source, message):
    with pytest.raises(InputError, match=message):
        read_photograph(source, "a")


def test_files_beyond_the_limit_are_not_read(monkeypatch, tmp_path):
    monkeypatch.setattr(photograph, "MAX_BYTES", 10)
    (tmp_path / "a.png").write_bytes(bytes(11))
    for source in (tmp_path / "a.png", io.BytesIO(bytes(11))):
        with pytest.raises(InputError, match="is larger than"):
            read_photograph(source)
