import pytest
import torch

from twinlib import config, losses
from twinlib.errors import InputError


def test_losses_and_their_settings_have_the_same_names():
    assert set(losses.LOSSES) == set(config.LOSSES)


def test_an_unknown_loss_lists_the_known_ones():
    with pytest.raises(InputError, match=r"loss 'arc' is unknown; known: .*arcface"):
        losses.build("arc", config.ArcFace(), 8, 2)


@pytest.mark.parametrize("name", losses.LOSSES)
def test_each_loss_falls_along_its_own_gradient(name):
    head = losses.build(name, config.LOSSES[name](), 8, 5).double()
    e = (3 * torch.randn(10, 8, dtype=torch.float64)).requires_grad_()
    label = torch.arange(10) % 5
    before = head(e, label, 1.0)
    before.backward()
    with torch.no_grad():
        after = head(e - 1e-4 * e.grad, label, 1.0)
    assert after < before.detach()
