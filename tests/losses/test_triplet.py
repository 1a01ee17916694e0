import re

import pytest
import torch
from golden_files import golden, relative

from twinlib.losses.triplet import twin_triplet

VECTORS = golden("triplet")
CASES = sorted(k.removesuffix("_emb") for k in VECTORS if re.fullmatch(r".+_emb", k))


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-9), (torch.float32, 5e-5)])
@pytest.mark.parametrize("case", CASES)
def test_without_twins_it_is_batch_hard_triplet_loss(case, dtype, tolerance):
    e = torch.tensor(VECTORS[f"{case}_emb"], dtype=dtype, requires_grad=True)
    label = torch.tensor(VECTORS[f"{case}_y"])
    loss = twin_triplet(e, label, label, float(VECTORS[f"{case}_margin"]))
    loss.backward()
    assert relative(loss.detach(), VECTORS[f"{case}_loss_pml_mean"]) < tolerance
    assert relative(e.grad, VECTORS[f"{case}_grad_pml_mean"]) < tolerance


def slow(e, subject, family, margin):
    e = e / e.norm(dim=1, keepdim=True)
    terms = []
    for a in range(len(e)):
        d = [float(1 - e[a] @ e[b]) for b in range(len(e))]
        positives = [d[b] for b in range(len(e)) if b != a and subject[b] == subject[a]]
        others = [b for b in range(len(e)) if subject[b] != subject[a]]
        twins = [b for b in others if family[b] == family[a]]
        negatives = [d[b] for b in (twins or others)]
        if positives and negatives:
            terms.append(max(0.0, max(positives) - min(negatives) + margin))
    return sum(terms) / len(terms)


def test_slow_twin_with_twins_singles_and_lonely_anchors():
    torch.manual_seed(0)
    e = torch.randn(9, 5, dtype=torch.float64)
    subject = torch.tensor([0, 0, 1, 1, 2, 2, 3, 4, 4])
    family = torch.tensor([0, 0, 0, 0, 1, 1, 1, 2, 2])
    got = twin_triplet(e, subject, family, 0.5)
    assert float(got) == pytest.approx(slow(e, subject, family, 0.5), abs=1e-12)


def test_the_twin_is_the_negative_even_when_a_stranger_is_nearer():
    e = torch.tensor([[1.0, 0.0], [1.0, 0.0], [-1.0, 0.0], [1.0, 0.01]], dtype=torch.float64)
    subject, family = torch.tensor([0, 0, 1, 2]), torch.tensor([0, 0, 0, 1])
    assert float(twin_triplet(e, subject, family, 0.5)) == 0  # the twin is at distance 2


def test_no_anchor_gives_zero_with_a_graph():
    e = torch.randn(3, 4, requires_grad=True)
    loss = twin_triplet(e, torch.arange(3), torch.arange(3), 0.5)
    loss.backward()
    assert float(loss.detach()) == 0
    assert torch.equal(e.grad, torch.zeros_like(e))
