import pytest
import torch

from twinlib import config
from twinlib.errors import InputError
from twinlib.models.rollout import block_with_map, part_scores
from twinlib.models.transfg import Overlapping, TransFG

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
