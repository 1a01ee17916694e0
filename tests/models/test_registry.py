import pytest
import torch

from twinlib import config, models
from twinlib.errors import InputError

# Settings that make each network small enough for a test.
SMALL = {
    "vit": config.ViT(image_size=32, patch=8, width=16, depth=2, heads=2, embedding=8),
    "ahan": config.AHAN(image_size=32, patch=8, width=16, depth=2, heads=2, embedding=8),
    "mobilefacenet": config.MobileFaceNet(image_size=32, width=8, blocks=(1, 1, 1), embedding=8),
}


def images(cfg, count=4):
    return torch.randn(count, 3, cfg.image_size, cfg.image_size)


def test_networks_settings_and_small_forms_have_the_same_names():
    assert set(models.MODELS) == set(config.MODELS) == set(SMALL)
    assert all(type(SMALL[name]) is kind for name, kind in config.MODELS.items())


def test_an_unknown_network_lists_the_known_ones():
    with pytest.raises(InputError, match=r"model 'vgg' is unknown; known: .*vit"):
        models.build("vgg", config.ViT())


@pytest.mark.parametrize("name", models.MODELS)
def test_weights_round_trip(name, tmp_path):
    from safetensors.torch import load_file, save_file

    cfg = SMALL[name]
    net, other = models.build(name, cfg).eval(), models.build(name, cfg).eval()
    save_file(net.state_dict(), tmp_path / "w.safetensors")
    other.load_state_dict(load_file(tmp_path / "w.safetensors"))
    x = images(cfg, 2)
    assert torch.equal(net(x), other(x))


@pytest.mark.parametrize("name", models.MODELS)
def test_an_embedding_an_image_and_a_gradient_everywhere(name):
    cfg = SMALL[name]
    net = models.build(name, cfg)
    e = net(images(cfg))
    assert e.shape == (4, cfg.embedding)
    (e * torch.randn_like(e)).sum().backward()
    assert [key for key, p in net.named_parameters() if p.grad is None or not torch.isfinite(p.grad).all()] == []


@pytest.mark.parametrize("name", models.MODELS)
def test_in_eval_an_image_does_not_see_its_neighbours(name):
    cfg = SMALL[name]
    net, x = models.build(name, cfg).double().eval(), images(cfg).double()
    torch.testing.assert_close(net(x)[1:2], net(x[1:2]), rtol=0, atol=1e-12)
