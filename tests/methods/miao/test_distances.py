import numpy as np
import pytest
import torch

from twinlib.methods.miao.distances import measured


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
