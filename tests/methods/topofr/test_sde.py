import numpy as np
import pytest
import torch
from golden_files import golden, relative
from torch.nn.functional import cross_entropy

from twinlib import config
from twinlib.errors import InputError
from twinlib.methods.topofr.gum import fit
from twinlib.methods.topofr.sde import FORMS, TopoFR, entropies, signed, structure_damage

VECTORS = golden("gum_sds")
CASES = sorted(k.removesuffix("_margin_logits") for k in VECTORS if k.endswith("_margin_logits"))
TOLERANCE = {torch.float64: 1e-9, torch.float32: 1e-5}
# The code's form rounds p = 1 - 1e-9 to 1 in float32, which makes a weight of 0 of one of 1: float64 only.
FORM_AND_TYPE = [("paper", torch.float64), ("paper", torch.float32), ("code", torch.float64)]


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("case", CASES)
def test_golden_entropies(case, dtype):
    logits = torch.tensor(VECTORS[f"{case}_margin_logits"], dtype=dtype)
    got = entropies(logits.softmax(1))
    assert relative(got, VECTORS[f"{case}_entropy"]) < TOLERANCE[dtype]
    assert relative(signed(got), VECTORS[f"{case}_signed_entropy"]) < TOLERANCE[dtype]


@pytest.mark.parametrize(("form", "dtype"), FORM_AND_TYPE)
@pytest.mark.parametrize("case", CASES)
def test_golden_scores_and_weighted_loss(case, form, dtype):
    logits, label = torch.tensor(VECTORS[f"{case}_margin_logits"], dtype=dtype), torch.tensor(VECTORS[f"{case}_y"])
    weight = structure_damage(logits, label, form)
    assert weight.dtype == dtype
    assert relative(weight, VECTORS[f"{case}_sds_{form}"]) < TOLERANCE[dtype]
    loss = (weight * cross_entropy(logits, label, reduction="none")).mean()
    assert relative(loss, VECTORS[f"{case}_loss_cls_{form}"]) < TOLERANCE[dtype]


@pytest.mark.parametrize("case", CASES)
def test_golden_factors_of_the_score(case):
    logits, label = (torch.tensor(VECTORS[f"{case}_{k}"]) for k in ("margin_logits", "y"))
    assert relative(cross_entropy(logits, label, reduction="none"), VECTORS[f"{case}_ce"]) < 1e-9
    p = logits.softmax(1)
    p_gt = p.gather(1, label[:, None])[:, 0]
    gamma = fit(signed(entropies(p)).numpy()).gamma
    found = {"p_gt": p_gt, "w1": 2 - gamma} | {f"w2_{form}": FORMS[form](p_gt) for form in FORMS}
    for name, got in found.items():
        assert relative(got, VECTORS[f"{case}_{name}"]) < 1e-9, name


def test_without_the_sign_the_order_of_the_batch_does_not_matter_and_with_it_it_does():
    logits, label = (torch.tensor(VECTORS[f"{CASES[0]}_{k}"]) for k in ("margin_logits", "y"))
    order = torch.randperm(len(label))
    apart = {
        sign: structure_damage(logits, label, "paper", sign)[order]
        - structure_damage(logits[order], label[order], "paper", sign)
        for sign in ("none", "position")
    }
    assert apart["none"].abs().max() < 1e-6
    assert apart["position"].abs().max() > 1e-3


@pytest.mark.parametrize("form", FORMS)
def test_the_head_weights_arcface_and_the_weights_get_no_gradient(form):
    head = TopoFR(config.TopoFR(s=8.0, damage=form), 6, 4).double()
    e, label = torch.randn(12, 6, dtype=torch.float64, requires_grad=True), torch.arange(12) % 4
    loss = head(e, label)
    logits = head.logits(e, label)
    weight = structure_damage(logits, label, form)
    assert not weight.requires_grad
    wanted = (weight * cross_entropy(logits, label, reduction="none")).mean()
    torch.testing.assert_close(loss, wanted)
    torch.testing.assert_close(torch.autograd.grad(loss, e)[0], torch.autograd.grad(wanted, e)[0])


def test_a_sure_sample_weighs_nothing_in_the_papers_form_and_an_unsure_one_more_than_one():
    logits = torch.tensor([[90.0, 0, 0]] * 6 + [[1.0, 1.0, 1.0], [0, 0, 90.0]], dtype=torch.float64)
    weight = structure_damage(logits, torch.zeros(8, dtype=torch.long), "paper")
    assert np.allclose(weight[:6], 0)
    assert (weight[6:] > 0.5).all()


def test_refusals():
    with pytest.raises(InputError, match=r"loss\.damage 'none' is unknown; known: paper, code"):
        structure_damage(torch.zeros(2, 2), torch.tensor([0, 1]), "none")
    with pytest.raises(InputError, match=r"loss\.sign 'label' is unknown; known: position, none"):
        structure_damage(torch.zeros(2, 2), torch.tensor([0, 1]), "paper", "label")
