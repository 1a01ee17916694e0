import re

import numpy as np
import pytest
import torch
from golden_files import golden, relative

from twinlib.errors import InputError
from twinlib.losses.head import cosines
from twinlib.losses.triplet import OVER, hardest, twin_triplet

VECTORS = golden("triplet")
CASES = sorted(k.removesuffix("_emb") for k in VECTORS if re.fullmatch(r".+_emb", k))


TOLERANCE = {torch.float64: (1e-9, 1e-9), torch.float32: (1e-5, 5e-5)}  # values, gradients
GOLDEN = {"anchors": "pml_mean", "all": "allanchors", "nonzero": "pml_nonzero"}


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("over", OVER)
@pytest.mark.parametrize("case", CASES)
def test_without_twins_it_is_batch_hard_triplet_loss(case, over, dtype):
    e = torch.tensor(VECTORS[f"{case}_emb"], dtype=dtype, requires_grad=True)
    label = torch.tensor(VECTORS[f"{case}_y"])
    loss = twin_triplet(e, label, label, float(VECTORS[f"{case}_margin"]), over)
    loss.backward()
    values, gradients = TOLERANCE[dtype]
    assert relative(loss.detach(), VECTORS[f"{case}_loss_{GOLDEN[over]}"]) < values
    assert relative(e.grad, VECTORS[f"{case}_grad_{GOLDEN[over]}"]) < gradients


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("case", CASES)
def test_golden_distances_and_hardest(case, dtype):
    e, label = torch.tensor(VECTORS[f"{case}_emb"], dtype=dtype), torch.tensor(VECTORS[f"{case}_y"])
    d = 1 - cosines(e, e)
    found = (d, *hardest(d, label, label[:, None] != label))
    for got, name in zip(found, ("dist", "hardest_pos", "hardest_neg"), strict=True):
        wanted = VECTORS[f"{case}_{name}"]
        finite = np.isfinite(wanted)
        np.testing.assert_array_equal(got.numpy()[~finite], wanted[~finite])
        assert relative(got.numpy()[finite], wanted[finite]) < TOLERANCE[dtype][0]


def test_the_vectors_have_anchors_without_a_positive_and_solved_ones():
    assert any((VECTORS[f"{case}_hardest_pos"] == -float("inf")).any() for case in CASES)
    assert any(VECTORS[f"{case}_loss_pml_nonzero"] != VECTORS[f"{case}_loss_pml_mean"] for case in CASES)


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


@pytest.mark.parametrize("over", ["anchors", "nonzero"])
@pytest.mark.parametrize("subject", [torch.arange(3), torch.zeros(3, dtype=torch.long)], ids=["no pair", "one subject"])
def test_no_anchor_gives_zero_with_a_graph(subject, over):
    e = torch.randn(3, 4, requires_grad=True)
    loss = twin_triplet(e, subject, subject, 0.5, over)
    loss.backward()
    assert float(loss.detach()) == 0
    assert torch.equal(e.grad, torch.zeros_like(e))


def test_inside_autocast_it_is_computed_in_float32():
    e, subject = torch.randn(8, 16), torch.arange(8) // 2
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = twin_triplet(e, subject, subject // 2)
    torch.testing.assert_close(inside, twin_triplet(e, subject, subject // 2), rtol=0, atol=0)


def test_it_falls_along_its_own_gradient():
    e = torch.randn(12, 6, dtype=torch.float64, requires_grad=True)
    subject = torch.arange(12) // 2
    before = twin_triplet(e, subject, subject // 2)
    before.backward()
    assert twin_triplet(e.detach() - 1e-3 * e.grad, subject, subject // 2) < before.detach()


def test_refusal():
    with pytest.raises(InputError, match=r"triplet\.over 'mean' is unknown; known: anchors, all, nonzero"):
        twin_triplet(torch.zeros(2, 2), torch.arange(2), torch.arange(2), 0.5, "mean")
