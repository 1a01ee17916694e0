import torch

from twinlib import config
from twinlib.models import build
from twinlib.models.trunk import Trunk

SMALL = config.ViT(image_size=32, patch=8, width=8, depth=2, heads=2, embedding=6, stem="conv")


def test_every_head_answers_with_its_shape():
    seen = Trunk(SMALL, 5)(torch.randn(3, 3, 32, 32))
    assert [tuple(part.shape) for part in seen] == [(3, 6), (3, 5, 2), (3, 16)]


def test_its_backbone_fits_every_row_whatever_its_head():
    trunk = Trunk(SMALL, 5)
    for name, cfg in (("vit", SMALL), ("ahan", config.AHAN(**vars(SMALL)))):
        row = build(name, cfg)
        row.backbone.load_state_dict(trunk.vit.backbone.state_dict())
        assert torch.equal(row.backbone.pos_embed, trunk.vit.backbone.pos_embed)
