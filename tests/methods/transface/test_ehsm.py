import math

import pytest
import torch
from golden_files import golden, relative

from twinlib.errors import InputError
from twinlib.losses.arcface import arcface_logits
from twinlib.losses.head import cosines
from twinlib.methods.transface.ehsm import ehsm_loss, ehsm_weight

VECTORS = golden("transface")
TOLERANCE = {torch.float64: (1e-9, 1e-9), torch.float32: (1e-5, 5e-5)}  # values, gradients


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_golden_weights_loss_and_gradient(dtype):
    tokens, W = (torch.tensor(VECTORS[k], dtype=dtype) for k in ("tokens", "W"))
    x = torch.tensor(VECTORS["x"], dtype=dtype, requires_grad=True)
    label = torch.tensor(VECTORS["y"])
    weight = ehsm_weight(tokens)
    # the vectors hold neither scale nor margin; their page gives these
    loss = ehsm_loss(arcface_logits(cosines(x, W), label, 64.0, 0.5, "insight"), label, weight)
    loss.backward()
    values, gradients = TOLERANCE[dtype]
    assert relative(tokens.std(dim=2), VECTORS["patch_std"]) < values
    assert relative(weight, VECTORS["sample_weight"]) < values
    assert relative(loss.detach(), VECTORS["ehsm_loss"]) < values
    assert relative(x.grad, VECTORS["ehsm_grad_x"]) < gradients


def test_slow_twin_of_both_kinds_of_information():
    tokens = torch.randn(2, 5, 4, dtype=torch.float64)
    for kind, H in (("std", lambda s: s), ("gaussian", lambda s: math.log(s) + 0.5 * math.log(2 * math.pi * math.e))):
        for i, got in enumerate(ehsm_weight(tokens, kind).tolist()):
            stds = [math.sqrt(sum((v - t.mean()) ** 2 for v in t) / 3) for t in tokens[i]]
            assert got == pytest.approx(1 + math.exp(-sum(map(H, stds)) / 5))


def test_flat_tokens_weigh_most_and_no_gradient_reaches_them():
    tokens = torch.randn(3, 5, 4) * torch.tensor([0.0, 1.0, 10.0])[:, None, None]
    weight = ehsm_weight(tokens.requires_grad_())
    assert not weight.requires_grad
    assert weight[0] == 2
    assert weight[0] > weight[1] > weight[2] > 1


def test_the_floor_changes_the_value_and_not_the_gradient():
    logits = torch.tensor([[0.0, 200.0]], dtype=torch.float64, requires_grad=True)
    loss = ehsm_loss(logits, torch.tensor([0]), torch.tensor([2.0]).double())
    loss.backward()
    assert loss.item() == pytest.approx(2 * 30 * math.log(10))
    torch.testing.assert_close(logits.grad, torch.tensor([[-2.0, 2.0]]).double())


def test_refusal():
    with pytest.raises(InputError, match="information 'entropy' is unknown; known: std, gaussian"):
        ehsm_weight(torch.zeros(1, 2, 3), "entropy")
