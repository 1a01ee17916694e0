"""What FAAM's two halves are halves of: for every network that takes FAAM, the columns of its token map."""

import pytest
import tiny_backbones  # noqa: F401 - registers them
import torch
from torch import nn

from twinlib import config
from twinlib.ahan.ahan import AHAN
from twinlib.errors import InputError

OWN = {"patch": 8, "width": 24, "depth": 2, "heads": 3, "mlp_ratio": 2.0, "embedding": 8}
NETS = {
    "own": {"image_size": 32, **OWN},
    "own, odd grid": {"image_size": 40, **OWN},
    "even stem": {"image_size": 48, **OWN, "stem": "even"},
    "even stem, odd grid": {"image_size": 40, **OWN, "stem": "even"},
    "even stem of 4": {"image_size": 16, **OWN, "patch": 4, "stem": "even"},
    "timm": {"image_size": 48, "backbone": "tiny_plain"},
    "timm, dynamic size": {"image_size": 80, "backbone": "test_vit"},
    "timm, registers": {"image_size": 40, "backbone": "tiny_late"},
    "timm, no class token": {"image_size": 32, "backbone": "tiny_mean"},
    "timm, patch 14": {"image_size": 42, "backbone": "vit_small_patch14_reg4_dinov2"},
}


def make(given, **faam):
    return AHAN(config.AHAN(**given, hca=None, pair=None, faam=config.FAAM(**faam))).eval()


def seen(model, size):
    """For each column of the token grid the pixel columns on which it depends."""
    x = torch.randn(2, 3, size, size, requires_grad=True)
    F = model.backbone.patch_embed(x).reshape(2, model.grid, model.grid, -1)
    weight = torch.randn_like(F)
    found = []
    for column in range(model.grid):
        (slope,) = torch.autograd.grad((F * weight)[:, :, column].sum(), x, retain_graph=True)
        found.append(set(slope.abs().sum((0, 1, 2)).nonzero().flatten().tolist()))
    return found


@pytest.mark.parametrize("name", NETS)
def test_each_column_sees_the_mirror_image_of_what_its_mirror_column_sees(name):
    size = NETS[name]["image_size"]
    columns = seen(make(NETS[name]), size)
    assert [{size - 1 - pixel for pixel in column} for column in reversed(columns)] == columns
    assert set().union(*columns) == set(range(size))


def test_the_older_stem_looks_to_the_left_as_its_docstring_says():
    """Tokens of 8 px see 3.5 px too far to the left: the middle of what column j sees is 8 j, not 8 j + 3.5."""
    columns = seen(make({"image_size": 80, **OWN, "stem": "conv"}), 80)
    middle = [(min(column) + max(column)) / 2 for column in columns]
    assert middle[4:6] == [32, 40]


@pytest.mark.parametrize("faam", [{}, {"midline": "landmarks"}, {"signed": True}], ids=str)
@pytest.mark.parametrize("name", NETS)
def test_a_symmetric_map_has_no_asymmetry(name, faam):
    model = make(NETS[name], **faam)
    for p in model.faam.parameters():
        nn.init.normal_(p, std=0.3)
    F = torch.randn(2, model.grid, model.grid, model.backbone.embed_dim)
    F = F + F.flip(2)
    middle = torch.tensor([0.3, 0.2, 0.7, 0.8]).expand(2, 4, 4)
    assert model.faam(F, model.midline(middle)).abs().max() < 1e-6
    lopsided = F + torch.randn_like(F)
    assert model.faam(lopsided, model.midline(middle)).abs().max() > 1e-2


def test_a_map_without_halves_or_of_unknown_columns_is_refused():
    with pytest.raises(InputError, match=r"model\.faam needs a token map at least 2 wide"):
        make({**OWN, "image_size": 8})
    with pytest.raises(InputError, match=r"model\.faam compares columns .* Take a plain ViT, or model\.faam null"):
        make({"image_size": 64, "backbone": "vit_tiny_r_s16_p8_224"})
    with pytest.raises(InputError, match="patches that are not square"):
        make({"image_size": 32, "backbone": "tiny_tall"})
