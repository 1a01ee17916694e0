import numpy as np
import torch
from torch import nn

from twinlib.evaluate.embed import embed


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
