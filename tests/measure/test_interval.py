import math

from twinlib.measure.interval import NOT_KEPT, Interval, ends


def test_an_interval_in_words():
    assert f"{Interval(0.71234, 0.69, 0.733, 40):.3f}" == "0.712 [0.690, 0.733]"
    assert f"{Interval(0.7, math.nan, math.nan, 1, reason='x'):.2f}" == "0.70 [no interval]"
    assert ends(0.1, math.nan, ".1f") == "no interval"


def test_a_missing_interval_says_why_and_decides_nothing():
    assert Interval(0.7, 0.6, 0.8, 40).missing == ""
    assert Interval(0.7, math.nan, math.nan, 1, reason="one family").missing == "one family"
    assert Interval(0.7, math.nan, math.nan, 40).missing == NOT_KEPT
    assert not Interval(0.7, math.nan, math.nan, 1).excludes_zero
