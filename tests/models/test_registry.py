import numpy as np
import pytest
import torch
from small_networks import SMALL

from twinlib import config

EXPORTED = ["dcal", "iresnet"]  # all of them, through ONNX: tests/cli/test_networks.py
# Parameters without a gradient by design: torchvision's pyramid makes every level, one is read.
UNREAD = {"fpn": "pyramid.layer_blocks"}


def images(cfg, count=4):
    return torch.randn(count, 3, cfg.image_size, cfg.image_size)


def test_networks_settings_and_small_forms_have_the_same_names():
    assert set(config.MODELS) == set(SMALL)
    assert all(type(SMALL[name]) is kind for name, kind in config.MODELS.items())


@pytest.mark.parametrize("name", config.MODELS)
def test_weights_round_trip(name, tmp_path):
    from safetensors.torch import load_file, save_file

    cfg = SMALL[name]
    net, other = config.MODELS.build(cfg).eval(), config.MODELS.build(cfg).eval()
    save_file(net.state_dict(), tmp_path / "w.safetensors")
    other.load_state_dict(load_file(tmp_path / "w.safetensors"))
    x = images(cfg, 2)
    assert torch.equal(net(x), other(x))


@pytest.mark.parametrize("name", config.MODELS)
def test_an_embedding_an_image_and_a_gradient_everywhere(name):
    cfg = SMALL[name]
    net = config.MODELS.build(cfg)
    wanted = getattr(net, "outputs", ())
    e, extra = net(images(cfg), wanted=wanted) if wanted else (net(images(cfg)), {})
    assert e.shape == (4, cfg.embedding)
    assert tuple(extra) == wanted
    sum((x * torch.randn_like(x)).sum() for x in (e, *extra.values())).backward()
    dead = [
        key for key, p in net.named_parameters() if p.requires_grad and (p.grad is None or not p.grad.isfinite().all())
    ]
    assert [key for key in dead if not key.startswith(UNREAD.get(name, "-"))] == []


@pytest.mark.parametrize("name", config.MODELS)
def test_in_eval_an_image_does_not_see_its_neighbours(name):
    cfg = SMALL[name]
    net, x = config.MODELS.build(cfg).double().eval(), images(cfg).double()
    torch.testing.assert_close(net(x)[1:2], net(x[1:2]), rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", config.MODELS)
def test_it_says_what_input_it_wants(name):
    net = config.MODELS.build(SMALL[name])
    size = net.preprocess.size
    x = torch.from_numpy(net.preprocess(np.zeros((2, size, size, 3), np.uint8)))
    assert net.eval()(x).shape[0] == 2


@pytest.mark.parametrize("name", EXPORTED)
def test_an_exported_graph_gives_the_same_for_another_batch_size(name):
    cfg = SMALL[name]
    net = config.MODELS.build(cfg).eval()
    program = torch.export.export(net, (images(cfg, 2),), dynamic_shapes={"images": {0: torch.export.Dim("B")}})
    x = images(cfg, 3)
    torch.testing.assert_close(program.module()(x), net(x))
