import itertools

import pytest
import torch
from torch import nn

from twinlib import config
from twinlib.ahan.ahan import AHAN
from twinlib.ahan.ta_pwca import nearest
from twinlib.ahan.vit import ViT
from twinlib.errors import InputError

SMALL = {"image_size": 32, "patch": 8, "width": 16, "depth": 3, "heads": 2, "mlp_ratio": 2.0, "embedding": 8}
PARTS = {"hca": config.HCA(), "faam": config.FAAM(), "pair": config.Pair(p=1.0)}


def make(**parts):
    model = AHAN(config.AHAN(**SMALL, **(dict.fromkeys(PARTS) | parts))).double()
    for p in model.parameters():
        nn.init.normal_(p, std=0.1)
    return model


IMAGES = torch.randn(4, 3, 32, 32).double()
BOXES = torch.tensor([0.1, 0.2, 0.6, 0.9]).double().expand(4, 4, 4)
PARTNER = torch.tensor([1, 0, 3, 2])


@pytest.mark.parametrize("chosen", [c for n in range(4) for c in itertools.combinations(PARTS, n)], ids="+".join)
def test_all_eight_combinations_train_and_embed(chosen):
    model = make(**{name: PARTS[name] for name in chosen})
    model.paired = model.candidates
    e = model(IMAGES, BOXES, PARTNER)
    assert e.shape == (4, 8)
    e.square().sum().backward()
    assert not [name for name, p in model.named_parameters() if p.grad is None]


@pytest.mark.parametrize(("head", "pool"), [("cls", "mean"), ("mean", "mean"), ("grid", "mean"), ("mean", "places")])
def test_at_the_start_it_is_the_plain_vit(head, pool):
    torch.manual_seed(0)
    ahan = AHAN(config.AHAN(**SMALL, head=head, faam=config.FAAM(pool=pool))).eval()
    vit = ViT(config.ViT(**SMALL, head=head)).eval()
    own = vit.state_dict()
    given = {k: v[:, : own[k].shape[1]] if k == "embed.weight" else v for k, v in ahan.state_dict().items() if k in own}
    vit.load_state_dict(given)
    torch.testing.assert_close(ahan(IMAGES.float()), vit(IMAGES.float()))


def test_in_eval_neither_partner_nor_neighbours_matter():
    model = make(**PARTS).eval()
    model.paired = (2,)
    e = model(IMAGES, BOXES, PARTNER)
    torch.testing.assert_close(model(IMAGES, BOXES), e, rtol=0, atol=0)
    torch.testing.assert_close(model(IMAGES[2:3], BOXES[2:3]), e[2:3], rtol=0, atol=1e-12)


def test_in_training_the_partner_matters_only_in_a_paired_step():
    model = make(**PARTS).train()
    alone = model(IMAGES, BOXES)
    assert torch.equal(model(IMAGES, BOXES, PARTNER), alone)
    model.paired = (2,)
    assert not torch.allclose(model(IMAGES, BOXES, PARTNER), alone)
    torch.testing.assert_close(model(IMAGES, BOXES, torch.arange(4)), alone, rtol=0, atol=1e-10)


def test_the_hard_policy_pairs_with_the_nearest_other_identity():
    model = make(pair=config.Pair(p=1.0, partner="hard")).train()
    subject, family = torch.tensor([0, 0, 1, 2]), torch.tensor([0, 0, 0, 1])
    allowed = model.plan_step(subject, family, 0, 0)
    assert torch.equal(allowed, subject[:, None] != subject[None])
    blocks = model.backbone.blocks
    X = blocks[0](model.backbone._pos_embed(model.backbone.patch_embed(IMAGES)))
    assert torch.equal(model(IMAGES, BOXES, allowed), model(IMAGES, BOXES, nearest(X, allowed)))


def test_the_sibling_policy_wants_to_be_told_who_are_twins():
    model = make(pair=config.Pair(p=1.0, partner="sibling")).train()
    subject, family = torch.tensor([0, 1, 2, 3]), torch.tensor([0, 0, 1, 1])
    twins = torch.tensor([True, True, False, False])
    assert model.plan_step(subject, family, 0, 0, twins).tolist() == [0, 1, 3, 2]
    with pytest.raises(InputError, match="needs to know which families"):
        model.plan_step(subject, family, 0, 0)


def test_the_midline_of_the_landmarks_moves_with_the_boxes():
    model = make(faam=config.FAAM(midline="landmarks")).eval()
    shifted = BOXES + torch.tensor([0.1, 0, 0.1, 0])
    assert not torch.allclose(model(IMAGES, shifted), model(IMAGES, BOXES))
    centred = torch.tensor([0.2, 0.2, 0.8, 0.9]).double().expand(4, 4, 4)
    torch.testing.assert_close(model(IMAGES), model(IMAGES, centred))  # without boxes: the middle of the crop


def test_learned_regions_do_not_look_at_boxes():
    model = make(hca=config.HCA(find="learned")).eval()
    assert torch.equal(model(IMAGES, BOXES), model(IMAGES))


def test_recomputed_blocks_give_the_same_gradients():
    plain, saving = make(**PARTS), make(**PARTS)
    saving.load_state_dict(plain.state_dict())
    saving.backbone.set_grad_checkpointing(True)
    for model in (plain, saving):
        model.paired = (2,)
        model(IMAGES, BOXES, PARTNER).square().sum().backward()
    for (name, a), b in zip(plain.named_parameters(), saving.parameters(), strict=True):
        torch.testing.assert_close(a.grad, b.grad, msg=name)
    assert ViT(config.ViT(**SMALL, recompute=True)).backbone.grad_checkpointing


def test_added_parameters_of_vit_b16_stay_below_a_third():
    with torch.device("meta"):
        base, full = ViT(config.ViT()), AHAN(config.AHAN())
    count = [sum(p.numel() for p in m.parameters()) for m in (base, full)]
    assert 1.25 < count[1] / count[0] <= 1.33


def test_blocks_out_of_range_are_refused():
    with pytest.raises(InputError, match=r"model\.pair\.blocks \(4,\) must lie in 1 … 3"):
        make(pair=config.Pair(blocks=(4,)))
