import base64
import json
import re
from dataclasses import replace

import numpy as np
import pytest

from twinlib.errors import InputError
from twinlib.figures.alive import threshold_page
from twinlib.figures.alive.threshold_page import Scored, allowing, packed
from twinlib.measure.exact import confusion


def made(network="AHAN", protocol="twin", shift=0.3, count=400):
    rng = np.random.default_rng(len(network) + len(protocol))
    same = np.repeat([1, 0], count)
    scores = np.round(np.tanh(rng.normal(shift * same, 0.4)), 6)
    return Scored(network, protocol, scores, same, 0.123456)


def unpacked(text):
    numbers, value, shift = [], 0, 0
    for byte in base64.b64decode(text):
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            numbers.append(value)
            value = shift = 0
    return np.repeat(np.cumsum(numbers[::2]) - 1_000_000, numbers[1::2])


def test_scores_come_back_to_the_last_decimal():
    one = made()
    run = packed(one)
    for key, same in (("genuine", 1), ("impostor", 0)):
        np.testing.assert_array_equal(unpacked(run[key]) / 1e6, np.sort(one.scores[one.same == same]))


def test_a_jump_keeps_its_rate_and_the_next_lower_score_would_not():
    impostor = np.sort(np.round(made().scores[400:] * 1e6).astype(int))
    for rate in (0.01, 0.1):
        threshold = allowing(impostor, rate)
        assert (impostor >= threshold).sum() <= rate * len(impostor)
        assert (impostor >= threshold - 1).sum() > rate * len(impostor)


def test_the_first_state_counts_as_the_library_does():
    one = made()
    text = threshold_page.fragment([one, made("plain ViT")]).split("<script")[0]
    found = [int(re.search(rf'data-al="{name}">(\d+)<', text)[1]) for name in ("tp", "fp", "fn", "tn")]
    assert found == list(confusion(one.scores, one.same, one.threshold))
    assert "AHAN, one person against identical twins: 400 pairs of one person, 400 of two" in text


def test_all_scores_of_two_networks_weigh_little():
    rounded = [
        replace(one, scores=np.round(one.scores * 96) / 96) for one in (made("a", count=9600), made("b", count=9600))
    ]
    text = threshold_page.fragment(rounded)  # as coarse as records are
    assert len(text.encode()) < 40_000
    json.loads(re.search(r'data-al="data">(.*?)</script>', text, re.DOTALL)[1])


def test_per_cent_says_all_or_nothing_only_where_it_is():
    assert threshold_page._share(1, 5000) == "1 of 5000, under 0.1 %"
    assert threshold_page._share(4999, 5000) == "4999 of 5000, over 99.9 %"
    assert threshold_page._share(0, 5) == "0 of 5, 0.0 %"


def test_without_a_record_it_says_what_to_train():
    with pytest.raises(InputError, match="twinlib run ahan"):
        threshold_page.fragment([])
