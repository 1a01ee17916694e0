import dataclasses
from dataclasses import replace

import numpy as np
import pytest
import torch

from twinlib import config
from twinlib.config import MODELS
from twinlib.data.manifest import read_manifest
from twinlib.errors import InputError
from twinlib.faces.align import five_points, template, transform
from twinlib.faces.find import read_faces
from twinlib.train.pretraining.trunk_network import HEADS, Trunk, targets

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


@pytest.fixture
def smoke(smoke_set):
    manifest = read_manifest(smoke_set)
    return manifest, read_faces(smoke_set / "aligned"), np.flatnonzero(manifest.images["split"] == "train")


def test_the_rendered_landmarks_lie_where_the_crop_was_aligned_to(smoke):
    manifest, faces, rows = smoke
    found = targets(manifest, faces, rows)
    side = faces.crops.shape[1]
    straight = np.abs(manifest.images["yaw"].to_numpy()[rows]) < 10
    points = np.concatenate([found.points[straight], np.zeros((straight.sum(), 10, 2))], axis=1) * side
    off = np.stack([five_points(face) for face in points]) - template(side)
    assert np.median(np.linalg.norm(off, axis=2)) < 3  # px; the detector's error and that of the alignment


def test_marks_are_those_of_the_image_and_in_the_crop(smoke):
    manifest, faces, rows = smoke
    found = targets(manifest, faces, rows)
    with np.load(manifest.root / "truth.npz") as truth:
        slow = []
        for row in rows:
            seen = (truth["seen_image"] == row) & truth["seen_visible"]
            kind = truth["mark_kind_names"][truth["mark_kind"][truth["seen_mark"][seen]]]
            xy = transform(truth["seen_xy"][seen][kind != "freckle"], faces.matrix[row]) / faces.crops.shape[1]
            slow.append(xy)
    for mine, wanted in zip(found.marks, slow, strict=True):
        np.testing.assert_allclose(mine[: len(wanted)], wanted, atol=1e-5)
        assert np.isnan(mine[len(wanted) :]).all()


def test_the_mirror_swaps_left_and_right(smoke):
    mirror = targets(*smoke).mirror
    assert (mirror[[33, 61, 133]] == [263, 291, 362]).all()
    np.testing.assert_array_equal(mirror[mirror], np.arange(468))


def test_held_out_families_and_photographs_are_refused(smoke, tmp_path):
    manifest, faces, rows = smoke
    test = int(np.flatnonzero(manifest.images["split"] == "test")[0])
    with pytest.raises(InputError, match="training families only"):
        targets(manifest, faces, np.append(rows, test))
    with pytest.raises(InputError, match=r"truth.npz is missing"):
        targets(dataclasses.replace(manifest, root=tmp_path), faces, rows)
