import math

import pytest
import torch

from twinlib.data.augment import colour_jitter, flip, normalise, rotate_and_shift


def rng():
    return torch.Generator().manual_seed(0)


def test_normalise_maps_bytes_to_plus_minus_one():
    crops = torch.tensor([[[[0, 127, 255]]]], dtype=torch.uint8)
    torch.testing.assert_close(normalise(crops).flatten(), torch.tensor([-1.0, -0.5 / 127.5, 1.0]))


def test_zero_amounts_change_nothing():
    x = torch.rand(3, 3, 8, 8) * 2 - 1
    torch.testing.assert_close(colour_jitter(x, 0.0, rng()), x, atol=1e-6, rtol=0)
    torch.testing.assert_close(rotate_and_shift(x, 0.0, 0.0, rng()), x, atol=1e-5, rtol=0)


def test_jitter_stays_in_range_and_depends_on_the_generator_only():
    x = torch.rand(4, 3, 8, 8) * 2 - 1
    a, b = colour_jitter(x, 0.5, rng()), colour_jitter(x, 0.5, rng())
    assert torch.equal(a, b)
    assert a.abs().max() <= 1
    assert not torch.allclose(a[0] - x[0], a[1] - x[1])


def test_rotation_moves_a_point_by_the_drawn_angle():
    x = torch.full((1, 3, 65, 65), -1.0)
    x[:, :, 32, 60] = 1.0  # 28 px right of the centre
    y = rotate_and_shift(x, 30.0, 0.0, rng())[0, 0] + 1
    row, col = (int(i) for i in divmod(int(y.argmax()), 65))
    drawn = float(2 * torch.rand(3, 1, generator=rng())[0] - 1) * 30
    angle = math.degrees(math.atan2(row - 32, col - 32))
    assert abs(angle) == pytest.approx(abs(drawn), abs=2)


def test_flip_mirrors_the_chosen_only():
    x = torch.arange(12.0).reshape(2, 1, 2, 3).expand(2, 3, 2, 3)
    y = flip(x, torch.tensor([True, False]))
    assert torch.equal(y[0], x[0].flip(2))
    assert torch.equal(y[1], x[1])
