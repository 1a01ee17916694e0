from collections import Counter

import pytest
from train_fixtures import colours

from twinlib import config
from twinlib.errors import InputError
from twinlib.methods.miao.triplets import Triplets

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


def test_a_batch_without_room_for_a_triplet_is_refused():
    with pytest.raises(InputError, match="at least 3 images, got 2"):
        Triplets(DATA, 2, 0, config.Triplets())
