import pytest

from twinlib.measure.bootstrap import Interval
from twinlib.records.published import CANNOT_TELL, DOES_NOT, HOLDS, verdict, verdict_of_order


def interval(low, high, seeds=5):
    return Interval((low + high) / 2, low, high, families=60, seeds=seeds)


@pytest.mark.parametrize(
    ("low", "high", "seeds", "claimed", "wanted"),
    [
        (0.01, 0.03, 5, 1, HOLDS),
        (-0.03, -0.01, 5, 1, DOES_NOT),
        (-0.03, -0.01, 5, -1, HOLDS),
        (0.01, 0.03, 5, -1, DOES_NOT),
        (-0.01, 0.03, 5, 1, CANNOT_TELL),
        (0.0, 0.03, 5, 1, CANNOT_TELL),
        (0.01, 0.03, 4, 1, CANNOT_TELL),  # too few seeds to say either
        (-0.03, -0.01, 4, 1, CANNOT_TELL),
    ],
)
def test_verdict(low, high, seeds, claimed, wanted):
    assert verdict(interval(low, high, seeds), claimed) == wanted


@pytest.mark.parametrize(
    ("low", "high", "claimed", "wanted"),
    [
        (-0.01, 0.019, 1, DOES_NOT),  # an effect of interest is excluded
        (-0.01, 0.02, 1, CANNOT_TELL),
        (0.001, 0.01, 1, HOLDS),  # smaller than of interest, and there
        (-0.019, 0.01, -1, DOES_NOT),
        (0.0, 0.0, 1, DOES_NOT),  # a tie is no win
        (float("nan"), float("nan"), 1, CANNOT_TELL),
    ],
)
def test_a_smallest_difference_of_interest(low, high, claimed, wanted):
    assert verdict(interval(low, high), claimed, interest=0.02) == wanted


def test_nothing_is_told_of_a_row_that_is_not_finished():
    assert verdict(interval(0.01, 0.03), lacks=["fits 0.60 of its training images"]) == CANNOT_TELL


def test_a_stored_recogniser_needs_no_seeds():
    assert verdict(interval(0.01, 0.03, seeds=1), min_seeds=1) == HOLDS


def test_an_order_holds_if_every_step_does():
    up, down, unclear = interval(0.01, 0.02), interval(-0.02, -0.01), interval(-0.01, 0.03)
    assert verdict_of_order([up, up]) == HOLDS
    assert verdict_of_order([up, unclear]) == CANNOT_TELL
    assert verdict_of_order([up, unclear, down]) == DOES_NOT
    assert verdict_of_order([]) == CANNOT_TELL
