import dataclasses

import pytest
import yaml

from twinlib import config
from twinlib.config.experiment import differences
from twinlib.errors import InputError


@pytest.mark.parametrize("profile", config.PROFILES)
@pytest.mark.parametrize("name", config.experiments())
def test_every_experiment_resolves_in_every_profile(name, profile):
    experiment = config.load(name, profile)
    assert experiment.name == name
    assert experiment.profile == profile
    assert experiment.as_dict()["train"]["passes"] == experiment.train.passes > 0


def test_every_experiment_asks_a_question():
    for name, question in config.experiments().items():
        assert "?" in question, f"{name}.yaml must begin with its question"


def test_defaults_are_the_paper():
    full = config.load("vit", "full")
    assert (full.model.width, full.model.depth, full.model.heads, full.model.patch) == (768, 12, 12, 16)
    assert (full.train.lr, full.train.weight_decay, full.train.optimizer) == (1e-4, 5e-4, "adam")
    assert 2 * full.train.groups * full.train.images_per_subject == 64


def test_base_and_profile_layers_merge_key_by_key():
    vit, grid = config.load("vit", "cpu"), config.load("vit_grid", "cpu")
    assert dataclasses.replace(grid.model, head="cls") == vit.model
    assert grid.train == vit.train


def test_small_networks_learn_on_the_study_from_a_start_that_favours_no_head():
    vit, flipped = config.load("vit", "cpu"), config.load("ahan_flip", "cpu")
    assert vit.model.stem == "even"  # with conv, columns do not mirror each other
    assert (vit.data.name, vit.data.relations, vit.data.flip) == ("study2", ("mz",), "none")
    assert vit.train.trunk == "strangers0"
    assert flipped.data.flip == "augment"  # its own question
    assert vit.evaluate.sets == config.load("arcface", "cpu").evaluate.sets
    assert all(name.startswith("study2-") for name in vit.evaluate.sets)


def test_override_wins_and_scientific_notation_is_a_number():
    experiment = config.load("vit", "cpu", ("train.lr=1e-4", "model.head=grid", "triplet.weight=0.2"))
    assert experiment.train.lr == 1e-4
    assert experiment.model.head == "grid"
    assert experiment.triplet == config.TwinTriplet(weight=0.2)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("train.lrr=1", r"train\.lrr is unknown; known: passes"),
        ("piar.p=1", "key 'piar' is unknown"),
        ("train.lr=fast", r"train\.lr.*float.*fast"),
        ("model.head=top", r"model\.head.*cls.*grid"),
        ("model.name=vitt", "model 'vitt' is unknown; known: ahan"),
        ("loss.name=arc", r"loss 'arc' is unknown; known: .*arcface"),
        ("train=3", "train must hold keys and values"),
        ("train.lr", "must read key=value"),
        ("train.lr=[", "not valid YAML"),
        ("model=3", "model must be a name or hold keys and values, found 3"),
        ("train.groups=0", r"vit: train\.groups must be a whole number of at least 1, got 0"),
        ("train.lr=.nan", r"train\.lr must be a number above 0, got nan"),
        ("model.mlp_ratio=0", r"vit: model\.mlp_ratio must be a number above 0"),
        ("loss.s=0", r"vit: loss\.s must be a number above 0, got 0"),
        ("data.families=-3", r"data\.families must be a whole number of at least 1, got -3"),
        ("data.families=0", r"data\.families must be a whole number of at least 1, got 0"),
        ("train.momentum=1", r"train\.momentum must be a number of at least 0 and below 1, got 1"),
        ("train.decays={embed: -0.1}", r"train\.decays\['embed'\] must be a number of at least 0, got -0.1"),
        ("train.milestones=[0.2, 1.5]", r"train\.milestones\[1\] must be a number above 0 and below 1, got 1.5"),
        ("train.milestones=[0.5, 0.2]", r"train\.milestones must rise, got \[0.5, 0.2\]"),
        ("train.warmup=601", r"train\.warmup must be at most the 125 steps"),
        ("data.size=96", r"data\.size 96 and model\.image_size 112 must be equal"),
    ],
)
def test_bad_keys_and_types_are_refused_by_name(override, message):
    with pytest.raises(InputError, match=message):
        config.load("vit", "cpu", (override,))


def test_another_loss_starts_from_its_own_defaults_and_another_network_keeps_the_sizes():
    experiment = config.load("vit", "cpu", ("loss=cosface", "model.name=ahan"))
    assert experiment.loss == config.CosFace()
    assert experiment.model == config.AHAN(**vars(config.load("vit", "cpu").model))
    assert config.load("vit", "cpu", ("loss={name: cosface, m: 0.3}",)).loss == config.CosFace(m=0.3)
    assert config.load("vit", "cpu", ("loss.name=arcface",)).loss == config.load("vit", "cpu").loss


def test_the_key_holds_what_differs_from_the_defaults_only():
    key = config.load("ahan", "full", ("train.lr=0.5", "model.faam.signed=true", "model.hca=null")).key()
    assert key["train"] == {"lr": 0.5, "trunk": "hub"}
    assert key["model"] == {"backbone": "vit_base_patch16_224.augreg_in21k", "hca": None, "faam": {"signed": True}}
    assert key["triplet"] == {}
    assert config.load("vit", "full", ("triplet=null",)).key()["triplet"] is None
    assert (key["name"], key["profile"], key["seed"]) == ("ahan", "full", 0)


def test_a_setting_added_later_leaves_the_key_as_it_was():
    old = dataclasses.make_dataclass("S", [("a", int, 1)], frozen=True)
    new = dataclasses.make_dataclass("S", [("a", int, 1), ("b", int, 2)], frozen=True)
    assert differences(old(a=5), old()) == differences(new(a=5), new()) == {"a": 5}


def test_unknown_experiment_and_profile_list_what_is_known():
    with pytest.raises(InputError, match=r"'vti' is unknown; known: .*vit"):
        config.load("vti")
    with pytest.raises(InputError, match="'huge' is unknown; known: smoke, cpu, full"):
        config.load("vit", "huge")


def test_experiment_from_a_file_of_ones_own(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("# Mine?\nbase: vit\ntrain: {lr: 5.0e-4}\n")
    experiment = config.load(str(file), "smoke")
    assert (experiment.name, experiment.train.lr) == ("mine", 5e-4)
    assert experiment.model == config.load("vit", "smoke").model


@pytest.mark.parametrize(("text", "message"), [("a: [", "not valid YAML"), ("- 1", "must hold keys and values")])
def test_broken_yaml_is_refused_with_its_file(tmp_path, text, message):
    file = tmp_path / "broken.yaml"
    file.write_text(text)
    with pytest.raises(InputError, match=rf"broken\.yaml.*{message}"):
        config.load(str(file))


def test_base_of_a_base_is_refused(tmp_path):
    middle, top = tmp_path / "middle.yaml", tmp_path / "top.yaml"
    middle.write_text("base: vit\n")
    top.write_text(yaml.safe_dump({"base": str(middle)}))
    with pytest.raises(InputError, match="one level is the limit"):
        config.load(str(top))


def test_a_misspelt_profile_in_a_file_is_refused(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("base: vit\nprofiles: {smok: {train: {lr: 1.0}}}\n")
    with pytest.raises(InputError, match="profile 'smok' is unknown; known: smoke, cpu, full"):
        config.load(str(file), "smoke")


def test_hooks_that_came_later_are_part_of_the_key_only_where_they_are_used():
    plain = config.load("ahan", "cpu").key()
    assert {"terms", "sampler", "sampler_name", "perturb", "perturb_name"} & set(plain) == set()
    used = ("terms={ehsm: {}, alignment: {weight: 0.3}}", "sampler=shuffled", "perturb={p: 0.5}")
    key = config.load("ahan", "cpu", used).key()
    assert key["terms"] == {"ehsm": {}, "alignment": {"weight": 0.3}}
    assert (key["sampler_name"], key["sampler"], key["perturb_name"]) == ("shuffled", {}, "structure")
    assert key["perturb"] == {"p": 0.5}


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (("terms={twin_triplet: {}}", "triplet={}"), "triplet and terms.twin_triplet are the same term"),
        (("loss=none", "triplet=null"), "loss none needs a term"),
        (("sampler=twin",), r"sampler 'twin' is unknown; known: .*twins_and_singles"),
        (("perturb=dpapp",), r"perturb 'dpapp' is unknown; known: dpap, structure"),
        (("terms={alignment: {weight: .inf}}",), r"terms\.alignment\.weight must be a number of at least 0, got inf"),
    ],
)
def test_impossible_hooks_are_refused(overrides, message):
    with pytest.raises(InputError, match=message):
        config.load("vit", "smoke", overrides)
