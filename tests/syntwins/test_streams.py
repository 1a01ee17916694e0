import numpy as np
import pytest

from syntwins import Nuisance, sample_subject
from syntwins.streams import Stream, stream
from twinlib.errors import InputError


def test_streams_repeat_and_do_not_meet():
    draw = lambda *key: stream(*key).standard_normal(4)  # noqa: E731
    np.testing.assert_array_equal(draw(1, Stream.FAMILY, 5), draw(1, Stream.FAMILY, 5))
    others = [(2, Stream.FAMILY, 5), (1, Stream.MEMBER, 5), (1, Stream.FAMILY, 6), (1, Stream.FAMILY, 5, 1)]
    assert all(not np.array_equal(draw(1, Stream.FAMILY, 5), draw(*key)) for key in others)


def test_the_numbers_of_the_streams_never_change():
    """They are part of every data set; a renumbering would change all faces."""
    wanted = {
        "PALETTE": 3,
        "FAMILY": 7,
        "MEMBER": 11,
        "ASYMMETRY": 13,
        "MARKS": 17,
        "SKIN": 19,
        "IMAGE": 23,
        "PLAN": 31,
    }
    assert {entry.name: int(entry) for entry in Stream} == wanted


def test_seeds_may_be_huge_but_not_negative():
    assert stream(2**100, Stream.FAMILY, 10**9).random() != stream(2**100 + 1, Stream.FAMILY, 10**9).random()
    assert sample_subject(10**9, 0, seed=2**70).semantic != sample_subject(10**9, 0, seed=2**70 + 1).semantic
    with pytest.raises(InputError, match=r"negative; found \(-1, 4\)"):
        stream(-1, Stream.FAMILY, 4)
    with pytest.raises(InputError, match="must not be negative"):
        sample_subject(1, 0, seed=-5)
    with pytest.raises(InputError, match="negative; found -3"):
        Nuisance(seed=-3)
