import pandas as pd
import pytest

from twinlib.data.pairs import PAIR_COLUMNS, read_pairs, write_pairs
from twinlib.errors import InputError


@pytest.fixture
def pairs():
    rows = [(0, "a", "b", 1, "genuine", "f1", "f1", "test", 0), (1, "a", "c", 0, "twin", "f1", "f1", "test", 0)]
    return pd.DataFrame(rows, columns=PAIR_COLUMNS)


def test_a_list_survives_the_disk_with_the_same_bytes(pairs, tmp_path):
    write_pairs(tmp_path / "a.csv", pairs)
    pd.testing.assert_frame_equal(read_pairs(tmp_path / "a.csv"), pairs, check_dtype=False)
    write_pairs(tmp_path / "b.csv", read_pairs(tmp_path / "a.csv"))
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("kind", "cousin", "none of genuine, twin"),
        ("same", 1, "not 1 for genuine"),
        ("image_b", "a", "paired with itself"),
        ("image_b", "b", "two images of an earlier pair"),
        ("pair", 0, "id of an earlier pair"),
    ],
)
def test_a_wrong_row_is_named(pairs, tmp_path, column, value, message):
    pairs.loc[1, column] = value
    with pytest.raises(InputError, match=rf"a\.csv: pair {pairs.pair[1]} .*{message}"):
        write_pairs(tmp_path / "a.csv", pairs)
    assert not list(tmp_path.iterdir())


def test_the_same_two_images_in_the_other_order_are_one_pair(pairs, tmp_path):
    pairs.loc[1, ["image_a", "image_b", "same", "kind"]] = ["b", "a", 1, "genuine"]
    with pytest.raises(InputError, match="earlier pair"):
        write_pairs(tmp_path / "a.csv", pairs)


def test_missing_things_are_named(pairs, tmp_path):
    with pytest.raises(InputError, match=r"\['kind'\] are missing"):
        write_pairs(tmp_path / "a.csv", pairs.drop(columns="kind"))
    with pytest.raises(InputError, match="empty"):
        write_pairs(tmp_path / "a.csv", pairs[:0])
    with pytest.raises(InputError, match="does not exist"):
        read_pairs(tmp_path / "none.csv")
