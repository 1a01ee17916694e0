import pytest
import tiny_backbones  # noqa: F401 - registers them
import torch
from term_views import view_of

from twinlib import config
from twinlib.ahan.rollout import block_with_map, part_scores, with_class_token
from twinlib.errors import InputError
from twinlib.losses.contrastive import batch_contrastive
from twinlib.methods.transfg import transfg
from twinlib.methods.transfg.transfg import BatchContrastive, Overlapping, TransFG

VIT = {"image_size": 32, "patch": 8, "width": 16, "depth": 3, "heads": 2, "mlp_ratio": 2.0, "embedding": 8}


def test_patches_overlap():
    """Token of place (r, c) sees pixels from stride · (r, c) on, and no others."""
    layer = Overlapping(32, 8, 6, 4)
    x = torch.zeros(1, 3, 32, 32)
    before = layer(x)
    x[:, :, 6, 6] = 1.0
    changed = (layer(x) != before).any(2)[0].unflatten(0, (layer.grid, layer.grid)).nonzero().tolist()
    assert layer.grid == 5
    assert changed == [[0, 0], [0, 1], [1, 0], [1, 1]]


def test_the_last_block_sees_the_class_token_and_a_patch_a_head():
    net = TransFG(config.TransFG(**VIT, stride=8)).double().eval()
    assert net.tokens(torch.randn(2, 3, 32, 32, dtype=torch.float64)).shape == (2, 3, 16)


def test_patches_that_were_not_selected_do_not_reach_the_last_block():
    net = TransFG(config.TransFG(**VIT, stride=8)).double().eval()
    vit, maps = net.backbone, []
    X = vit._pos_embed(vit.patch_embed(torch.randn(1, 3, 32, 32, dtype=torch.float64)))
    for block in vit.blocks[:-1]:
        X, A = block_with_map(block, X)
        maps.append(A)
    chosen = {0, *(part_scores(maps).argmax(2) + 1).flatten().tolist()}
    seen = []
    hook = vit.blocks[-1].register_forward_pre_hook(lambda module, args: seen.append(args[0]))
    net.tokens(torch.zeros(1, 3, 32, 32, dtype=torch.float64))
    hook.remove()
    assert seen[0].shape[1] == 1 + VIT["heads"]
    assert len(chosen) <= 1 + VIT["heads"]


def test_published_grid():
    """448 px, patches of 16 every 12: 37 × 37 tokens and the class token."""
    with torch.device("meta"):
        net = TransFG(config.TransFG())
    assert net.backbone.pos_embed.shape[1] == 1 + 37**2


def test_impossible_settings_are_refused():
    for change in ({"depth": 1}, {"stride": 9}, {"head": "grid"}):
        with pytest.raises(InputError, match="transfg needs"):
            TransFG(config.TransFG(**{**VIT, "stride": 8, **change}))


def test_sizes_of_a_named_vit_are_its_own_and_patches_may_overlap():
    net = TransFG(config.TransFG(backbone="tiny_plain", image_size=32, stride=6, embedding=8))
    assert (net.grid, net.backbone.pos_embed.shape) == (5, (1, 26, 24))
    net(torch.randn(2, 3, 32, 32)).sum().backward()
    late = TransFG(config.TransFG(backbone="tiny_late", image_size=32, stride=6, embedding=8))
    assert late.backbone.pos_embed.shape == (1, 25, 24)  # without class and register tokens
    assert late(torch.randn(2, 3, 32, 32)).shape == (2, 8)
    whole = TransFG(config.TransFG(backbone="vit_tiny_patch16_224", image_size=32, stride=16, embedding=8))
    assert whole.tokens(torch.randn(1, 3, 32, 32)).shape == (1, 1 + 3, 192)


@pytest.mark.parametrize("stride", [8, 6])
@pytest.mark.parametrize(("backbone", "first"), [("tiny_reg4", 5), ("tiny_late", 5), ("tiny_distilled", 2)])
def test_parts_are_chosen_among_the_patches_only(backbone, first, stride, monkeypatch):
    net = TransFG(config.TransFG(backbone=backbone, image_size=32, stride=stride, embedding=8)).eval()
    before, scores, chosen = [], [], []
    net.backbone.blocks[-1].register_forward_pre_hook(lambda _, given: before.append(given[0]))

    def spy(maps, *given):
        scores.append((torch.stack(list(maps)), part_scores(maps, *given)))
        return scores[0][1]

    monkeypatch.setattr(transfg, "part_scores", spy)
    monkeypatch.setattr(transfg, "with_class_token", lambda X, *g: chosen.append((X, *g)) or with_class_token(X, *g))
    net(torch.randn(3, 3, 32, 32))
    (maps, given), (X, *_) = scores[0], chosen[0]
    assert given.shape == (3, 3, net.grid**2) == (3, 3, X.shape[1] - first)
    for b in range(3):
        assert torch.equal(before[0][b, 0], X[b, 0])
        for h in range(3):
            row = maps[1, b, h, 0] @ maps[0, b, h]  # of two blocks, by hand
            assert torch.equal(before[0][b, 1 + h], X[b, first + int(row[first:].argmax())])


def test_what_has_no_class_token_or_no_linear_patches_is_refused():
    with pytest.raises(InputError, match=r"transfg chooses parts by the class token, and model\.backbone 'tiny_mean'"):
        TransFG(config.TransFG(backbone="tiny_mean", image_size=32, stride=8))
    with pytest.raises(InputError, match=r"model\.stride in 1 … 8 \(model\.patch\); got 3 and 12"):
        TransFG(config.TransFG(backbone="tiny_plain", image_size=32))
    with pytest.raises(InputError, match=r"patches of a convolutional stem cannot overlap; set it to 8"):
        TransFG(config.TransFG(**VIT, stride=6, stem="conv"))
    with pytest.raises(InputError, match=r"model\.patch 8 plus a multiple of model\.stride 5, .* 28 and 33\."):
        TransFG(config.TransFG(**VIT, stride=5))


E = torch.randn(12, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
PAIRED = torch.arange(12) // 2


def test_the_loss_is_weighted():
    term = BatchContrastive(config.BatchContrastive(weight=0.5, margin=0.2))
    assert term(view_of(E, PAIRED)) == 0.5 * batch_contrastive(E, PAIRED, 0.2)
