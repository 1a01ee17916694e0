import numpy as np
import pytest
import torch
from golden_files import golden, relative
from train_fixtures import colours

from twinlib import config
from twinlib.errors import InputError
from twinlib.losses.contrastive import contrastive
from twinlib.methods.ndtwin.ndtwin import Features, Pairs, attention_regulariser, batch_hard, ndtwin_loss

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


def slow_batch_hard(x, label, margin):
    terms = []
    for i in range(len(x)):
        d = [float((x[i] - x[j]).norm()) for j in range(len(x))]
        positives = [d[j] for j in range(len(x)) if j != i and label[j] == label[i]]
        negatives = [d[j] for j in range(len(x)) if label[j] != label[i]]
        terms.append(max(0.0, max(positives) - min(negatives) + margin) if positives and negatives else 0.0)
    return sum(terms) / len(terms)


def test_slow_twin_of_the_triplet_by_subject_and_by_the_codes_pair_labels():
    a, b = features(1), features(2)
    one = torch.arange(len(SAME)) % 4
    subject = torch.cat([one, (one + (~SAME).long()) % 5])
    totals = {}
    for kind, label in (("triplet", subject), ("triplet_code", torch.cat([SAME, SAME]))):
        cfg = config.NDTwin(kind=kind, train_embedding=True)
        slow = [slow_batch_hard(torch.cat([getattr(a, k), getattr(b, k)]).detach(), label.tolist(), 1.0)
                for k in ("whole", "local", "fused")]  # fmt: skip
        maps = torch.cat([a.attention, b.attention])
        wanted = 0.6 * slow[0] + 0.4 * slow[1] + slow[2] + 0.01 * attention_regulariser(maps).item()
        totals[kind] = ndtwin_loss(a, b, SAME, cfg, subject).item()
        assert totals[kind] == pytest.approx(wanted)
    assert totals["triplet"] != totals["triplet_code"]


def test_the_triplet_is_finite_with_equal_features_and_falls_along_its_own_gradient():
    x = torch.randn(8, 5, dtype=torch.float64)
    x[1] = x[0]
    x.requires_grad_()
    label = torch.arange(8) // 2
    before = batch_hard(x, label)
    before.backward()
    assert x.grad.isfinite().all()
    assert batch_hard(x.detach() - 1e-3 * x.grad, label) < before.detach()
    assert batch_hard(x.detach(), torch.arange(8)) == 0  # nobody has a positive


def test_refusal():
    a, b = features(1), features(2)
    with pytest.raises(InputError, match=r"ndtwin\.kind triplet needs the subject"):
        ndtwin_loss(a, b, SAME, config.NDTwin(kind="triplet"))


DATA = colours(families=6, images=4, singles=3)


def test_pairs_alternate_and_seven_in_ten_strange_ones_are_twins():
    sampler = Pairs(DATA, 40, 0, config.Pairs())
    pairs = np.concatenate([sampler.pick(number).rows.reshape(-1, 2) for number in range(60)])
    one, other = pairs.T
    same = DATA.subject[one] == DATA.subject[other]
    assert (same == (np.arange(len(pairs)) % 2 == 0)).all()
    assert (one != other).all()
    twins = (DATA.family[one] == DATA.family[other])[~same]
    assert twins.mean() == pytest.approx(0.7, abs=4 * (0.21 / len(twins)) ** 0.5)
