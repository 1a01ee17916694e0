from collections import Counter

import numpy as np
import pytest
from train_fixtures import colours

from twinlib import config
from twinlib.errors import InputError
from twinlib.methods.tuples import Pairs, Triplets

DATA = colours(families=6, images=4, singles=3)


@pytest.mark.parametrize("negative", ["family", "stranger"])
def test_triplets_hold_two_images_of_one_and_one_of_the_wanted_other(negative):
    sampler = Triplets(DATA, 12, 0, config.Triplets(count=40, negative=negative))
    a, p, n = sampler.triplets.T
    assert (DATA.subject[a] == DATA.subject[p]).all()
    assert (a != p).all()
    assert (DATA.subject[a] != DATA.subject[n]).all()
    assert ((DATA.family[a] == DATA.family[n]) == (negative == "family")).all()
    seen = Counter(tuple(t) for number in range(10) for t in sampler.pick(number).rows.reshape(-1, 3))
    assert seen == Counter(map(tuple, sampler.triplets.tolist()))  # each once an epoch


def test_pairs_alternate_and_seven_in_ten_strange_ones_are_twins():
    sampler = Pairs(DATA, 40, 0, config.Pairs())
    pairs = np.concatenate([sampler.pick(number).rows.reshape(-1, 2) for number in range(60)])
    one, other = pairs.T
    same = DATA.subject[one] == DATA.subject[other]
    assert (same == (np.arange(len(pairs)) % 2 == 0)).all()
    assert (one != other).all()
    twins = (DATA.family[one] == DATA.family[other])[~same]
    assert twins.mean() == pytest.approx(0.7, abs=4 * (0.21 / len(twins)) ** 0.5)


def test_refusals():
    with pytest.raises(InputError, match="at least 3 images, got 2"):
        Triplets(DATA, 2, 0, config.Triplets())
    alone = colours(families=0, images=4, singles=3)
    with pytest.raises(InputError, match="two images that has a relative"):
        Triplets(alone, 6, 0, config.Triplets())
    with pytest.raises(InputError, match="no training subject with two images"):
        Pairs(colours(images=1), 6, 0, config.Pairs(twins=0.0))
    with pytest.raises(InputError, match="one family only"):
        Triplets(colours(families=1), 6, 0, config.Triplets(negative="stranger"))
