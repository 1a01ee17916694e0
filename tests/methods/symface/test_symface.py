import numpy as np
import pytest
import torch

from twinlib import config
from twinlib.errors import InputError
from twinlib.methods.symface.halves import epoch
from twinlib.methods.symface.symface import Pull, face_weight, halves_distance


@pytest.mark.parametrize("unit", [False, True])
@pytest.mark.parametrize(("N", "batch"), [(40, 7), (41, 2), (40, 100), (3, 2), (60, 4)])
def test_the_means_over_an_epoch_are_the_papers_equations_with_empty_and_short_batches(N, batch, unit):
    rng = np.random.default_rng(N + batch)
    rho = rng.random(N)
    rho[:2] = 0.9  # at least one is split
    drawn = epoch(rho, batch, seed=1, number=2, cfg=config.Halves(p=0.5))
    left, right = (torch.from_numpy(rng.normal(size=(N, 5))) for _ in range(2))
    loss_full, loss_left, loss_right = torch.from_numpy(rng.random((3, N)))
    h = torch.from_numpy(np.isin(np.arange(N), drawn.split))
    rho = torch.from_numpy(rho)

    # the paper's equations 10 and 11, over the data set, with the number split in place of p N_sym
    a, b = (torch.nn.functional.normalize(e) if unit else e for e in (left, right))
    L_rho = (rho * h * (a - b).square().sum(1)).sum() / (2 * len(drawn.split))
    L_f = (~h * loss_full + h * (loss_left + loss_right)).sum() / (N + len(drawn.split))

    loss = Pull(config.SymFace(unit=unit), steps=len(drawn.batches), split=len(drawn.split))
    rhos, faces, counts = [], [], []
    for rows in map(torch.from_numpy, drawn.batches):
        own = rows[h[rows]]
        rhos.append(loss(left[own], right[own], rho[own]))
        each = torch.cat([loss_full[rows[~h[rows]]], loss_left[own], loss_right[own]])
        weight = face_weight(len(each), len(drawn.batches), drawn.samples)
        faces.append(weight * each.mean() if len(each) else each.sum())
        counts.append(len(own))
    torch.testing.assert_close(torch.stack(rhos).mean(), L_rho)
    torch.testing.assert_close(torch.stack(faces).mean(), L_f)
    assert N != 60 or 0 in counts


def test_the_batch_count_form_differs_and_is_zero_not_nan_for_an_empty_batch():
    cfg = config.SymFace(scale="batch")
    loss = Pull(cfg, steps=3, split=5)
    left, right, rho = torch.randn(2, 4), torch.randn(2, 4), torch.tensor([0.5, 1.0])
    torch.testing.assert_close(loss(left, right, rho), halves_distance(left, right, rho) / 4)
    assert loss(left[:0], right[:0], rho[:0]) == 0


def test_equal_halves_cost_nothing_and_the_loss_falls_along_its_own_gradient():
    loss = Pull(config.SymFace(), steps=3, split=5)
    left, rho = torch.randn(6, 4, dtype=torch.float64, requires_grad=True), torch.rand(6, dtype=torch.float64)
    assert loss(left, left, rho) == 0
    right = torch.randn(6, 4, dtype=torch.float64)
    before = loss(left, right, rho)
    before.backward()
    assert loss(left.detach() - 1e-3 * left.grad, right, rho) < before.detach()


def test_half_precision_is_widened():
    left, right = torch.randn(2, 3, 4).bfloat16()
    assert halves_distance(left, right, torch.ones(3)).dtype == torch.float32


def test_refusal():
    with pytest.raises(InputError, match=r"got 10 and 0\. Lower sampler\.tau"):
        Pull(config.SymFace(), steps=10, split=0)
