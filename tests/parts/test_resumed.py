import os
from functools import partial

import numpy as np
import pytest

from twinlib.errors import InputError
from twinlib.parts import resumed as parts

IMAGES = ["a", "bb", "ccc", "dddd", "eeeee"]


class Lengths:
    """A step that knows nothing but the length of a name."""

    def __init__(self, factor: int):
        self.factor = factor

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def rows(self, paths):
        return parts.stacked([{"name": np.str_(path), "length": np.int64(self.factor * len(path))} for path in paths])


class Dies(Lengths):
    def rows(self, paths):
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
