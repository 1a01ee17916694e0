import os
from functools import partial

import numpy as np
import pytest

from twinlib import parts
from twinlib.errors import InputError
from twinlib.parts import in_shares

IMAGES = ["a", "bb", "ccc", "dddd", "eeeee"]


class Lengths:
    """A step that knows nothing but the length of a name."""

    def __init__(self, factor: int):
        self.factor = factor

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def row(self, path):
        return {"name": np.str_(path), "length": np.int64(self.factor * len(path))}


class Dies(Lengths):
    def row(self, path):
        os._exit(1)


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(parts, "CHUNK", 2)


def test_rows_come_in_order_whatever_the_number_of_processes(tmp_path):
    for workers in (1, 2):
        files = parts.make_parts(partial(Lengths, 10), IMAGES, tmp_path / str(workers), workers, "names")
        table = parts.joined(files)
        assert table["name"].tolist() == IMAGES
        assert table["length"].tolist() == [10, 20, 30, 40, 50]
        assert list(parts.joined(files, ("length",))) == ["length"]


def test_only_missing_parts_are_made(tmp_path):
    made = parts.make_parts(partial(Lengths, 1), IMAGES, tmp_path, None, "names")
    assert [part.name for part in made] == ["000000.npz", "000001.npz", "000002.npz"]
    made[0].write_bytes(b"left as it is")
    before = made[1].read_bytes()
    made[1].unlink()
    assert parts.make_parts(partial(Lengths, 1), IMAGES, tmp_path, 1, "names") == made
    assert made[0].read_bytes() == b"left as it is"
    assert made[1].read_bytes() == before


def test_a_dead_process_is_told_with_its_remedy(tmp_path):
    with pytest.raises(InputError, match=r"died.*fewer workers"):
        parts.make_parts(partial(Dies, 1), IMAGES, tmp_path, 2, "names")


def test_workers_must_be_positive(tmp_path):
    with pytest.raises(InputError, match="workers: wanted 1 or more, found 0"):
        parts.make_parts(partial(Lengths, 1), IMAGES, tmp_path, 0, "names")


@pytest.fixture
def asked():
    return []


@pytest.fixture
def embed(asked):
    def rows(which):
        asked.append(which.tolist())
        return {"emb": which[:, None] * np.ones(3), "found": which % 2 == 0}

    return rows


def same(a, b):
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)


def test_shares_join_to_what_one_run_gives(embed, asked, tmp_path):
    one = in_shares(embed, 11, 2, tmp_path / "one.npz", "k")
    assert [in_shares(embed, 11, 2, tmp_path / "e.npz", "k", (i, 3)) for i in range(3)] == [None] * 3
    assert asked[1:] == [[0, 1, 6, 7], [2, 3, 8, 9], [4, 5, 10]]  # whole batches
    assert same(in_shares(embed, 11, 2, tmp_path / "e.npz", "k"), one)
    assert len(asked) == 4  # joining embeds nothing
    assert list(tmp_path.iterdir()) == []


def test_what_no_share_did_is_done_while_joining_and_what_one_did_is_not_done_twice(embed, asked, tmp_path):
    in_shares(embed, 11, 2, tmp_path / "e.npz", "k", (1, 3))
    in_shares(embed, 11, 2, tmp_path / "e.npz", "k", (1, 3))
    in_shares(embed, 11, 2, tmp_path / "e.npz", "k", (1, 2))  # shares of another number overlap
    whole = in_shares(embed, 11, 2, tmp_path / "e.npz", "k")
    assert asked == [[2, 3, 8, 9], [6, 7, 10], [0, 1, 4, 5]]
    assert np.array_equal(whole["emb"][:, 0], np.arange(11))


def test_a_share_beyond_the_batches_is_empty_and_shares_of_other_weights_are_left_alone(embed, asked, tmp_path):
    assert in_shares(embed, 3, 2, tmp_path / "e.npz", "k", (4, 5)) is None
    in_shares(embed, 3, 2, tmp_path / "e.npz", "k", (0, 2))
    in_shares(embed, 3, 2, tmp_path / "e.npz", "other")
    assert asked == [[0, 1], [0, 1, 2]]
