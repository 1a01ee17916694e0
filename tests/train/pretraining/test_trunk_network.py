from dataclasses import replace

import torch

from twinlib import config
from twinlib.config import MODELS
from twinlib.train.pretraining.trunk_network import HEADS, Trunk

SMALL = config.ViT(image_size=32, patch=8, width=8, depth=2, heads=2, embedding=6, stem="conv")


def test_every_head_answers_with_its_shape():
    net, images = Trunk(SMALL, 5).eval(), torch.randn(3, 3, 32, 32)
    seen = net(images)
    assert {head: tuple(e.shape) for head, e in seen.embeddings.items()} == dict.fromkeys(HEADS, (3, 6))
    assert [tuple(part.shape) for part in seen[1:]] == [(3, 5, 2), (3, 16)]
    alone = net(images, ("cls",)).embeddings
    assert list(alone) == ["cls"]
    assert torch.equal(alone["cls"], seen.embeddings["cls"])


def test_every_head_reads_what_a_row_with_that_head_reads():
    net, images = Trunk(SMALL, 5).eval(), torch.randn(2, 3, 32, 32)
    for head in HEADS:
        row = MODELS.build(replace(SMALL, head=head)).eval()
        row.backbone.load_state_dict(net.vit.backbone.state_dict())
        own = (net.vit.embed, net.vit.norm) if head == "grid" else (net.embed[head], net.norm[head])
        if head == "grid":
            row.reduce = net.vit.reduce
        row.embed, row.norm = own
        assert torch.equal(row(images), net(images, (head,)).embeddings[head])


def test_its_backbone_fits_every_row_whatever_its_head():
    trunk = Trunk(SMALL, 5)
    for cfg in (SMALL, config.AHAN(**vars(SMALL))):
        row = MODELS.build(cfg)
        row.backbone.load_state_dict(trunk.vit.backbone.state_dict())
        assert torch.equal(row.backbone.pos_embed, trunk.vit.backbone.pos_embed)
