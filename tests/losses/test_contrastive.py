import pytest
import torch
from golden_files import golden, relative

from twinlib.losses.contrastive import batch_contrastive, contrastive

NDTWIN, TRANSFG = golden("ndtwin"), golden("transfg")
CASES = sorted(k.removesuffix("_features") for k in TRANSFG if k.endswith("_features"))
TOLERANCE = {torch.float64: (1e-9, 1e-9), torch.float32: (1e-5, 5e-5)}  # values, gradients


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize(("prefix", "name"), [("e", "main"), ("g", "global"), ("l", "local")])
def test_golden_pairs(prefix, name, dtype):
    a, b = (torch.tensor(NDTWIN[f"{prefix}{i}"], dtype=dtype) for i in (1, 2))
    loss = contrastive(a, b, torch.tensor(NDTWIN["y"]) == 1, float(NDTWIN["margin"]))
    assert relative(loss, NDTWIN[f"loss_{name}"]) < TOLERANCE[dtype][0]


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("case", CASES)
def test_golden_batch(case, dtype):
    features = torch.tensor(TRANSFG[f"{case}_features"], dtype=dtype, requires_grad=True)
    loss = batch_contrastive(features, torch.tensor(TRANSFG[f"{case}_labels"]))
    loss.backward()
    assert relative(loss.detach(), TRANSFG[f"{case}_loss"]) < TOLERANCE[dtype][0]
    assert relative(features.grad, TRANSFG[f"{case}_grad"]) < TOLERANCE[dtype][1]


def test_slow_twin_of_the_batch():
    f, label, margin = torch.randn(6, 3, dtype=torch.float64), torch.tensor([0, 1, 1, 0, 2, 1]), 0.1
    terms = []
    for i in range(6):
        for j in range(6):
            c = float(f[i] @ f[j] / f[i].norm() / f[j].norm())
            terms.append(1 - c if label[i] == label[j] else max(c - margin, 0))
    assert float(batch_contrastive(f, label, margin)) == pytest.approx(sum(terms) / 36, abs=1e-14)


def test_equal_embeddings_and_distant_strangers_cost_nothing_and_stay_finite():
    a = torch.zeros(2, 4, requires_grad=True)
    loss = contrastive(a, torch.stack([torch.zeros(4), torch.full((4,), 3.0)]), torch.tensor([True, False]), 1.0)
    loss.backward()
    assert loss.item() == pytest.approx(0, abs=1e-11)
    assert a.grad.isfinite().all()


def test_strangers_that_coincide_are_pushed_apart():
    a = torch.zeros(1, 4, requires_grad=True)
    loss = contrastive(a, torch.zeros(1, 4), torch.tensor([False]), 1.0)
    loss.backward()
    assert loss.item() == pytest.approx(1, abs=1e-5)
    assert a.grad.isfinite().all()
    assert a.grad.abs().sum() > 0


def test_inside_autocast_the_batch_form_is_computed_in_float32():
    f, label = torch.randn(8, 64), torch.arange(8) // 2
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = batch_contrastive(f, label)
    torch.testing.assert_close(inside, batch_contrastive(f, label), rtol=0, atol=0)


def test_both_fall_along_their_own_gradient():
    label = torch.arange(8) // 2
    for loss in (lambda f: batch_contrastive(f, label), lambda f: contrastive(f[::2], f[1::2], label[::2] > 1, 3.0)):
        f = torch.randn(8, 5, dtype=torch.float64, requires_grad=True)
        before = loss(f)
        before.backward()
        assert loss(f.detach() - 1e-3 * f.grad) < before.detach()
