import pytest
import torch

from twinlib import config, models
from twinlib.errors import InputError


def small(name):
    return config.load("vit" if name == "vit" else name, "smoke").model


def test_networks_and_their_settings_have_the_same_names():
    assert set(models.MODELS) == set(config.MODELS)


def test_an_unknown_network_lists_the_known_ones():
    with pytest.raises(InputError, match=r"model 'vgg' is unknown; known: .*vit"):
        models.build("vgg", config.ViT())


@pytest.mark.parametrize("name", models.MODELS)
def test_weights_round_trip(name, tmp_path):
    from safetensors.torch import load_file, save_file

    cfg = small(name)
    net, other = models.build(name, cfg).eval(), models.build(name, cfg).eval()
    save_file(net.state_dict(), tmp_path / "w.safetensors")
    other.load_state_dict(load_file(tmp_path / "w.safetensors"))
    x = torch.randn(2, 3, cfg.image_size, cfg.image_size)
    assert torch.equal(net(x), other(x))
