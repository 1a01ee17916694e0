import math

import pytest
import torch

from twinlib.data.feed.augment import colour_jitter, flip, flip_boxes, normalise, random_affine, warp, warp_boxes


def rng():
    return torch.Generator().manual_seed(0)


def test_normalise_maps_bytes_to_plus_minus_one():
    crops = torch.tensor([[[[0, 127, 255]]]], dtype=torch.uint8)
    torch.testing.assert_close(normalise(crops).flatten(), torch.tensor([-1.0, -0.5 / 127.5, 1.0]))


def test_zero_amounts_change_nothing():
    x = torch.rand(3, 3, 8, 8) * 2 - 1
    torch.testing.assert_close(colour_jitter(x, 0.0, rng()), x, atol=1e-6, rtol=0)
    torch.testing.assert_close(warp(x, random_affine(3, 0.0, 0.0, rng())), x, atol=1e-5, rtol=0)


def test_jitter_stays_in_range_and_depends_on_the_generator_only():
    x = torch.rand(4, 3, 8, 8) * 2 - 1
    a, b = colour_jitter(x, 0.5, rng()), colour_jitter(x, 0.5, rng())
    assert torch.equal(a, b)
    assert a.abs().max() <= 1
    assert not torch.allclose(a[0] - x[0], a[1] - x[1])


def test_rotation_moves_a_point_by_the_drawn_angle():
    x = torch.full((1, 3, 65, 65), -1.0)
    x[:, :, 32, 60] = 1.0  # 28 px right of the centre
    y = warp(x, random_affine(1, 30.0, 0.0, rng()))[0, 0] + 1
    row, col = (int(i) for i in divmod(int(y.argmax()), 65))
    drawn = float(2 * torch.rand(3, 1, generator=rng())[0] - 1) * 30
    angle = math.degrees(math.atan2(row - 32, col - 32))
    assert abs(angle) == pytest.approx(abs(drawn), abs=2)


def test_flip_mirrors_the_chosen_only():
    x = torch.arange(12.0).reshape(2, 1, 2, 3).expand(2, 3, 2, 3)
    y = flip(x, torch.tensor([True, False]))
    assert torch.equal(y[0], x[0].flip(2))
    assert torch.equal(y[1], x[1])


def test_boxes_move_with_their_pixels():
    """A bright rectangle and its box, rotated and shifted together, still agree."""
    x, boxes = torch.full((8, 3, 100, 100), -1.0), torch.tensor([0.3, 0.4, 0.6, 0.5]).expand(8, 1, 4)
    x[:, :, 40:50, 30:60] = 1.0
    theta = random_affine(8, 20.0, 0.1, rng())
    moved, found = warp(x, theta), warp_boxes(boxes, theta)
    for image, box in zip(moved, found[:, 0], strict=True):
        rows, columns = torch.where(image[0] > 0)
        wanted = torch.stack([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]) / 100
        torch.testing.assert_close(box, wanted, atol=0.02, rtol=0)


def test_flipped_boxes_mirror_and_flip_back():
    boxes = torch.tensor([[[0.1, 0.2, 0.3, 0.9]], [[0.1, 0.2, 0.3, 0.9]]])
    once = flip_boxes(boxes, torch.tensor([True, False]))
    torch.testing.assert_close(once, torch.tensor([[[0.7, 0.2, 0.9, 0.9]], [[0.1, 0.2, 0.3, 0.9]]]))
    torch.testing.assert_close(flip_boxes(once, torch.tensor([True, False])), boxes)


def test_one_matrix_for_all_gives_the_same_bits():
    images, theta = torch.rand(5, 3, 8, 8), random_affine(1, 10.0, 0.1, rng())
    assert torch.equal(warp(images, theta), warp(images, theta.expand(5, -1, -1)))


def test_a_network_sees_the_pixels_at_its_own_scale():
    from twinlib import config
    from twinlib.data.feed.augment import scaled_for

    crops = torch.randint(256, (2, 32, 32, 3), dtype=torch.uint8)
    sizes = {"image_size": 32, "depth": 10, "width": 8, "embedding": 8}
    symface = config.MODELS.build(config.IResNet(**sizes, divisor=128.0))
    wanted = torch.from_numpy(symface.preprocess(crops.numpy()))
    torch.testing.assert_close(wanted, ((crops.permute(0, 3, 1, 2).float() - 127.5) / 128))
    torch.testing.assert_close(scaled_for(symface, normalise(crops)), wanted)
    plain = config.MODELS.build(config.IResNet(**sizes))
    images = normalise(crops)
    assert scaled_for(plain, images) is images
    assert config.load("sym_mobilefacenet", "cpu").model.divisor == 128.0
    assert config.load("arcface", "cpu").model.divisor == 127.5


def test_a_network_gets_its_own_scale_and_columns():
    """As `preprocess` gives them when it is evaluated: a narrow network refused its training pictures before."""
    from twinlib import config
    from twinlib.data.feed.augment import scaled_for

    crops = torch.randint(0, 256, (2, 112, 112, 3), dtype=torch.uint8)
    net = config.MODELS.build(config.MobileFaceNet(width=8, blocks=(1, 1, 1), embedding=8, narrow=True, divisor=128.0))
    seen = scaled_for(net, normalise(crops))
    torch.testing.assert_close(seen, torch.from_numpy(net.preprocess(crops.numpy())))
    assert seen.shape == (2, 3, 112, 96)
    assert scaled_for(torch.nn.Identity(), normalise(crops)).shape == (2, 3, 112, 112)
