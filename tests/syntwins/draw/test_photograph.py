from dataclasses import replace

import numpy as np
import pytest

from syntwins import Nuisance
from syntwins.draw.photograph import develop, photograph

RNG = np.random.default_rng(0)


def test_develop_agrees_with_the_formula_written_out():
    linear = RNG.uniform(0, 3, (8, 8, 3)).astype(np.float32)
    part = np.zeros((8, 8), np.int8)
    picture = develop(linear, part, Nuisance(exposure=1.1), np.random.default_rng(1))
    x = 1.1 * linear.reshape(4, 2, 4, 2, 3).mean((1, 3))
    wanted = np.clip(1.12 * x * (1 + 0.12 * x) / (1 + 0.75 * x), 0, 1) ** (1 / 2.2)
    np.testing.assert_allclose(picture, wanted, atol=1e-5)


def test_the_background_shows_only_where_there_is_nothing():
    linear = np.zeros((8, 8, 3), np.float32)
    part = np.full((8, 8), -1, np.int8)
    part[:, :4] = 0
    picture = develop(linear, part, Nuisance(background=(0.5, 0.5, 0.5)), np.random.default_rng(1))
    assert picture[:, :2].max() == 0
    assert picture[:, 2:].min() > 0.3


@pytest.mark.parametrize(("factor", "values"), [("noise", (0.0, 0.05)), ("blur", (2.0, 0.0)), ("jpeg", (30, 100))])
def test_noise_adds_detail_blur_and_compression_remove_it(factor, values):
    picture = np.repeat(np.repeat(RNG.uniform(0.2, 0.8, (20, 20, 3)), 4, 0), 4, 1).astype(np.float32)
    base = Nuisance(noise=0.0, jpeg=95)
    sizes = [len(photograph(picture, replace(base, **{factor: v}), np.random.default_rng(2))[1]) for v in values]
    assert sizes[0] < sizes[1]
