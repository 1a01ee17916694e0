import dataclasses

import numpy as np
import pytest
import torch

from twinlib import config
from twinlib.data.trainset import TrainSet
from twinlib.errors import InputError
from twinlib.models import AHAN, build
from twinlib.train.loop import Batches, train

OVERRIDES = ("model.image_size=16", "data.size=16", "model.patch=8", "model.width=8", "model.heads=1", "model.depth=1",
             "model.embedding=8", "train.groups=2", "train.images_per_subject=2", "train.passes=96",
             "train.checkpoint_every=4", "train.lr=1.0e-2", "triplet.weight=0.1")  # fmt: skip


@pytest.fixture
def experiment():
    return config.load("vit", "smoke", OVERRIDES)


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    colours = np.array([[c >> k & 1 for k in (2, 1, 0)] for c in range(1, 7)]) * 160 + 40  # a colour a subject
    crops = np.repeat(np.broadcast_to(colours[:, None, None], (6, 16, 16, 3)), 5, axis=0) + rng.integers(
        -20, 20, (30, 16, 16, 3)
    )
    subject = np.repeat(np.arange(6), 5)
    boxes = np.broadcast_to([0.1, 0.2, 0.7, 0.9], (30, 4, 4))
    return TrainSet(crops.clip(0, 255).astype(np.uint8), boxes, np.arange(30), subject, subject // 2)


def test_the_loss_falls_and_the_history_tells(experiment, data, tmp_path):
    longer = dataclasses.replace(experiment, train=dataclasses.replace(experiment.train, passes=480))
    trained = train(longer, data, "r", tmp_path, "cpu")
    assert trained.steps == 60
    assert [row["step"] for row in trained.history] == [20, 40, 60]
    assert trained.history[-1]["loss"] < trained.history[0]["loss"]
    assert not trained.model.training


def test_a_run_killed_and_resumed_equals_one_that_was_not(experiment, data, tmp_path, monkeypatch):
    whole = train(experiment, data, "r", tmp_path / "whole", "cpu").model.state_dict()
    steps = []
    original = Batches.__call__

    def killed_at_seven(self, step):
        steps.append(step)
        if step == 7 and len(steps) == 8:
            raise KeyboardInterrupt
        return original(self, step)

    monkeypatch.setattr(Batches, "__call__", killed_at_seven)
    with pytest.raises(KeyboardInterrupt):
        train(experiment, data, "r", tmp_path / "cut", "cpu")
    resumed = train(experiment, data, "r", tmp_path / "cut", "cpu").model.state_dict()
    assert steps[8] == 4  # from the last checkpoint, not from 0
    assert all(torch.equal(whole[key], resumed[key]) for key in whole)


def test_another_seed_gives_another_model(experiment, data, tmp_path):
    a = train(experiment, data, "a", tmp_path / "a", "cpu").model.embed.weight
    b = train(dataclasses.replace(experiment, seed=1), data, "b", tmp_path / "b", "cpu").model.embed.weight
    assert not torch.equal(a, b)


def test_a_mirrored_family_is_a_new_family(experiment, data):
    as_identity = dataclasses.replace(experiment, data=dataclasses.replace(experiment.data, flip="identity"))
    batches = Batches(as_identity, data, torch.device("cpu"))
    assert batches.classes == 2 * data.subjects
    _, boxes, subject, family = batches(0)
    mirrored = subject >= data.subjects
    assert torch.equal(mirrored, family >= 3)
    assert all(len(set(group.tolist())) == 1 for group in mirrored.reshape(2, 4))
    centre = boxes[:, 0, [0, 2]].mean(1)
    assert torch.equal(centre > 0.5, mirrored)


def test_a_loss_that_is_not_a_number_stops_the_run(experiment, data, tmp_path):
    wild = dataclasses.replace(experiment, train=dataclasses.replace(experiment.train, lr=1e30, passes=480))
    with pytest.raises(InputError, match=r"loss is (nan|inf) at step \d+; lower train\.lr"):
        train(wild, data, "r", tmp_path, "cpu")


def test_ahan_trains_with_boxes_and_partners(data, tmp_path, monkeypatch):
    ahan = config.load("ahan", "smoke", (*OVERRIDES, "model.pair.p=1.0", "model.depth=2", "data.rotation=0"))
    seen = []
    original = AHAN.forward

    def spy(self, images, boxes=None, partner=None):
        seen.append((self.paired, boxes.shape, partner))
        return original(self, images, boxes, partner)

    monkeypatch.setattr(AHAN, "forward", spy)
    trained = train(ahan, data, "r", tmp_path, "cpu")
    assert trained.history
    assert all(paired == (1,) and shape == (8, 4, 4) for paired, shape, _ in seen)
    partner = seen[0][2]
    assert torch.equal(partner // 4, torch.arange(8) // 4)  # within the twin group
    assert (partner // 2 != torch.arange(8) // 2).all()  # the other twin


@pytest.mark.parametrize("name", config.LOSSES)
def test_every_loss_trains_in_the_loop_and_tells_its_statistics(name, data, tmp_path):
    experiment = config.load("vit", "smoke", (f"loss={{name: {name}}}", *OVERRIDES))
    trained = train(experiment, data, "r", tmp_path, "cpu")
    assert trained.history[-1]["loss"] > 0
    assert ("norm_mean" in trained.history[-1]) == (name in ("adaface", "magface"))


def test_training_starts_from_the_trunk_it_is_given(experiment, data, tmp_path):
    still = dataclasses.replace(experiment, train=dataclasses.replace(experiment.train, lr=0.0))
    first = train(still, data, "a", tmp_path / "a", "cpu").model.backbone.state_dict()
    trunk = {key: value + 1 if value.is_floating_point() else value for key, value in first.items()}
    begun = train(still, data, "b", tmp_path / "b", "cpu", start=trunk).model.backbone
    assert torch.equal(begun.cls_token, trunk["cls_token"])  # lr 0: nothing moved since
    assert not torch.equal(begun.cls_token, first["cls_token"])


def test_a_trunk_of_another_size_is_refused_by_the_parameter(experiment, data, tmp_path):
    trunk = build(experiment.model_name, experiment.model).backbone.state_dict()
    with pytest.raises(InputError, match=r"train.trunk .* cls_token"):
        train(experiment, data, "r", tmp_path, "cpu", start={**trunk, "cls_token": torch.zeros(1, 1, 4)})
