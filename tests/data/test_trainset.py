from collections import Counter

import numpy as np
import pytest

from twinlib.data.trainset import TrainSet, TwinBatches
from twinlib.errors import InputError


def make(families=5, subjects=2, images=4):
    count = families * subjects * images
    subject = np.repeat(np.arange(families * subjects), images)
    return TrainSet(
        np.zeros((count, 2, 2, 3), np.uint8), np.zeros((count, 4, 4)), np.arange(count), subject, subject // subjects
    )


def test_batches_hold_whole_twin_groups():
    data = make()
    picked = TwinBatches(data, groups=3, images=4, seed=0).batch(7)
    assert len(picked) == 24
    for group in picked.reshape(3, 2, 4):
        assert len(set(data.family[group.ravel()])) == 1
        assert len(set(data.subject[group[0]])) == len(set(data.subject[group[1]])) == 1
        assert data.subject[group[0, 0]] != data.subject[group[1, 0]]
        assert len(set(group.ravel())) == 8


def test_an_epoch_shows_every_family_once():
    data = make(families=6)
    batches = TwinBatches(data, groups=2, images=1, seed=3)
    seen = Counter(int(f) for step in range(3) for f in data.family[batches.batch(step)[::2]])
    assert seen == Counter(range(6))


def test_a_batch_depends_on_seed_and_step_alone():
    data = make()
    a, b = TwinBatches(data, 2, 2, seed=1), TwinBatches(data, 2, 2, seed=1)
    a.batch(0)
    np.testing.assert_array_equal(a.batch(9), b.batch(9))
    assert not np.array_equal(a.batch(9), TwinBatches(data, 2, 2, seed=2).batch(9))


def test_few_images_repeat_and_triplets_give_two():
    data = make(families=2, subjects=3, images=1)
    picked = TwinBatches(data, groups=2, images=3, seed=0).batch(0)
    assert len(set(data.subject[picked])) == 4


def test_a_set_without_twins_is_refused():
    with pytest.raises(InputError, match="no family with two subjects"):
        TwinBatches(make(subjects=1), 1, 1, 0)
