import numpy as np
import pytest
from train_fixtures import colours

from twinlib import config
from twinlib.methods.ndtwin.image_pairs import Pairs

DATA = colours(families=6, images=4, singles=3)


def test_pairs_alternate_and_seven_in_ten_strange_ones_are_twins():
    sampler = Pairs(DATA, 40, 0, config.Pairs())
    pairs = np.concatenate([sampler.pick(number).rows.reshape(-1, 2) for number in range(60)])
    one, other = pairs.T
    same = DATA.subject[one] == DATA.subject[other]
    assert (same == (np.arange(len(pairs)) % 2 == 0)).all()
    assert (one != other).all()
    twins = (DATA.family[one] == DATA.family[other])[~same]
    assert twins.mean() == pytest.approx(0.7, abs=4 * (0.21 / len(twins)) ** 0.5)
