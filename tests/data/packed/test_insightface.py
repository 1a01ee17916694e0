import os
import pickle
import pickletools

import numpy as np
import pytest

from twinlib.data.packed import insightface
from twinlib.data.packed.insightface import read_bin, read_npz, write_bin, write_npz
from twinlib.errors import InputError

IMAGES = [b"\xff\xd8one", b"\xff\xd8two", b"\xff\xd8one", b"\xff\xd8three"]
SAME = [True, False]


def stored(tmp_path, value, protocol=4):
    path = tmp_path / "pairs.bin"
    path.write_bytes(value if isinstance(value, bytes) else pickle.dumps(value, protocol=protocol))
    return path


def python_2(images, same):
    """What Python 2 writes at protocol 2: byte strings as BINSTRING."""
    body = b"".join(b"T" + len(image).to_bytes(4, "little") + image for image in images)
    flags = b"".join(b"\x88" if value else b"\x89" for value in same)
    return b"\x80\x02](" + body + b"e](" + flags + b"e\x86."


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("flags", [list, np.array, lambda same: [np.bool_(value) for value in same]])
def test_every_flavour_reads_the_same(tmp_path, protocol, flags):
    arrays = [np.frombuffer(image, np.uint8) for image in IMAGES]
    for images in (IMAGES, arrays, [array[:, None] for array in arrays], np.array(IMAGES, object)):
        assert read_bin(stored(tmp_path, (images, flags(SAME)), protocol), trust=True) == (IMAGES, SAME)


def test_python_2_strings(tmp_path):
    path = stored(tmp_path, python_2(IMAGES, SAME))
    assert {"BINSTRING"} <= {opcode.name for opcode, _, _ in pickletools.genops(path.read_bytes())}
    assert read_bin(path, trust=True) == (IMAGES, SAME)


def test_round_trip_and_repeated_images_are_stored_once(tmp_path):
    path, big = tmp_path / "a.bin", os.urandom(50_000)
    write_bin(path, [big, b"x", big, b"y"], SAME)
    assert read_bin(path, trust=True) == ([big, b"x", big, b"y"], SAME)
    assert path.stat().st_size < 60_000
    bins, same = pickle.loads(path.read_bytes(), encoding="bytes")  # as insightface reads it
    assert (len(bins), same) == (4, SAME)


def test_a_pickle_is_not_read_without_trust(tmp_path):
    with pytest.raises(InputError, match=r"can carry code.*--trust"):
        read_bin(stored(tmp_path, (IMAGES, SAME)))


class Evil:
    def __reduce__(self):
        return os.system, ("echo evil > evil.txt",)


@pytest.mark.parametrize("protocol", range(6))
def test_code_is_never_run(tmp_path, monkeypatch, protocol):
    monkeypatch.chdir(tmp_path)
    path = stored(tmp_path, ([Evil(), b"b"], [True]), protocol)
    with pytest.raises(InputError, match=r"system, which no .bin needs"):
        read_bin(path, trust=True)
    assert not (tmp_path / "evil.txt").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no readable .bin"),
        (b"\xff\xd8\xff\xe0 not a pickle", "no readable .bin"),
        (pickle.dumps((IMAGES, SAME))[:-20], "no readable .bin"),
        (b"\x80\x04r\xff\xff\xff\x7f.", "memo slot"),
        (b"\x80\x02\x82\x01.", "uses EXT1"),
        (b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7fx.", "no readable .bin"),
        (b"\x80\x02\x8a\x10" + b"\x7f" * 16 + b".", "a number of 127 bits"),
    ],
)
def test_damaged_and_hostile_streams_are_refused_by_name(tmp_path, content, message):
    with pytest.raises(InputError, match=message):
        read_bin(stored(tmp_path, content), trust=True)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([1, 2, 3], "found a list of 3"),
        ({"a": 1}, "uses EMPTY_DICT"),
        ((IMAGES, [True]), "found 4 images for 1 pairs"),
        (([], []), "two images a pair, found 0 images for 0 pairs"),
        (([b"a", b""], [True]), "image 1: wanted 1 to .* found 0 bytes"),
        (([b"a", "text"], [True]), "image 1: .* found str"),
        (([b"a", b"b"], [2]), "pair 0: wanted True or False, found 2"),
        (([b"a", b"b"], ["yes"]), "pair 0: wanted True or False, found 'yes'"),
        ((b"ab", [True]), "wanted lists, found bytes"),
    ],
)
def test_other_contents_are_refused_by_name(tmp_path, value, message):
    with pytest.raises(InputError, match=message):
        read_bin(stored(tmp_path, value), trust=True)


def test_limits(tmp_path, monkeypatch):
    path = stored(tmp_path, (IMAGES, SAME))
    monkeypatch.setattr(insightface, "MAX_IMAGE", 6)
    with pytest.raises(InputError, match="image 3: wanted 1 to 6 bytes"):
        read_bin(path, trust=True)
    monkeypatch.setattr(insightface, "MAX_OPCODES", 5)
    with pytest.raises(InputError, match="more than 5 opcodes"):
        read_bin(path, trust=True)
    monkeypatch.setattr(insightface, "MAX_FILE", 10)
    with pytest.raises(InputError, match="the limit is"):
        read_bin(path, trust=True)
    with pytest.raises(InputError, match="does not exist"):
        read_bin(tmp_path / "none.bin", trust=True)


def test_nothing_that_could_not_be_read_is_written(tmp_path):
    for images, message in (([b"a"], "found 1 images for 1 pairs"), ([b"a", b""], "image 1 of pair 0 is empty")):
        with pytest.raises(InputError, match=message):
            write_bin(tmp_path / "x.bin", images, [True])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "pairs", "different"),
    [("lfw/lfw_folds01-02_py2.bin", 1200, 1583), ("lfw/lfw_fold03_p4.bin", 600, 737),
     ("bin_fixture/insightface_small_lfw.bin", 10, 17)],
)  # fmt: skip
def test_real_files(shared_data, name, pairs, different):
    images, same = read_bin(shared_data / name, trust=True)
    assert (len(images), len(same), len(set(images))) == (2 * pairs, pairs, different)
    assert all(image.startswith(b"\xff\xd8\xff") for image in images)
    assert sum(same) == (pairs if pairs == 10 else pairs // 2)


IMAGES_OF_PACKED_NPZ, SAME_OF_PACKED_NPZ = [b"one", b"two", b"one", b"three"], [True, False]


def test_round_trip_stores_equal_images_once(tmp_path):
    write_npz(tmp_path / "a.npz", IMAGES_OF_PACKED_NPZ, SAME_OF_PACKED_NPZ)
    assert read_npz(tmp_path / "a.npz") == (IMAGES_OF_PACKED_NPZ, SAME_OF_PACKED_NPZ)
    with np.load(tmp_path / "a.npz", allow_pickle=False) as stored:
        assert stored["data"].tobytes() == b"onetwothree"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"order": np.array([0, 1, 0, 3])}, "two images a pair"),
        ({"order": np.array([0, 1, 0])}, "found 3 for 2"),
        ({"start": np.array([0, 3, 6, 99])}, "do not fit together"),
        ({"start": np.array([0, 6, 3, 11])}, "do not fit together"),
        ({"data": np.zeros(11)}, "do not fit together"),
        ({"same": None}, "is no packed pair list"),
        ({"same": np.array([{}, {}], object)}, "is no packed pair list"),
    ],
)
def test_other_contents_are_refused(tmp_path, change, message):
    write_npz(tmp_path / "a.npz", IMAGES_OF_PACKED_NPZ, SAME_OF_PACKED_NPZ)
    with np.load(tmp_path / "a.npz") as stored:
        arrays = dict(stored) | change
    np.savez(tmp_path / "b.npz", **{name: value for name, value in arrays.items() if value is not None})
    with pytest.raises(InputError, match=message):
        read_npz(tmp_path / "b.npz")


def test_missing_and_foreign_files_are_refused(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        read_npz(tmp_path / "none.npz")
    (tmp_path / "text.npz").write_text("no zip")
    with pytest.raises(InputError, match="is no packed pair list"):
        read_npz(tmp_path / "text.npz")
