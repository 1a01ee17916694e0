import numpy as np
import pytest
import torch

from twinlib.data.feed.augment import normalise
from twinlib.errors import InputError
from twinlib.models.preprocess import Preprocess

CROPS = np.random.default_rng(0).integers(0, 256, (2, 112, 112, 3), dtype=np.uint8)


def test_defaults_are_what_training_does():
    np.testing.assert_array_equal(Preprocess()(CROPS), normalise(torch.from_numpy(CROPS)).numpy())


def test_columns_channels_and_scale_one_pixel_at_a_time():
    x = Preprocess(columns=(8, 104), mean=(1.0, 2.0, 3.0), std=(2.0, 4.0, 8.0), channels="BGR")(CROPS)
    assert (x.shape, x.dtype) == ((2, 3, 112, 96), np.float32)
    blue, red = float(CROPS[1, 5, 8 + 7, 2]), float(CROPS[1, 5, 8 + 7, 0])
    assert list(x[1, [0, 2], 5, 7]) == [(blue - 1) / 2, (red - 3) / 8]


def test_a_crop_of_another_size_is_refused():
    with pytest.raises(InputError, match="takes RGB crops of 112 × 112 px; got 64 × 64 × 3"):
        Preprocess()(np.zeros((1, 64, 64, 3), np.uint8))
