import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from twinlib import config
from twinlib.errors import InputError
from twinlib.models.vargfacenet import VarGFaceNet


def test_published_size_and_groups():
    """1,022 million operations; every grouped convolution has groups of 8 channels, whatever its width."""
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        net = VarGFaceNet(config.VarGFaceNet()).eval()
        net(torch.randn(1, 3, 112, 112))
    assert counter.get_total_flops() / 1e6 == pytest.approx(1022, rel=0.01)
    grouped = [m for m in net.modules() if isinstance(m, nn.Conv2d) and m.groups > 1]
    assert {m.in_channels // m.groups for m in grouped} == {8}
    assert len({m.groups for m in grouped}) > 3


def test_impossible_sizes_are_refused():
    with pytest.raises(InputError, match="multiples of 8"):
        VarGFaceNet(config.VarGFaceNet(width=20))
    with pytest.raises(InputError, match=r"model\.image_size 100"):
        VarGFaceNet(config.VarGFaceNet(image_size=100))
