import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from twinlib import config
from twinlib.errors import InputError
from twinlib.models.shufflefacenet import ShuffleFaceNet, with_prelu


def test_published_size():
    """2.6 million parameters and 577.5 million operations for the one 1.5 times as wide, with 128 numbers."""
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        net = ShuffleFaceNet(config.ShuffleFaceNet()).eval()
        net(torch.randn(1, 3, 112, 112))
    assert counter.get_total_flops() / 1e6 == pytest.approx(577.5, rel=0.01)
    assert sum(p.numel() for p in net.parameters()) / 1e6 == pytest.approx(2.6, abs=0.1)
    assert not [m for m in net.modules() if isinstance(m, nn.ReLU)]


def test_a_relu_becomes_a_prelu_of_as_many_slopes():
    inner = nn.Sequential(nn.Conv2d(3, 5, 1), nn.BatchNorm2d(5), nn.ReLU())
    with_prelu(nn.ModuleDict({"a": inner}))
    assert inner[2].weight.shape == (5,)


def test_impossible_sizes_are_refused():
    with pytest.raises(InputError, match=r"model\.channels of the stages must be even"):
        ShuffleFaceNet(config.ShuffleFaceNet(channels=(24, 175, 352, 704, 1024)))
    with pytest.raises(InputError, match=r"model\.image_size 100"):
        ShuffleFaceNet(config.ShuffleFaceNet(image_size=100))
