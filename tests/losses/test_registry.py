import dataclasses
import typing

import pytest
import torch

from twinlib import config

NAMES = sorted(set(config.LOSSES) - {"none"})
SWITCHES = [
    (name, {field: choice})
    for name, kind in config.LOSSES.items()
    for field, hint in typing.get_type_hints(kind).items()
    for choice in (typing.get_args(hint) if typing.get_origin(hint) is typing.Literal else [])
]


def batch():
    return (3 * torch.randn(10, 8, dtype=torch.float64)).requires_grad_(), torch.arange(10) % 5


@pytest.mark.parametrize(("name", "switch"), [*((name, {}) for name in NAMES), *SWITCHES])
def test_each_loss_falls_along_its_own_gradient(name, switch):
    head = config.LOSSES.build(config.LOSSES[name](**switch), 8, 5).double().eval()
    e, label = batch()
    weights = head.sample_weights(head.logits(e, label).detach(), label)
    head.sample_weights = lambda *_: weights  # constants for the gradient, so constants here
    before = head(e, label, 1.0)
    before.backward()
    with torch.no_grad():
        after = head(e - 1e-4 * e.grad, label, 1.0)
    assert after < before.detach()


@pytest.mark.parametrize("name", NAMES)
def test_inside_autocast_the_loss_is_that_of_float32(name):
    e, label = batch()
    e = e.detach().float()
    torch.manual_seed(1)
    plain = config.LOSSES.build(config.LOSSES[name](), 8, 5)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = plain.eval()(e, label)
    assert inside.dtype == torch.float32
    torch.testing.assert_close(inside, plain(e, label), rtol=0, atol=0)


@pytest.mark.parametrize("name", NAMES)
def test_a_ramp_starts_at_the_loss_without_margin(name):
    fields = {field.name for field in dataclasses.fields(config.LOSSES[name])}
    assert {"s", "ramp"} <= fields
    torch.manual_seed(1)
    head = config.LOSSES.build(config.LOSSES[name](ramp=0.5), 8, 5).double().eval()
    e, label = batch()
    assert head(e, label, 0.0) < head(e, label, 0.25) < head(e, label, 0.5)
    torch.testing.assert_close(head(e, label, 0.5), head(e, label, 1.0), rtol=0, atol=0)


@pytest.mark.parametrize("name", NAMES)
def test_weights_and_statistics_come_back_from_a_state_dict(name):
    e, label = batch()
    torch.manual_seed(1)
    head = config.LOSSES.build(config.LOSSES[name](), 8, 5).double()
    head(e, label)
    other = config.LOSSES.build(config.LOSSES[name](), 8, 5).double()
    other.load_state_dict(head.state_dict())
    torch.testing.assert_close(other.eval()(e, label), head.eval()(e, label), rtol=0, atol=0)
