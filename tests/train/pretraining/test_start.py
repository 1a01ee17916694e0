import pytest
import torch
from train_fixtures import tiny

from twinlib import config, files
from twinlib.errors import InputError
from twinlib.train.pretraining.start import start_hash, starting_weights, trunk_file


def test_an_unknown_trunk_and_a_missing_file_are_refused(tmp_path):
    with pytest.raises(
        InputError, match=r"'oak' is unknown; known: small, strangers0, strangers1, hub, .*twinlib trunk"
    ):
        trunk_file("oak")
    with pytest.raises(InputError, match="there is no weight file"):
        trunk_file(str(tmp_path / "none.safetensors"))


def test_without_a_trunk_weights_are_random():
    assert starting_weights(tiny("vit", "train.trunk=null")) == (None, "scratch")
    assert start_hash(tiny("vit", "train.trunk=null")) is None


def test_a_file_gives_its_own_weights(tmp_path):
    torch.manual_seed(1)
    backbone = config.MODELS.build(tiny().model).backbone
    file = tmp_path / "mine.pth"
    torch.save(backbone.state_dict(), file)
    experiment = tiny("vit", f"train.trunk={file}")
    weights, init = starting_weights(experiment)
    assert init == "file: mine.pth"
    assert start_hash(experiment) == files.sha256(file)
    torch.testing.assert_close(weights["blocks.0.attn.qkv.weight"], backbone.state_dict()["blocks.0.attn.qkv.weight"])


def test_a_file_of_published_weights_is_for_networks_of_timm(tmp_path):
    """Before, a network without a backbone ended in a traceback."""
    torch.save({}, tmp_path / "mine.pth")
    with pytest.raises(InputError, match="fit networks of timm, not iresnet"):
        starting_weights(config.load("arcface", "smoke", (f"train.trunk={tmp_path / 'mine.pth'}",)))


def test_the_hub_needs_a_name():
    with pytest.raises(InputError, match=r"weights 'hub' need model.backbone"):
        starting_weights(tiny("vit", "train.trunk=hub"))
