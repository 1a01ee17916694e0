import numpy as np
import pytest
import torch
from torch import nn

from twinlib import config
from twinlib.ahan.ahan import AHAN
from twinlib.ahan.maps import both_halves, face_maps, mirror_ratio, partner_share
from twinlib.ahan.vit import ViT
from twinlib.errors import InputError
from twinlib.figures.inspector.stored_maps import maps_of
from twinlib.methods.transfg.transfg import TransFG

SMALL = {"image_size": 40, "patch": 8, "width": 16, "depth": 2, "heads": 2, "mlp_ratio": 2.0, "embedding": 8}
IMAGES = torch.randn(3, 3, 40, 40)


def make(**parts):
    model = AHAN(config.AHAN(**SMALL, **parts))
    for p in model.parameters():
        nn.init.normal_(p, std=0.3)
    return model


def test_maps_have_a_place_for_every_token_and_sum_to_one():
    model = make().train()
    maps = face_maps(model, IMAGES)
    assert model.training
    assert maps.attention.shape == (3, 4, 3, 5, 5)
    torch.testing.assert_close(maps.attention.sum((3, 4)), torch.ones(3, 4, 3))
    torch.testing.assert_close(maps.scales.sum(1), torch.ones(4))
    assert maps.asymmetry.shape == (3, 5, 5)
    assert maps.token.shape == (3, 5, 5)
    assert (maps.token.sum((1, 2)) < 1).all()
    assert not any(m.requires_grad for m in maps)


def test_a_pooled_cell_is_shared_by_the_tokens_it_averages():
    model = make().eval()
    F = model.map(model.tokens(IMAGES))
    coarse, fine = (
        model.hca.attention(F)[2],
        face_maps(model, IMAGES).attention[:, :, 2],
    )  # 5 × 5 by 4: 2 × 2
    torch.testing.assert_close(fine[:, :, :4, :4].sum((2, 3)), coarse[:, :, 0, 0])
    torch.testing.assert_close(fine[:, :, 4, :4].sum(2), coarse[:, :, 1, 0])
    torch.testing.assert_close(fine[:, :, 0, 0], fine[:, :, 3, 3])


def test_the_class_tokens_map_by_loops():
    model = make(hca=None, faam=None).eval()
    X = model.backbone.blocks[0](model.backbone._pos_embed(model.backbone.patch_embed(IMAGES)))
    block, wanted = model.backbone.blocks[1], torch.zeros(3, 26)
    q, k, _ = block.attn.qkv(block.norm1(X)).chunk(3, dim=2)
    for h in (slice(0, 8), slice(8, 16)):
        for b in range(3):
            wanted[b] += torch.softmax(k[b, :, h] @ q[b, 0, h] / 8**0.5, dim=0).detach() / 2
    torch.testing.assert_close(face_maps(model, IMAGES).token.flatten(1), wanted[:, 1:])


@pytest.mark.parametrize("width", [6, 7])
def test_the_asymmetry_stands_on_both_sides(width):
    half = torch.rand(2, 4, width // 2)
    whole = both_halves(half, width)
    assert torch.allclose(whole[:, :, : width // 2], half)
    torch.testing.assert_close(whole, whole.flip(2))
    if width % 2:
        assert (whole[:, :, width // 2] == 0).all()


def test_the_asymmetry_follows_the_midline():
    half = torch.rand(1, 4, 4)
    whole = both_halves(half, 8, torch.tensor([0.375]))  # an edge left of column 3
    torch.testing.assert_close(whole[:, :, :3], half[:, :, 1:])
    torch.testing.assert_close(whole[:, :, 3:7], half.flip(2))
    assert (whole[:, :, 7] == 0).all()


def test_networks_without_a_module_have_no_map_of_it():
    maps = face_maps(ViT(config.ViT(**SMALL)), IMAGES)
    assert (maps.attention, maps.scales, maps.asymmetry) == (None, None, None)
    assert face_maps(make(hca=None), IMAGES).attention is None
    assert face_maps(make(faam=None), IMAGES).asymmetry is None


def test_chosen_tokens_have_no_maps():
    net = TransFG(config.TransFG(**SMALL, stride=8))
    with pytest.raises(InputError, match="TransFG has no maps: its last block sees chosen tokens"):
        face_maps(net, IMAGES)
    assert maps_of(net, ["a"], np.zeros((1, 40, 40, 3), np.uint8), np.zeros((1, 4, 4), np.float32)) is None


def test_half_of_the_attention_goes_to_oneself_as_partner():
    share = partner_share(make(), IMAGES, torch.arange(3), 2)
    assert share.shape == (3, 5, 5)
    torch.testing.assert_close(share, torch.full((3, 5, 5), 0.5))
    assert not torch.allclose(partner_share(make(), IMAGES, torch.tensor([1, 2, 0]), 2), share)


def test_a_symmetric_photograph_is_its_own_mirror_image():
    model, boxes = make().eval(), torch.tensor([0.2, 0.2, 0.8, 0.9]).expand(3, 4, 4)
    with torch.no_grad():
        both = (IMAGES + IMAGES.flip(3)) / 2
    other = torch.tensor([1, 2, 0])
    assert mirror_ratio(model, both, boxes, other).max() < 1e-4
    assert mirror_ratio(model, IMAGES, boxes, other).min() > 1e-2


def test_a_face_with_itself_as_the_other_has_no_ratio():
    boxes = torch.tensor([0.2, 0.2, 0.8, 0.9]).expand(3, 4, 4)
    with pytest.raises(InputError, match="images 1 and 1 have one descriptor"):
        mirror_ratio(make().eval(), IMAGES, boxes, torch.tensor([1, 1, 0]))
