import math

import numpy as np
import pytest
import torch
from golden_files import golden, relative
from term_views import view_of

from twinlib import config
from twinlib.errors import InputError
from twinlib.methods.topofr.ptsa import FORMS, Alignment, alignment
from twinlib.topology.differentiable import distances, h0_deaths

VECTORS = golden("topo_loss")
CASES = sorted(k.removesuffix("_img") for k in VECTORS if k.endswith("_img"))
KEYS = {"paper": "loss_paper_eq2", "code": "loss_code", "matched": "loss_tae"}
TOLERANCE = {torch.float64: (1e-9, 1e-9), torch.float32: (1e-5, 5e-5)}  # values, gradients


def inputs(case, dtype):
    return torch.tensor(VECTORS[f"{case}_img"], dtype=dtype), torch.tensor(
        VECTORS[f"{case}_z"], dtype=dtype, requires_grad=True
    )


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", CASES)
def test_golden_losses_and_gradients(case, form, dtype):
    x, z = inputs(case, dtype)
    loss = alignment(x, z, form)
    loss.backward()
    grad = VECTORS[f"{case}_grad_z_code"] if form == "code" else VECTORS[f"{case}_grad_z_sym"]
    of_sum = {"paper": 2, "code": 1, "matched": len(z)}[form]  # the stored gradient is that of the plain sum
    assert relative(loss.detach(), VECTORS[f"{case}_{KEYS[form]}"]) < TOLERANCE[dtype][0]
    assert relative(of_sum * z.grad, grad) < TOLERANCE[dtype][1]


@pytest.mark.parametrize("case", CASES)
def test_golden_edges_and_both_halves_of_the_sum(case):
    x, z = inputs(case, torch.float64)
    d_x, d_z = distances(x.flatten(1)) / (2 * math.sqrt(x[0].numel())), distances(z.detach())
    (pairs_x, _), (pairs_z, _) = h0_deaths(d_x), h0_deaths(d_z)
    np.testing.assert_array_equal(pairs_x, VECTORS[f"{case}_pairs_x"])
    np.testing.assert_array_equal(pairs_z, VECTORS[f"{case}_pairs_z"])
    shared = set(map(tuple, pairs_x.tolist())) & set(map(tuple, pairs_z.tolist()))
    assert len(shared) == VECTORS[f"{case}_matched_pairs"]
    halves = [(d_x - d_z)[pairs[:, 0], pairs[:, 1]].square().sum() for pairs in (pairs_x, pairs_z)]
    for name, got in (("sym_1_2", halves[0]), ("sym_2_1", halves[1]), ("sym_total", sum(halves))):
        assert relative(got, VECTORS[f"{case}_{name}"]) < 1e-9
    assert relative(2 * alignment(x, z).detach(), VECTORS[f"{case}_sym_total"]) < 1e-9


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_golden_flat_input_with_either_scale(dtype):
    x, z = (torch.tensor(VECTORS[f"flat_{k}"], dtype=dtype) for k in "xz")
    for scale, key in ((float(distances(x).max()), "flat_loss_maxnorm"), (1.0, "flat_loss_unnormalised")):
        assert relative(alignment(x, z, "code", scale), VECTORS[key]) < TOLERANCE[dtype][0]


@pytest.mark.parametrize("form", FORMS)
def test_zero_when_both_spaces_agree_and_unchanged_by_the_order_of_the_batch(form):
    x, order = torch.randn(12, 5, dtype=torch.float64), torch.randperm(12)
    assert alignment(x, 3 * x, form, 1 / 3) < 1e-24
    z = torch.randn(12, 4, dtype=torch.float64)
    torch.testing.assert_close(alignment(x, z, form), alignment(x[order], z[order], form))


@pytest.mark.parametrize("form", FORMS)
def test_it_falls_along_its_own_gradient_with_duplicates_in_the_batch(form):
    x, z = torch.randn(8, 3, 4, 4), torch.randn(8, 6)
    x[1], z[1] = x[0], z[0]
    z = z.requires_grad_()
    before = alignment(x, z, form)
    before.backward()
    assert z.grad.isfinite().all()
    assert alignment(x, z.detach() - 1e-3 * z.grad, form) < before.detach()


def test_inside_autocast_with_half_precision_it_is_computed_in_float32():
    x, z = torch.randn(8, 3, 4, 4), torch.randn(8, 6).bfloat16()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = alignment(x, z)
    torch.testing.assert_close(inside, alignment(x, z.float()), rtol=0, atol=0)


def test_the_module_weights_the_form_of_its_settings():
    x, z = torch.randn(6, 3, 4, 4), torch.randn(6, 5)
    view = view_of(z, torch.arange(len(z)), clean=x)
    torch.testing.assert_close(Alignment(config.Alignment(0.5, "code"))(view), 0.5 * alignment(x, z, "code"))


def test_refusal():
    with pytest.raises(InputError, match=r"alignment\.form 'sorted' is unknown; known: paper, code, matched"):
        alignment(torch.zeros(2, 2), torch.zeros(2, 2), "sorted")
