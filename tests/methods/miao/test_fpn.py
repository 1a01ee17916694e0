import pytest
import tiny_backbones  # noqa: F401 - registers them
import torch

from twinlib import config
from twinlib.errors import InputError
from twinlib.methods.miao.fpn import FPN


def small(level):
    return FPN(config.FPN(image_size=64, backbone="test_resnet", level=level, embedding=8))


def laterals_with_gradient(level):
    net = small(level)
    e = net(torch.randn(4, 3, 64, 64))
    (e * torch.randn_like(e)).sum().backward()
    blocks = net.pyramid.inner_blocks  # C2 … C5
    return [
        f"c{i + 2}" for i, b in enumerate(blocks) if any(p.grad is not None and p.grad.any() for p in b.parameters())
    ]


def test_at_p5_nothing_of_the_pyramid_below_is_trained():
    """P5 is computed before the first step downwards: C2 – C4 join nothing, so no scale is fused."""
    assert laterals_with_gradient("p5") == ["c5"]


def test_at_p2_every_scale_is_fused():
    assert laterals_with_gradient("p2") == ["c2", "c3", "c4", "c5"]


def test_p5_is_a_linear_map_of_the_last_map():
    """Two convolutions without a nonlinearity between: the pyramid adds at p5 what a linear layer could."""
    net = small("p5").eval()
    last = net.backbone(torch.randn(2, 3, 64, 64))[-1]
    maps = {
        f"p{i}": torch.zeros(2, c, 1, 1) for i, c in zip((2, 3, 4), net.backbone.feature_info.channels(), strict=False)
    }
    p5 = lambda x: net.pyramid(maps | {"p5": x})["p5"]  # noqa: E731
    zero = p5(torch.zeros_like(last))
    torch.testing.assert_close(p5(3 * last) - zero, 3 * (p5(last) - zero), rtol=1e-4, atol=1e-5)


def test_without_a_pyramid():
    net = small("none")
    assert net(torch.randn(2, 3, 64, 64)).shape == (2, 8)
    assert net.pyramid is None


def test_a_backbone_nobody_knows_is_refused():
    with pytest.raises(InputError, match=r"model\.backbone 'resnet5' is no network of timm; similar: resnet50"):
        FPN(config.FPN(backbone="resnet5"))
    with pytest.raises(
        InputError, match=r"'test_vit' cannot carry a pyramid: its maps have steps of \[16, 16, 16, 16\] px"
    ):
        FPN(config.FPN(backbone="test_vit", image_size=64))
    with pytest.raises(InputError, match="'tiny_swin' cannot carry a pyramid"):
        FPN(config.FPN(backbone="tiny_swin", image_size=32))


@pytest.mark.parametrize("backbone", ["swin_tiny_patch4_window7_224", "test_convnext", "test_resnet"])
def test_four_maps_whatever_their_numbers_and_layout(backbone):
    """Swin's have their channels last; a ConvNeXt has no map of half the picture's size, so that its first is p2."""
    net = FPN(config.FPN(backbone=backbone, image_size=64, level="p2", embedding=8)).eval()
    maps = net.levels(torch.randn(1, 3, 64, 64))
    assert [tuple(maps[f"p{i}"].shape[1:]) for i in (2, 3, 4, 5)] == [(8, s, s) for s in (16, 8, 4, 2)]
