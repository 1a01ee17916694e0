import json

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from twinlib import config
from twinlib.config import MODELS
from twinlib.data.feed.trainset import train_set
from twinlib.data.manifest import read_manifest
from twinlib.faces.find import read_faces
from twinlib.train.loop import load_backbone
from twinlib.train.pretraining.trunk import (
    MARK_RARITY,
    UNIT,
    DenseBatch,
    DenseBatches,
    cells,
    dense_loss,
    make_trunk,
    mirror_points,
    warp_points,
)
from twinlib.train.pretraining.trunk_network import HEADS, Seen, Trunk, targets
from twinlib.train.stored import checkpoint

QUICK = ("train.passes=96", "train.warmup=0", "train.checkpoint_every=2")


def test_points_move_as_the_picture_does():
    """A bright spot in a warped picture lies where `warp_points` says."""
    from twinlib.data.feed.augment import random_affine, warp

    rng = torch.Generator().manual_seed(3)
    theta = random_affine(6, 10.0, 0.05, rng)
    at = torch.rand(6, 1, 2, generator=rng) * 0.4 + 0.3
    centre = (torch.arange(64) + 0.5) / 64
    images = torch.exp(
        -((centre - at[..., :1]) ** 2)[:, :, None] / 0.002 - ((centre - at[..., 1:]) ** 2)[..., None] / 0.002
    )
    warped = warp(images.expand(-1, 3, -1, -1), theta)[:, 0]
    total = warped.sum((1, 2))
    found = torch.stack([(warped.sum(1) * centre).sum(1) / total, (warped.sum(2) * centre).sum(1) / total], dim=1)
    torch.testing.assert_close(warp_points(at, theta)[:, 0], found, atol=2e-3, rtol=0)


def test_mirroring_twice_is_nothing():
    points, mirror = torch.rand(2, 4, 2), torch.tensor([1, 0, 2, 3])
    assert not torch.equal(mirror_points(points, mirror), points)
    torch.testing.assert_close(mirror_points(mirror_points(points, mirror), mirror), points)


def test_cells_hold_their_points_only():
    nan = float("nan")
    points = torch.tensor([[[0.1, 0.1], [0.9, 0.6], [nan, nan]], [[1.2, 0.5], [-0.1, 0.2], [nan, nan]]])
    found = cells(points, 2)
    assert found.tolist() == [[True, False, False, True], [False] * 4]


def test_a_perfect_answer_costs_nothing_and_a_missed_mark_more_than_a_false_one():
    truth = torch.zeros(1, 468, 2), torch.tensor([[True, False]])
    batch = DenseBatch(torch.zeros(1, 3, 8, 8), torch.tensor([0]), torch.tensor([0]), *truth)

    def cost(first, second):
        seen = Seen({}, torch.zeros(1, 468, 2), torch.tensor([[first, second]]))
        return float(dense_loss(seen, batch))

    assert cost(50.0, -50.0) == pytest.approx(0, abs=1e-9)
    assert cost(-50.0, -50.0) == pytest.approx(MARK_RARITY * cost(50.0, 50.0))


def test_a_batch_shows_points_where_the_picture_has_them(smoke_set):
    """Mirrored families get other labels, and their points are those of the mirrored picture."""
    manifest, faces = read_manifest(smoke_set), read_faces(smoke_set / "aligned")
    data = train_set(manifest, faces)
    experiment = config.load("vit_grid", "smoke", ("data.rotation=0.0", "data.flip=identity"))
    batches = DenseBatches(experiment, data, targets(manifest, faces, data.rows), 7)
    batch = batches(0)
    mirrored = (batch.subject >= data.subjects).numpy()
    assert 0 < mirrored.sum() < len(mirrored)
    points = (batch.points * UNIT + batches.mean).numpy()
    picked = batches.sampler.batch(0)
    plain = batches.points.numpy()[picked]
    np.testing.assert_allclose(points[~mirrored], plain[~mirrored], atol=1e-5)
    np.testing.assert_allclose(points[mirrored, 33, 0], 1 - plain[mirrored, 263, 0], atol=1e-5)


def test_a_trunk_is_written_said_and_fits(smoke_set, tmp_path):
    out = make_trunk("vit", "smoke", 0, QUICK, tmp_path / "small.safetensors")
    said = json.loads(out.with_suffix(".json").read_text())
    assert said["manifest"] == read_manifest(smoke_set).sha256
    assert np.isfinite([row["loss"] for row in said["history"]]).all()
    MODELS.build(config.load("vit", "smoke").model).backbone.load_state_dict(load_file(out))
    again = make_trunk("vit", "smoke", 0, QUICK, tmp_path / "again.safetensors")
    assert out.read_bytes() == again.read_bytes()


@pytest.mark.parametrize(("flip", "mirrored", "renamed"), [("none", False, False), ("augment", True, False)])
def test_flips_are_those_of_the_experiment(smoke_set, flip, mirrored, renamed):
    """Before, every family was mirrored half the time and then counted as another, whatever `data.flip` said."""
    manifest, faces = read_manifest(smoke_set), read_faces(smoke_set / "aligned")
    data = train_set(manifest, faces)
    experiment = config.load("vit", "smoke", ("data.rotation=0.0", "data.jitter=0.0", f"data.flip={flip}"))
    batches = DenseBatches(experiment, data, targets(manifest, faces, data.rows), 7)
    batch, picked = batches(0), batches.sampler.batch(0)
    plain = (batches.points[picked] - batches.mean) / UNIT
    assert (not torch.allclose(batch.points, plain, atol=1e-3)) == mirrored
    assert (batch.subject >= data.subjects).any() == renamed


def test_the_class_token_and_the_mean_come_when_tokens_are_worth_reading(smoke_set, tmp_path, monkeypatch):
    """Steps of 24 images: 4 in all, of which the first two know the grid alone."""
    wanted = []
    forward = Trunk.forward
    monkeypatch.setattr(
        Trunk, "forward", lambda net, images, heads: wanted.append(heads) or forward(net, images, heads)
    )
    out = make_trunk("vit", "smoke", 0, QUICK, tmp_path / "small.safetensors")
    assert [len(heads) for heads in wanted] == [1, 1, 3, 3]
    last = json.loads(out.with_suffix(".json").read_text())["history"][-1]
    assert {f"accuracy_{head}" for head in HEADS} <= set(last)


def test_a_trunk_goes_on_where_it_was_stopped(smoke_set, tmp_path, monkeypatch):
    """The interruption is in the second phase, when two heads have just begun."""
    whole = make_trunk("vit", "smoke", 0, QUICK, tmp_path / "whole.safetensors").read_bytes()
    monkeypatch.setenv("TWINLIB_BUILD", str(tmp_path / "build"))
    (tmp_path / "build").mkdir()
    (tmp_path / "build/data").symlink_to(smoke_set.parent)
    saved = checkpoint.save_newest

    def stop(folder, state):
        saved(folder, state)
        if state["step"] == 3:
            raise KeyboardInterrupt

    often = (*QUICK[:2], "train.checkpoint_every=1")
    monkeypatch.setattr(checkpoint, "save_newest", stop)
    with pytest.raises(KeyboardInterrupt):
        make_trunk("vit", "smoke", 0, often, tmp_path / "part.safetensors")
    monkeypatch.setattr(checkpoint, "save_newest", saved)
    assert make_trunk("vit", "smoke", 0, often, tmp_path / "part.safetensors").read_bytes() == whole


def test_in_bf16_the_losses_stay_in_full_precision(smoke_set, tmp_path):
    out = make_trunk("vit", "smoke", 0, (*QUICK, "train.precision=bf16"), tmp_path / "half.safetensors")
    losses = [row["loss"] for row in json.loads(out.with_suffix(".json").read_text())["history"]]
    assert np.isfinite(losses).all()
    kinds = {value.dtype for value in load_file(out).values() if value.is_floating_point() and value.ndim < 2}
    assert kinds == {torch.float32}


@pytest.mark.parametrize(("name", "width"), [("arcface", 16), ("transfg", 32)])
def test_another_network_learns_identities_and_rows_start_from_it(smoke_set, tmp_path, name, width):
    """One without a part called backbone starts from all of it; matrices are kept in half precision."""
    settings = (*QUICK, "train.trunk=null", f"model.width={width}")
    out = make_trunk(name, "smoke", 0, settings, tmp_path / "other.safetensors")
    history = json.loads(out.with_suffix(".json").read_text())["history"]
    assert np.isfinite([row["loss"] for row in history]).all()
    experiment = config.load(name, "smoke", settings)
    net = MODELS.build(experiment.model)
    before = {key: value.clone() for key, value in net.state_dict().items()}
    load_backbone(net, load_file(out))
    after = net.state_dict()
    changed = {key for key in after if not torch.equal(after[key], before[key])}
    assert changed
    assert all(key.startswith("backbone.") for key in changed) == hasattr(net, "backbone")
    assert {value.dtype for value in load_file(out).values() if value.ndim > 1} == {torch.float16}
    assert after[max(changed)].dtype == torch.float32
