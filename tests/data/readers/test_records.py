import io
import pickle
import struct
import time

import pytest
from PIL import Image
from record_files import MAGIC, packed, write_records, write_training_set

from twinlib.data.importing import import_set
from twinlib.data.manifest import read_manifest
from twinlib.data.readers import Source, read
from twinlib.data.readers.records import Records, read_rec
from twinlib.errors import InputError


def photo(shade, size=16):
    file = io.BytesIO()
    Image.new("RGB", (size, size), (shade, 255 - shade, 7)).save(file, "JPEG")
    return file.getvalue()


IMAGES = [photo(20 * i) for i in range(7)]
PEOPLE = [5, 5, 9, 9, 9, 0, 3]


@pytest.fixture
def rec(tmp_path):
    write_training_set(tmp_path / "train.rec", IMAGES, PEOPLE)
    return tmp_path / "train.rec"


def test_a_training_set_gives_back_its_images_and_people(rec):
    records = Records(rec)
    assert list(records.images) == list(range(1, 8))  # record 0 and the tables of people hold no image
    assert list(records.people) == PEOPLE
    assert [records[name] for name in records] == IMAGES
    assert next(iter(records)) == "000000001.jpg"
    again = pickle.loads(pickle.dumps(records))
    assert again["000000003.jpg"] == IMAGES[2]
    for ending in (".rec", ".idx"):
        rec.with_suffix(ending).rename(rec.with_suffix(ending.upper()))
    assert len(read(Source(rec.with_suffix(".REC"))).images) == 7


@pytest.mark.parametrize("data", [
    MAGIC + b"abcd", b"abcd" + MAGIC, b"abcd" + MAGIC + MAGIC + b"xyz", b"abc" + MAGIC, MAGIC, b"ab" + MAGIC * 3,
])  # fmt: skip
def test_the_magic_word_inside_the_data_comes_back(tmp_path, data):
    image = b"\xff\xd8\xff0" + data
    write_records(tmp_path / "x.rec", [(1, packed(2.0, image)), (2, packed([3.0], b"next"))])
    records = Records(tmp_path / "x.rec")
    assert records.image(1) == image
    assert list(records.people) == [2, 3]


def test_the_magic_word_among_the_header_and_labels(tmp_path):
    inside = struct.unpack("<Q", MAGIC * 2)[0]  # as an id
    data = struct.pack("<IfQQ", 0, 4.0, inside, inside) + b"image"
    write_records(tmp_path / "x.rec", [(7, data), (8, packed(5.0, b"plain"))])
    assert (list(Records(tmp_path / "x.rec").people), Records(tmp_path / "x.rec").image(7)) == ([4, 5], b"image")


def test_an_index_in_any_order_and_of_a_part(tmp_path):
    write_records(tmp_path / "x.rec", [(i, packed(float(i), IMAGES[i])) for i in range(1, 6)])
    index = tmp_path / "x.idx"
    lines = index.read_text().splitlines()
    index.write_text("\r\n".join([lines[4], lines[0], lines[2]]) + "\r\n")
    records = Records(tmp_path / "x.rec")
    assert list(records.people) == [1, 3, 5]
    assert [records.image(key) for key in (5, 1, 3)] == [IMAGES[5], IMAGES[1], IMAGES[3]]
    with pytest.raises(InputError, match="no record 2"):
        records.image(2)


def spoil(rec, at, data):
    stored = bytearray(rec.read_bytes())
    stored[at : at + len(data)] = data
    rec.write_bytes(stored)


def place(rec, key):
    lines = (line.split() for line in rec.with_suffix(".idx").read_text().splitlines())
    return next(int(at) for number, at in lines if int(number) == key)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.9, 0.999])
def test_a_file_that_was_cut_off_is_refused_when_it_is_opened(rec, share):
    rec.write_bytes(rec.read_bytes()[: int(rec.stat().st_size * share)])
    with pytest.raises(InputError, match=r"train\.(rec|idx).*(copy both|Copy both)"):
        Records(rec)


@pytest.mark.parametrize("length", [0, 23, 24, 1000, (1 << 29) - 1, "-4", "+4"])
def test_a_lying_length_is_refused_by_its_record(rec, length):
    at = place(rec, 3)
    true = struct.unpack("<I", rec.read_bytes()[at + 4 : at + 8])[0]
    spoil(rec, at + 4, struct.pack("<I", true + int(length) if isinstance(length, str) else length))
    with pytest.raises(InputError, match=r"train\.rec: record 3 (claims|is shorter)"):
        Records(rec).image(3)
    assert Records(rec).image(2) == IMAGES[1]


@pytest.mark.parametrize(
    ("offset", "data", "message"),
    [
        (0, b"\0\0\0\0", "does not begin as one"),
        (4, struct.pack("<I", 3 << 29 | 30), "does not begin as one"),  # a last part without a first one
        (8, struct.pack("<I", 1 << 20), "is shorter than its labels"),
        (32, struct.pack("<f", float("nan")), "label nan is no number of a person"),
        (32, struct.pack("<f", 1.5), r"label 1\.5 is no number"),
        (32, struct.pack("<f", -1), r"label -1\.0 is no number"),
    ],
)
def test_damaged_records_are_named(rec, offset, data, message):
    spoil(rec, place(rec, 4) + offset, data)
    with pytest.raises(InputError, match=rf"train\.rec: record 4:? {message}"):
        _ = Records(rec).people, Records(rec).image(4)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "belong together: copy both"),
        ("", "belong together"),
        ("a\tb\n", "no index of records"),
        ("0\t0\n1\n", "no index of records"),
        ("0 0\n", r"line 1: wanted a key and a place .* Copy it again"),
        ("0\t0\t0\n", "line 1: wanted"),
        ("0\t0\n1\t99999999999\n", "names places that train.rec"),
        ("0\t-4\n", "names places"),
        ("0\t2\n", "names places"),
        ("0\t0\n0\t40\n", "occurs twice"),
        ("-1\t0\n0\t40\n", "key -1 is below 0"),
        ("0\t0\n1\t0\n", "occurs twice"),
        ("0\t8\n", "does not begin as one"),
        ("0\t99999999999999999999999\n", "no index of records"),
    ],
)
def test_indexes_that_are_none_are_refused(rec, text, message):
    rec.with_suffix(".idx").unlink() if text is None else rec.with_suffix(".idx").write_text(text)
    with pytest.raises(InputError, match=message):
        Records(rec)


def test_import_makes_people_without_relatives(rec, tmp_path):
    found = read(Source(rec))
    assert found.pairs is None
    done = import_set(found, tmp_path / "set")
    assert (done.images, done.subjects, done.families) == (7, 4, 4)
    images = read_manifest(tmp_path / "set").images
    assert set(images["relation"]) == {"single"}
    assert [(tmp_path / "set" / path).read_bytes() for path in images["path"]] == IMAGES
    assert images["subject"][2] == "person0000009"


def test_only_the_first_image_is_read_to_list_all(rec, monkeypatch):
    asked = []
    image = Records.image
    monkeypatch.setattr(Records, "image", lambda self, key: asked.append(key) or image(self, key))
    assert len(read_rec(rec).images) == 7
    assert set(asked) == {1}


@pytest.mark.slow
def test_ten_million_entries_open_in_seconds(tmp_path):
    count, step = 10_000_000, 64
    with (tmp_path / "x.idx").open("w") as file:
        for first in range(0, count, 100_000):
            file.write("".join(f"{key}\t{key * step}\n" for key in range(first, first + 100_000)))
    data = packed(1.0, bytes(step - 32))
    with (tmp_path / "x.rec").open("wb") as file:  # a hole, but for the last record
        file.seek((count - 1) * step)
        file.write(MAGIC + struct.pack("<I", len(data)) + data)
    began = time.perf_counter()
    records = Records(tmp_path / "x.rec")
    assert time.perf_counter() - began < 10
    assert len(records.own_keys) == count
    assert records.image(count - 1) == bytes(step - 32)
