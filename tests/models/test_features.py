import numpy as np
import pytest
import torch
from torch import nn

from twinlib.errors import InputError
from twinlib.faces.align import CANONICAL_BOXES
from twinlib.faces.crops import Crop
from twinlib.models.features import features, key_of
from twinlib.models.preprocess import Preprocess


class Corners(nn.Module):
    """Reads the left and the right upper pixel, and the left edge of the first box."""

    inputs = ("images", "boxes")

    def __init__(self):
        super().__init__()
        self.preprocess = Preprocess(16, mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))

    def forward(self, images, boxes):
        return torch.stack([images[:, 0, 0, 0], images[:, 0, 0, -1], 100 * boxes[:, 0, 0]], dim=1)


@pytest.fixture
def crops():
    rng = np.random.default_rng(0)
    return [Crop(rng.integers(0, 256, (16, 16, 3), np.uint8), CANONICAL_BOXES, i % 3 > 0) for i in range(7)]


def test_pixels_and_boxes_are_mirrored_together(crops):
    e, f, found = features(Corners(), crops)
    np.testing.assert_allclose(e[:, :2], [[c.pixels[0, 0, 0], c.pixels[0, -1, 0]] for c in crops])
    np.testing.assert_allclose(f[:, :2], e[:, [1, 0]])
    np.testing.assert_allclose(e[:, 2], 100 * CANONICAL_BOXES[0, 0], rtol=1e-6)
    np.testing.assert_allclose(f[:, 2], 100 * (1 - CANONICAL_BOXES[0, 2]), rtol=1e-6)
    assert found.tolist() == [i % 3 > 0 for i in range(7)]


def test_batches_change_nothing_and_the_mirror_can_be_left_out(crops):
    whole, parts = features(Corners(), crops), features(Corners(), iter(crops), batch=3)
    np.testing.assert_array_equal(whole.e, parts.e)
    np.testing.assert_array_equal(whole.f, parts.f)
    assert features(Corners(), crops, flip=False).f is None


def test_no_crops_are_refused():
    with pytest.raises(InputError, match="no image to embed"):
        features(torch.nn.Identity(), [])


def test_the_key_follows_weights_and_settings():
    net = torch.nn.Linear(2, 2)
    before = key_of(net, "landmarks", 64)
    assert key_of(net, "landmarks", 64) == before != key_of(net, "none", 64)
    torch.nn.init.zeros_(net.weight)
    assert key_of(net, "landmarks", 64) != before
