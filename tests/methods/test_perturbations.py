import pytest
import torch
from torch import nn

from twinlib import config
from twinlib.errors import InputError
from twinlib.methods.topofr.rsp import Structure, perturb
from twinlib.methods.transface.dpap import DPAP


class Gated(nn.Module):
    outputs = ("gates",)
    patch = 4

    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm2d(3)

    def forward(self, images, wanted=()):
        gates = nn.functional.avg_pool2d(self.norm(images), 4).sum(1).flatten(1)
        return (images.flatten(1), {"gates": gates}) if wanted else images.flatten(1)


def rng():
    return torch.Generator().manual_seed(0)


def test_structure_is_that_of_the_data_part_with_the_probability_given():
    images = torch.rand(6, 3, 16, 16) * 2 - 1
    assert torch.equal(Structure(config.Structure(p=0.7))(images, rng(), nn.Identity()), perturb(images, rng(), 0.7))


def test_amplitude_mixing_changes_k_patches_and_leaves_the_network_as_it_was():
    net, images = Gated().train(), torch.rand(5, 3, 8, 8) * 2 - 1
    before = {key: value.clone() for key, value in net.state_dict().items()}
    out = DPAP(config.DPAP(p=1.0, k=1))(images, rng(), net)
    changed = (out - images).abs().amax(1).unflatten(1, (2, 4)).unflatten(3, (2, 4)).amax((2, 4)).flatten(1) > 1e-4
    chosen = net.eval()(images, ("gates",))[1]["gates"].argmax(1)
    assert (changed.sum(1) <= 1).all()
    assert changed.sum() >= 4
    assert (changed.float().argmax(1) == chosen)[changed.any(1)].all()
    net.train()
    assert all(torch.equal(before[key], value) for key, value in net.state_dict().items())
    assert DPAP(config.DPAP(p=0.0))(images, rng(), net).sub(images).abs().max() < 1e-6
    assert net.training


def test_a_network_without_gates_is_refused():
    with pytest.raises(InputError, match="output gates; Identity has none"):
        DPAP(config.DPAP())(torch.zeros(1, 3, 8, 8), rng(), nn.Identity())
