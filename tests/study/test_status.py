"""Beside `test_board.py`, which tests the two together."""

from twinlib.study.status import hours


def test_minutes_below_two_hours():
    assert [hours(s) for s in (0, 90, 7199, 7200, 36_000)] == ["0 min", "2 min", "120 min", "2.0 h", "10.0 h"]
