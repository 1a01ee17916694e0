import re
from pathlib import Path

import numpy as np

from twinlib.data.feed import seeds

NAMED = {name: value for name, value in vars(seeds).items() if name.isupper()}


def test_no_two_streams_share_a_number_and_none_has_moved():
    assert len(set(NAMED.values())) == len(NAMED)
    small = {name: value for name, value in NAMED.items() if value < 10}
    assert small == {"PICKED": 1, "ORDER": 2, "SINGLES": 4, "ALONE": 5, "TRIPLETS": 6}
    assert np.random.default_rng([0, seeds.PICKED, 0]).integers(1000) == 522


def test_factors_are_primes():
    for value in (value for value in NAMED.values() if value > 10):
        assert all(value % divisor for divisor in range(2, int(value**0.5) + 1)), value


def test_every_stream_is_named_here():
    """A number typed beside a seed would be a stream that nobody can find."""
    typed = re.compile(r"[\[(](self\.)?seed, \d|seed \* \d")
    files = Path(seeds.__file__).parents[2].rglob("*.py")
    assert [file.name for file in files if typed.search(file.read_text(encoding="utf-8"))] == []
