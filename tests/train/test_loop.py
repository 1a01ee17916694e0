import dataclasses

import pytest
import torch
from torch import nn
from train_fixtures import TINY, colours, tiny

from twinlib import config
from twinlib.ahan.ahan import AHAN
from twinlib.ahan.vit import ViT
from twinlib.config import MODELS
from twinlib.errors import InputError
from twinlib.train.batches import Batches
from twinlib.train.loop import train

OVERRIDES = (*TINY, "triplet.weight=0.1")


@pytest.fixture
def experiment():
    return tiny("vit", "triplet.weight=0.1")


@pytest.fixture
def data():
    return colours()


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


@pytest.mark.parametrize("name", sorted(set(config.LOSSES) - {"none"}))
def test_every_loss_trains_in_the_loop_and_tells_its_statistics(name, data, tmp_path):
    experiment = config.load("vit", "smoke", (f"loss={{name: {name}}}", *OVERRIDES))
    trained = train(experiment, data, "r", tmp_path, "cpu")
    assert trained.history[-1]["loss"] > 0
    assert ("norm_mean" in trained.history[-1]) == (name in ("adaface", "magface"))


def test_training_starts_from_the_trunk_it_is_given(experiment, data, tmp_path):
    still = dataclasses.replace(experiment, train=dataclasses.replace(experiment.train, lr=1e-30))
    first = train(still, data, "a", tmp_path / "a", "cpu").model.backbone.state_dict()
    trunk = {key: value + 1 if value.is_floating_point() else value for key, value in first.items()}
    begun = train(still, data, "b", tmp_path / "b", "cpu", start=trunk).model.backbone
    assert torch.equal(begun.cls_token, trunk["cls_token"])  # so small a rate: nothing moved since
    assert not torch.equal(begun.cls_token, first["cls_token"])


def test_a_trunk_of_another_size_is_refused_by_the_parameter(experiment, data, tmp_path):
    trunk = MODELS.build(experiment.model).backbone.state_dict()
    with pytest.raises(InputError, match=r"train.trunk .* cls_token"):
        train(experiment, data, "r", tmp_path, "cpu", start={**trunk, "cls_token": torch.zeros(1, 1, 4)})


class Outgoing(ViT):
    """A network that gives all that the terms can ask for."""

    outputs = ("tokens", "gates", "glca", "pwca", "whole", "local", "attention")
    patch = 8

    def forward(self, images, wanted=()):
        tokens = self.tokens(images)
        e = self.norm(self.embed(self.global_stream(tokens)))
        if not wanted:
            return e
        grid = tokens[:, 1:].mean(2).unflatten(1, (1, 2, 2)).sigmoid()
        all_ = {"tokens": tokens[:, 1:], "gates": grid.flatten(1), "attention": grid}
        all_ |= {name: nn.functional.dropout(e, 0.1) for name in ("glca", "pwca", "whole", "local")}
        return e, {name: all_[name] for name in wanted}


RECIPES = {
    "topofr": ("loss=topofr", "terms={alignment: {}}", "perturb=structure"),
    "symface": ("sampler={name: halves, tau: 0.001}", "terms={symface: {}}", "data.rotation=0"),
    "transface": ("terms={ehsm: {}}", "perturb={name: dpap, k: 2}"),
    "transfg": ("terms={batch_contrastive: {}}", "sampler=identities"),
    "dcal": ("terms={branches: {}}",),
    "ndtwin": ("loss=none", "terms={ndtwin: {}}", "sampler=pairs"),
    "miao": ("loss=none", "terms={triplet: {margin: 50.0}}", "sampler={name: triplets, count: 20}"),
    "3:1": ("sampler=twins_and_singles",),
    "shuffled": ("sampler=shuffled",),
}


@pytest.mark.parametrize("name", RECIPES)
def test_the_hooks_carry_every_peers_recipe_and_a_cut_run_goes_on(name, tmp_path, monkeypatch):
    monkeypatch.setitem(config.MODELS.named, "vit", (config.ViT, Outgoing))
    experiment, data = tiny("vit", *RECIPES[name]), colours(singles=4)
    whole = train(experiment, data, "r", tmp_path / "a", "cpu")
    last = whole.history[-1]
    assert last["loss"] > 0
    assert ("accuracy" in last) == (not isinstance(experiment.loss, config.NoHead))
    original = Batches.__call__
    monkeypatch.setattr(Batches, "__call__", lambda self, n: original(self, n) if n < 6 else 1 / 0)
    with pytest.raises(ZeroDivisionError):
        train(experiment, data, "r", tmp_path / "b", "cpu")
    monkeypatch.setattr(Batches, "__call__", original)
    resumed = train(experiment, data, "r", tmp_path / "b", "cpu").model.state_dict()
    assert all(torch.equal(value, resumed[key]) for key, value in whole.model.state_dict().items())


def test_a_term_that_reads_what_the_network_does_not_give_is_refused(data, tmp_path):
    with pytest.raises(InputError, match=r"model vit does not give \['tokens'\], which `terms` reads"):
        train(tiny("vit", "terms={ehsm: {}}"), data, "r", tmp_path, "cpu")


@pytest.mark.parametrize(("part", "kept"), [("stem", "patch_embed."), ("backbone", "")])
def test_a_frozen_part_keeps_its_weights_and_the_rest_learns(experiment, data, tmp_path, part, kept):
    torch.manual_seed(experiment.seed)
    before = dict(MODELS.build(experiment.model).backbone.named_parameters())
    frozen = dataclasses.replace(experiment, train=dataclasses.replace(experiment.train, frozen=part))
    trained = train(frozen, data, "r", tmp_path, "cpu").model
    for name, value in trained.backbone.named_parameters():
        still = name.startswith(kept) or name == "pos_embed"
        assert torch.equal(value, before[name]) == still, name
    assert trained.embed.weight.requires_grad


def test_the_best_by_validation_is_kept_and_a_plateau_lowers_the_rate(data, tmp_path):
    seen = iter([0.5, 0.9, 0.6, 0.7])
    kept = []

    def validate(net):
        kept.append({key: value.clone() for key, value in net.state_dict().items()})
        net.eval()
        return next(seen)

    overrides = (
        "train.validate_every=3",
        "train.keep=best",
        "train.schedule=plateau",
        "train.patience=1",
        "train.warmup=0",
    )
    trained = train(tiny("vit", *overrides), data, "r", tmp_path, "cpu", validate=validate)
    rows = [row for row in trained.history if "validation" in row]
    assert [row["step"] for row in rows] == [3, 6, 9, 12]
    assert [row["lr"] for row in rows] == pytest.approx([1e-2, 1e-2, 1e-2, 1e-3])
    assert all(torch.equal(value, kept[1][key]) for key, value in trained.model.state_dict().items())


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("train.schedule=plateau", r"plateau and train\.keep best need validations"),
        ("train.validate_every=3", "was given none"),
        ("train.schedule=step", r"needs train\.milestones"),
    ],
)
def test_settings_that_need_another_are_refused(data, tmp_path, override, message):
    with pytest.raises(InputError, match=message):
        train(tiny("vit", override), data, "r", tmp_path, "cpu")
