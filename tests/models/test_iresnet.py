import pytest
import torch

from twinlib import config
from twinlib.errors import InputError
from twinlib.models.iresnet import BLOCKS, IResNet


@pytest.mark.parametrize(("depth", "millions"), [(18, 24.0), (34, 34.1), (50, 43.6), (100, 65.2)])
def test_published_sizes(depth, millions):
    """Parameters as insightface and those who use its networks report them."""
    with torch.device("meta"):
        net = IResNet(config.IResNet(depth=depth))
    assert sum(p.numel() for p in net.parameters()) / 1e6 == pytest.approx(millions, abs=0.06)


def test_names_of_the_weights_are_those_of_insightface():
    """Written down from the published form, not from the code: weights that people have load as they are."""
    with torch.device("meta"):
        keys = set(IResNet(config.IResNet(depth=50)).state_dict())
    norm = ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]
    wanted = {"conv1.weight", "prelu.weight", "fc.weight", "fc.bias"}
    wanted |= {f"{name}.{k}" for name in ("bn1", "bn2", "features") for k in norm}
    for stage, blocks in enumerate((3, 4, 14, 3), start=1):
        for i in range(blocks):
            at = f"layer{stage}.{i}"
            wanted |= {f"{at}.conv1.weight", f"{at}.conv2.weight", f"{at}.prelu.weight"}
            wanted |= {f"{at}.bn{n}.{k}" for n in (1, 2, 3) for k in norm}
        wanted |= {f"layer{stage}.0.downsample.0.weight"} | {f"layer{stage}.0.downsample.1.{k}" for k in norm}
    assert keys == wanted


def test_convolutions_are_as_many_as_the_name_says():
    """Depth by name counts the stem, two convolutions a block and the last layer; only "200" is 198."""
    assert [2 * sum(blocks) + 2 for blocks in BLOCKS.values()] == [10, 18, 34, 50, 100, 198]


def test_slope_of_the_last_normalisation_stays_1():
    net = IResNet(config.IResNet(image_size=16, depth=10, width=8, embedding=4))
    assert not net.features.weight.requires_grad
    assert net.features.bias.requires_grad


def test_impossible_sizes_are_refused():
    with pytest.raises(InputError, match=r"model\.depth 51 is unknown; known: 10, 18"):
        IResNet(config.IResNet(depth=51))
    with pytest.raises(InputError, match=r"model\.image_size 100 must be a multiple of 16"):
        IResNet(config.IResNet(image_size=100))
