from collections import Counter

import numpy as np
import pytest
import torch
from train_fixtures import colours

from twinlib import config
from twinlib.errors import InputError
from twinlib.methods.miao.triplets import Triplets, measured

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


def test_loss_and_right_triplets_by_hand():
    e = np.array([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0], [0.0, -1.0]])
    found = measured(e, np.array([[0, 1, 2], [0, 2, 1], [0, 2, 3]]))
    assert found.loss == pytest.approx((5 - 1 + 1 + 0 + 1) / 3)
    assert (found.right, found.triplets) == (1, 3)  # the third is a tie


def test_loss_is_torchs():
    rng = np.random.default_rng(0)
    e, triplets = rng.normal(size=(30, 5)), rng.integers(0, 30, (40, 3))
    given = [torch.from_numpy(e[column]) for column in triplets.T]
    theirs = torch.nn.functional.triplet_margin_loss(*given, margin=0.7, eps=0.0)
    assert measured(e, triplets, 0.7).loss == pytest.approx(float(theirs))
