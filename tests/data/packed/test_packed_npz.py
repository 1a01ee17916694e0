import numpy as np
import pytest

from twinlib.data.packed.packed_npz import read_npz, write_npz
from twinlib.errors import InputError

IMAGES, SAME = [b"one", b"two", b"one", b"three"], [True, False]


def test_round_trip_stores_equal_images_once(tmp_path):
    write_npz(tmp_path / "a.npz", IMAGES, SAME)
    assert read_npz(tmp_path / "a.npz") == (IMAGES, SAME)
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
    write_npz(tmp_path / "a.npz", IMAGES, SAME)
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
