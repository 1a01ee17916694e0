import numpy as np
import pytest
import torch
from torch import nn

from twinlib.errors import InputError
from twinlib.models.features import embed


class Mean(nn.Module):
    def forward(self, images):
        return images.mean((2, 3))


def test_unit_length_in_the_order_asked_for_whatever_the_batch():
    crops = np.random.default_rng(0).integers(0, 256, (7, 4, 4, 3), dtype=np.uint8)
    rows = [5, 0, 3, 6, 1]
    e = embed(Mean(), crops, rows, "cpu", batch=2)
    wanted = (crops[rows].reshape(5, -1, 3).mean(1) - 127.5) / 127.5
    wanted /= np.linalg.norm(wanted, axis=1, keepdims=True)
    np.testing.assert_allclose(e, wanted, atol=1e-5)
    np.testing.assert_allclose(embed(Mean(), crops, rows, "cpu", batch=64), e, atol=1e-6)


def test_dropout_is_off():
    crops = np.full((2, 4, 4, 3), 200, np.uint8)
    net = nn.Sequential(Mean(), nn.Dropout(0.9)).train()
    assert torch.tensor(embed(net, crops, [0, 1], "cpu")).gt(0).all()


@pytest.mark.parametrize("value", [0.0, float("nan"), float("inf")])
def test_an_embedding_without_direction_is_refused_with_its_row(value):
    class Odd(torch.nn.Module):
        def forward(self, images):
            e = torch.ones(len(images), 3)
            e[1] = value
            return e

    crops = np.zeros((6, 4, 4, 3), np.uint8)
    with pytest.raises(InputError, match="embedding of image row 5 is not finite or zero"):
        embed(Odd(), crops, [2, 5, 3], "cpu")
    with pytest.raises(InputError, match="no image to embed"):
        embed(Odd(), crops, [], "cpu")
