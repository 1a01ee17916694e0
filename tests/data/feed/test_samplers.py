import warnings
from collections import Counter

import numpy as np
import pytest
from train_fixtures import colours

from twinlib import config
from twinlib.data.feed.samplers import Identities, Shuffled, TwinGroups, TwinsAndSingles, shares, shuffled_places
from twinlib.errors import InputError
from twinlib.methods.miao.triplets import Triplets
from twinlib.methods.ndtwin.ndtwin import Pairs

DATA = colours(families=12, images=5, singles=9)
SAMPLERS = {
    "twins": lambda seed: TwinGroups(DATA, 4, 2, seed),
    "twins_and_singles": lambda seed: TwinsAndSingles(DATA, 4, 2, seed, config.TwinsAndSingles()),
    "identities": lambda seed: Identities(DATA, 6, 3, seed),
    "shuffled": lambda seed: Shuffled(DATA, 16, seed),
    "triplets": lambda seed: Triplets(DATA, 16, seed, config.Triplets(count=20)),
    "pairs": lambda seed: Pairs(DATA, 16, seed, config.Pairs()),
}


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_batch_depends_on_seed_and_number_alone(name):
    a, b = SAMPLERS[name](1), SAMPLERS[name](1)
    a.pick(0)
    np.testing.assert_array_equal(a.pick(9).rows, b.pick(9).rows)
    assert not np.array_equal(a.pick(9).rows, SAMPLERS[name](2).pick(9).rows)
    picked = a.pick(3)
    assert len(picked.group) == len(picked.rows)
    assert set(np.diff(picked.group)) <= {0, 1}
    assert picked.group[0] == 0


@pytest.mark.parametrize("name", SAMPLERS)
def test_the_lap_counts_epochs(name):
    sampler = SAMPLERS[name](0)
    lap = sampler.pick(0).lap
    batches = [sampler.pick(n).lap.number for n in range(round(5 * lap.batches))]
    assert np.bincount(batches)[:4] == pytest.approx(lap.batches, abs=1)
    size = np.mean([len(sampler.pick(n).rows) for n in range(60)])
    assert lap.samples == pytest.approx(lap.batches * size, rel=0.02)


def test_places_go_through_the_pool_again_and_again():
    whole = shuffled_places(0, 50, 7, (3, 4))
    assert all(sorted(whole[at : at + 7]) == list(range(7)) for at in range(0, 49, 7))
    np.testing.assert_array_equal(shuffled_places(11, 20, 7, (3, 4)), whole[11:31])
    assert len(shuffled_places(5, 0, 7, (3, 4))) == 0


def test_twin_groups_to_single_ones_are_three_to_one_in_batches_of_seven_and_two_or_six_and_four():
    data = colours(families=30, images=6, singles=20)
    sampler = TwinsAndSingles(data, groups=8, images=4, seed=0, cfg=config.TwinsAndSingles())
    kinds = Counter()
    for number in range(70):
        picked = sampler.pick(number)
        groups = [picked.rows[picked.group == g] for g in range(picked.group[-1] + 1)]
        twins = [rows for rows in groups if len(rows) == 8]
        singles = [rows for rows in groups if len(rows) == 4]
        assert len(picked.rows) == 64
        assert all(len(set(data.family[rows])) == 1 and len(set(data.subject[rows])) == 2 for rows in twins)
        assert all(len(set(data.subject[rows])) == 1 and data.family[rows[0]] >= 30 for rows in singles)
        kinds[len(twins), len(singles)] += 1
    assert kinds == {(7, 2): 60, (6, 4): 10}


def test_singles_take_turns():
    sampler = TwinsAndSingles(DATA, groups=8, images=1, seed=0, cfg=config.TwinsAndSingles())
    picked = [sampler.pick(number) for number in range(63)]
    seen = Counter(s for p in picked for s in DATA.subject[p.rows] if s >= 24)
    assert set(seen.values()) == {16}  # 144 places for 9 singles


def test_a_set_without_singles_warns_and_gives_twins():
    with pytest.warns(UserWarning, match="no family of one subject: batches hold twins only"):
        sampler = TwinsAndSingles(colours(), 2, 2, 0, config.TwinsAndSingles())
    with warnings.catch_warnings():
        picked = sampler.pick(5)
    assert picked.group.tolist() == [0] * 4 + [1] * 4


def test_every_identity_and_every_image_once_an_epoch():
    identities = Identities(DATA, 11, 2, 0)  # 33 subjects
    subjects = np.concatenate([DATA.subject[identities.pick(n).rows] for n in range(3)])
    assert set(np.bincount(subjects)) == {2}
    shuffled = Shuffled(DATA, 15, 0)  # 165 images
    np.testing.assert_array_equal(np.sort(np.concatenate([shuffled.pick(n).rows for n in range(11)])), np.arange(165))


def test_a_batch_is_cut_between_groups():
    group = np.repeat(np.arange(9), [8] * 7 + [4] * 2)
    assert shares(group, 2) == [slice(0, 32), slice(32, 64)]
    for parts in range(1, 10):
        cuts = shares(group, parts)
        assert [cut.start for cut in cuts[1:]] == [cut.stop for cut in cuts[:-1]]
        assert (cuts[0].start, cuts[-1].stop) == (0, 64)
        assert all(group[cut.start] != group[cut.start - 1] for cut in cuts[1:])
    with pytest.raises(InputError, match=r"10 processes cannot share a batch of 9 groups; raise train\.groups"):
        shares(group, 10)
