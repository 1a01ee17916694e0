import pytest
import torch

from twinlib import config
from twinlib.errors import InputError
from twinlib.methods.transface.transface import TransFace

SMALL = config.TransFace(image_size=32, patch=9, width=16, depth=2, heads=2, drop_path=0.0, embedding=8)


def test_pixels_beyond_the_last_whole_patch_are_not_seen():
    net, x = TransFace(SMALL).eval(), torch.randn(2, 3, 32, 32)
    e = net(x)
    x[:, :, 27:], x[:, :, :, 27:] = 0, 0
    assert torch.equal(net(x), e)


def test_gates_weight_the_tokens():
    net = TransFace(SMALL).eval()
    x = torch.randn(2, 3, 32, 32)
    extra = net(x, wanted=("tokens", "gates"))[1]
    assert extra["gates"].shape == (2, 9)
    torch.testing.assert_close(extra["tokens"], net.backbone.forward_features(x) * extra["gates"][:, :, None])


def test_tokens_and_gates_come_from_the_one_training_pass():
    net = TransFace(SMALL).train()
    passes = []
    net.backbone.register_forward_hook(lambda *_: passes.append(1))
    counted = []
    net.embed[1].register_forward_hook(lambda *_: counted.append(1))
    net(torch.randn(2, 3, 32, 32), wanted=("tokens", "gates"))
    assert len(counted) == 1
    assert int(net.embed[1].num_batches_tracked) == 1


def test_published_grid():
    with torch.device("meta"):
        net = TransFace(config.TransFace())
    assert net.gate[2].weight.shape == (144, 144)


def test_impossible_sizes_are_refused():
    with pytest.raises(InputError, match=r"model\.width 16 must be a multiple of model\.heads 3"):
        TransFace(config.TransFace(width=16, heads=3))
    with pytest.raises(InputError, match=r"model\.patch 64 is larger"):
        TransFace(config.TransFace(image_size=32, patch=64))
