import pytest
import torch
from golden_files import golden, relative

from twinlib.config import losses as config
from twinlib.losses.contrastive import contrastive
from twinlib.losses.ndtwin import Features, attention_regulariser, ndtwin_loss

VECTORS = golden("ndtwin")
CFG = config.NDTwin(margin=float(VECTORS["margin"]), train_embedding=False)
SAME = torch.tensor(VECTORS["y"]) == 1
TOLERANCE = {torch.float64: 1e-9, torch.float32: 1e-5}


def features(i, dtype=torch.float64):
    return Features(*(torch.tensor(VECTORS[f"{k}{i}"], dtype=dtype, requires_grad=True) for k in "egla"))


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_golden_regulariser_and_total(dtype):
    a, b = features(1, dtype), features(2, dtype)
    maps = torch.cat([a.attention, b.attention])
    assert relative(attention_regulariser(maps).detach(), VECTORS["loss_attention_reg"]) < TOLERANCE[dtype]
    assert relative(ndtwin_loss(a, b, SAME, CFG).detach(), VECTORS["loss_total"]) < TOLERANCE[dtype]


def test_only_train_embedding_reaches_the_fused_embedding():
    for train in (False, True):
        a, b = features(1), features(2)
        loss = ndtwin_loss(a, b, SAME, config.NDTwin(margin=CFG.margin, train_embedding=train))
        loss.backward()
        assert (a.fused.grad is not None) == (train or bool(VECTORS["embedding_gets_gradient"]))
        assert all(x.grad.abs().sum() > 0 for x in (a.whole, a.local, a.attention))
        extra = contrastive(a.fused, b.fused, SAME, CFG.margin).item() if train else 0
        assert loss.item() == pytest.approx(float(VECTORS["loss_total"]) + extra)


def test_slow_twin_of_the_regulariser():
    maps = torch.rand(4, 1, 3, 2, dtype=torch.float64)
    flat = maps.flatten(1)
    pairs = [flat[i] @ flat[j] / flat[i].norm() / flat[j].norm() for i in range(4) for j in range(4) if i != j]
    wanted = 0.3 * flat.sum() / 4 + 0.7 * sum(pairs) / 12
    torch.testing.assert_close(attention_regulariser(maps, 0.3, 0.7), wanted)


def test_it_falls_along_its_own_gradient():
    a, b = features(1), features(2)
    before = ndtwin_loss(a, b, SAME, config.NDTwin())
    before.backward()
    moved = Features(*((x - 1e-3 * x.grad).detach() for x in a))
    assert ndtwin_loss(moved, b, SAME, config.NDTwin()).item() < before.item()
