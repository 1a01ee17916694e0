"""The numbers of training steps, held against the version of the training code that records name.

Where this fails, a step computes something else than it did: raise `TRAINING` in `twinlib/version.py`, so that records
and checkpoints of before do not count any more, and write the new numbers here (`python tests/train/test_steps.py`).
The tolerance is for processors and versions of libraries, whose rounding differs; a change of a step moves more.
"""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from train_fixtures import colours, tiny

from twinlib.train import loop
from twinlib.version import TRAINING

VERSION = 2  # of the training code that gave these losses, the first eight of each run
LOSSES = {
    "vit": [15.2363, 11.4641, 7.3204, 14.1098, 11.5169, 7.7649, 3.6126, 12.3075],
    "ahan": [11.1735, 7.4163, 7.2008, 8.3815, 5.9916, 4.6441, 3.4337, 8.7264],
    "flips": [14.4755, 17.1527, 10.8897, 15.1788, 9.9649, 13.3148, 12.0527, 12.5579],
    "mining": [8.7933, 7.737, 4.1494, 7.2478, 7.2407, 7.9739, 8.0517, 10.3038],
    "places": [18.1409, 15.0227, 11.8507, 19.6843, 12.629, 12.9475, 13.8976, 11.4647],
    "adaface": [59.6953, 49.1764, 33.7618, 56.7743, 46.506, 33.3788, 25.0297, 53.1303],
}
RUNS = {
    "vit": ("vit",),
    "ahan": ("ahan",),
    "flips": ("vit", "data.flip=identity", "data.jitter=0.3", "data.rotation=8.0"),
    "mining": ("vit_hca_faam", "terms.hard_negatives={}"),
    "places": ("vit_faam", "model.faam.pool=places", "model.head=grid"),
    "adaface": ("vit", "loss=adaface"),
}


def losses(name, folder):
    """Loss of each of the first eight steps."""
    experiment, *overrides = RUNS[name]
    loop.LOG_EVERY, before = 1, loop.LOG_EVERY
    try:
        given = tiny(experiment, *overrides, "train.lr=1e-3", "train.passes=64", "train.warmup=2")
        return [row["loss"] for row in loop.train(given, colours(), name, Path(folder), "cpu").history]
    finally:
        loop.LOG_EVERY = before


@pytest.mark.parametrize("name", RUNS)
def test_a_step_gives_what_it_gave_or_the_version_is_raised(name, tmp_path):
    assert VERSION == TRAINING, "the version was raised: write the new losses here"
    np.testing.assert_allclose(losses(name, tmp_path), LOSSES[name], rtol=0.01, err_msg=f"{name}: raise TRAINING")


if __name__ == "__main__":
    for run in RUNS:
        with tempfile.TemporaryDirectory() as place:
            print(f'    "{run}": {[round(x, 4) for x in losses(run, place)]},')
