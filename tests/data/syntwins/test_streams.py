import numpy as np

from twinlib.data.syntwins.streams import Stream, stream


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
