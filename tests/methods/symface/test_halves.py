import numpy as np
import pytest
import torch

from twinlib import config
from twinlib.errors import InputError
from twinlib.methods.symface.halves import epoch, split_at

CFG = config.Halves()


def slow_split(image, column, fill):
    parts = []
    for part in (image[:, :, :column], image[:, :, column:]):
        out = torch.full_like(image, fill)
        start = (image.shape[2] - part.shape[2]) // 2
        out[:, :, start : start + part.shape[2]] = part
        parts.append(out)
    return parts


def test_slow_twin_with_the_nose_anywhere():
    images, column = torch.rand(8, 3, 4, 9), torch.arange(8) + torch.tensor([-3, 0, 0, 0, 0, 0, 0, 4])
    left, right = split_at(images, column, -1.0)
    for i, at in enumerate(column.clamp(0, 9).tolist()):
        wanted = slow_split(images[i], at, -1.0)
        torch.testing.assert_close(torch.stack([left[i], right[i]]), torch.stack(wanted), rtol=0, atol=0)


def test_no_face_gives_no_halves_and_no_pixel_is_lost():
    left, right = split_at(torch.zeros(0, 3, 4, 8), torch.zeros(0, dtype=torch.long))
    assert left.shape == right.shape == (0, 3, 4, 8)
    images = torch.rand(2, 3, 4, 8)
    left, right = split_at(images, torch.tensor([3, 6]), 0.0)
    torch.testing.assert_close((left + right).sum((1, 2, 3)), images.sum((1, 2, 3)))


def test_an_epoch_shows_every_image_once_in_batches_that_hold_both_halves():
    rho = np.random.default_rng(0).random(101)
    drawn = epoch(rho, 8, seed=0, number=0, cfg=CFG)
    symmetric = np.flatnonzero(rho > 0.2)
    assert len(drawn.split) == int(0.3 * len(symmetric))
    assert set(drawn.split) <= set(symmetric)
    np.testing.assert_array_equal(np.sort(np.concatenate(drawn.batches)), np.arange(101))
    sizes = [len(rows) + np.isin(rows, drawn.split).sum() for rows in drawn.batches]
    assert sum(sizes) == drawn.samples == 101 + len(drawn.split)
    assert set(sizes[:-1]) == {7, 8}
    assert sizes[-1] <= 8


def test_seed_and_number_decide_the_epoch():
    rho = np.full(50, 0.5)
    a, b, c, d = (epoch(rho, 8, *key, CFG) for key in ((1, 2), (1, 2), (1, 3), (2, 2)))
    assert all((x == y).all() for x, y in zip(a.batches, b.batches, strict=True))
    assert a.split.tolist() == b.split.tolist()
    assert len({tuple(x.split) for x in (a, c, d)}) == 3


def test_over_many_epochs_every_symmetric_face_is_split_equally_often():
    rho = np.where(np.arange(40) < 30, 0.5, 0.1)
    count = np.zeros(40)
    for number in range(600):
        count[epoch(rho, 16, 0, number, CFG).split] += 1
    assert (count[30:] == 0).all()
    assert np.abs(count[:30] / 600 - 0.3).max() < 0.08  # four standard errors


def test_a_batch_of_one_is_refused():
    with pytest.raises(InputError, match="batches of at least 2; got 1"):
        epoch(np.ones(4), 1, 0, 0, config.Halves())


def test_no_batch_of_a_network_with_batch_normalisation_holds_one_sample():
    """Eleven faces in batches of five leave one; with halves the counts differ, and every image is still seen once."""
    for images in range(6, 30):
        rho = np.linspace(0, 1, images)
        drawn = epoch(rho, 5, 0, images, config.Halves(p=0.5))
        sizes = [len(rows) + np.isin(rows, drawn.split).sum() for rows in drawn.batches]
        assert min(sizes) > 1
        assert max(sizes) <= 5
        assert sorted(np.concatenate(drawn.batches)) == list(range(images))
