from dataclasses import replace

import numpy as np
import pytest
from train_fixtures import colours, tiny

from twinlib import config
from twinlib.data.feed.samplers import Room
from twinlib.errors import InputError
from twinlib.methods.symface.halves import SymFaceHalves, rho_of

STILL = ("data.rotation=0", "data.shift=0")


@pytest.mark.parametrize("name", config.SAMPLERS)
def test_every_sampler_fills_the_batch_the_config_names(name):
    experiment = tiny("vit", f"sampler={name}", *STILL)
    picked = config.SAMPLERS.build(
        experiment.sampler, colours(singles=3), Room(experiment.train.groups, experiment.train.images_per_subject), 0
    ).pick(4)
    assert experiment.train.batch - 2 <= len(picked.rows) <= experiment.train.batch == 8


def test_halves_follow_each_other_and_make_up_the_epoch():
    sampler = SymFaceHalves(np.full(20, 0.9), 6, 0, config.Halves(p=0.5))
    batches = [sampler.pick(n) for n in range(30)]
    for epoch in range(3):
        mine = [b for b in batches if b.lap.number == epoch]
        assert len(mine) == mine[0].lap.batches
        rows, part = (np.concatenate([getattr(b, name) for b in mine]) for name in ("rows", "part"))
        assert (len(rows), mine[0].lap.samples, mine[0].lap.split) == (30, 30, 10)
        left = np.flatnonzero(part == 1)
        assert (part[left + 1] == 2).all()
        assert (rows[left] == rows[left + 1]).all()
        assert sorted(rows[part != 2]) == list(range(20))
    for batch in batches:
        assert all(len(set(batch.rows[batch.group == g])) == 1 for g in set(batch.group))
        np.testing.assert_array_equal(batch.unit, batch.group)
    again = SymFaceHalves(np.full(20, 0.9), 6, 0, config.Halves(p=0.5)).pick(17)  # without having seen the others
    np.testing.assert_array_equal(again.rows, batches[17].rows)


def test_frontness_comes_from_the_landmarks_and_is_zero_without_any():
    data = colours()
    data.columns[0] = [5.0, 11.0, 9.0]
    rho = rho_of(data)
    assert rho[0] == pytest.approx(1 / (1 + (112 / 16) ** 2))
    assert (rho[1:] == 1).all()
    assert (rho_of(replace(data, columns=None)) == 0).all()


def test_halves_of_moved_faces_are_refused():
    with pytest.raises(InputError, match=r"set data\.rotation and data\.shift to 0"):
        tiny("vit", "sampler=halves")
