import order
import pytest


@pytest.mark.parametrize("name", order.SECONDS)
def test_a_file_that_is_named_is_there(name):
    assert (order.TESTS / name).is_file()


def test_long_files_come_first_and_slow_ones_before_the_rest():
    taken = [order.seconds(order.TESTS / name, slow) for name, slow in
             (("book/test_full.py", True), ("a/test_new.py", True), ("a/test_quick.py", False))]  # fmt: skip
    assert taken[0] > taken[1] > taken[2] == 0
