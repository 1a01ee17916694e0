import json
from collections import Counter
from dataclasses import replace

import pytest

from syntwins import GRID, LADDER, PRESETS, PURPOSES, SETS, find_set
from syntwins.knobs import Knobs, plain
from syntwins.sets.dataset import set_hash
from syntwins.sets.named import AUDIT
from syntwins.sets.plan import plan_families
from twinlib.errors import InputError


def test_an_unknown_set_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match=r"'smok'.*smoke.*default"):
        find_set("smok")


MAIN_LADDER = [name.replace("study", "study2") for name in LADDER]
OLDER = ["smoke", "default", "study", "asymmetry", "large", *LADDER, *GRID, *(f"preset-{name}" for name in PRESETS)]


def families(config):
    return {plan.number for plan in plan_families(config)}


def test_a_family_that_two_sets_share_is_in_one_split_and_from_one_seed():
    """Otherwise a model trained on one set would have seen the people that another tests on."""
    homes = {}
    for config in SETS.values():
        for plan in plan_families(config):
            homes.setdefault(plan.number, set()).add((plan.split, plan.palette, plan.sex, config.seed))
    assert {len(home) for home in homes.values()} == {1}


def test_only_sets_that_ask_of_the_same_people_share_families():
    pools = {"study": {"study", "asymmetry", "study-mirror", *LADDER, *GRID}, "study2": {"study2", *MAIN_LADDER}}
    pools["preset"] = {f"preset-{name}" for name in PRESETS}
    pools["audit"] = set(AUDIT)
    pool_of = {name: pool for pool, names in pools.items() for name in names}
    owner = {}
    for name, config in SETS.items():
        for number in families(config):
            assert owner.setdefault(number, pool_of.get(name, name)) == pool_of.get(name, name)
    held_out = {plan.number for plan in plan_families(SETS["study"]) if plan.split != "train"}
    assert all(families(SETS[name]) <= held_out for name in (*LADDER, *GRID, "study-mirror"))


def test_the_ladder_asks_of_the_same_people_with_other_causes():
    study = {plan.number: plan for plan in plan_families(SETS["study"])}
    for name in LADDER:
        for plan in plan_families(SETS[name]):
            assert plan == study[plan.number]
    assert len({config.knobs for config in (SETS["study"], *map(find_set, LADDER))}) == 1 + len(LADDER)


def test_the_second_ladder_asks_of_the_first_test_families_of_the_study():
    study = {plan.number: plan for plan in plan_families(SETS["study2"])}
    for name in MAIN_LADDER:
        plans = plan_families(SETS[name])
        assert [replace(plan, images=0) for plan in plans] == [replace(study[p.number], images=0) for p in plans]
        assert Counter(plan.split for plan in plans) == {"validation": 64, "test": 160}
        assert SETS[name].knobs == SETS[name.replace("2", "")].knobs


def test_the_study_has_fresh_families_of_every_kind():
    plans = plan_families(SETS["study2"])
    kinds = Counter((plan.split, plan.relation) for plan in plans)
    assert kinds["test", "mz"] >= 800
    assert kinds["train", "mz"] >= 320
    assert min(kinds["train", "sibling"], kinds["train", "single"]) >= 100
    assert {plan.relation: plan.members for plan in plans} == {"mz": 2, "sibling": 2, "single": 1}
    fresh = set().union(*(families(SETS[name]) for name in ("study2", "asymmetry2", "strangers")))
    assert fresh.isdisjoint(set().union(*(families(SETS[name]) for name in OLDER)))


def test_what_older_sets_hold_is_what_their_records_say():
    """A count that came later must not change the hash that committed records name."""
    assert set_hash(SETS["study"]).startswith("69a6ee70")
    assert set_hash(SETS["default"]).startswith("634b6d10")
    assert "single" not in json.dumps(plain(SETS["default"]))
    assert "single" in json.dumps(plain(SETS["study2"]))


def test_every_set_of_the_audit_asks_of_its_first_twins():
    whole = {plan.number: plan for plan in plan_families(SETS["audit"])}
    kinds = Counter(plan.relation for plan in whole.values())
    assert sum(kinds.values()) >= 300
    assert set(kinds) == {"mz", "sibling", "single"}
    calibrated = vars(PRESETS["calibrated"])
    causes = {}
    for name in AUDIT:
        plans = plan_families(SETS[name])
        assert all(replace(plan, images=4) == whole[plan.number] for plan in plans)
        knobs = vars(SETS[name].knobs)
        causes[name] = [key for key in ("divergence", "asymmetry_cm", "marks", "own_texture") if knobs[key]]
        assert all(knobs[key] == calibrated[key] for key in causes[name])
    assert [len(found) for found in causes.values()] == [4, 0, 1, 1, 1, 1, 4]
    assert len({tuple(found) for found in causes.values()}) == 6


def test_the_grid_holds_every_subset_of_three_causes_once():
    on = lambda knobs: (knobs.asymmetry_cm > 0, knobs.marks > 0, knobs.divergence > 0)  # noqa: E731
    assert len({on(knobs) for knobs in GRID.values()}) == 8 == len(GRID)
    for name, knobs in GRID.items():
        assert (name.count("asymmetry"), name.count("marks"), name.count("divergence")) == on(knobs)
        assert not knobs.own_texture  # a fourth cause would run through every cell
        assert SETS[name].knobs == knobs


def test_every_set_says_what_it_is_for_and_the_large_one_is_large():
    assert set(PURPOSES) == set(SETS)
    large = SETS["large"].train
    assert large.mz >= 1000
    assert large.images >= 16
    assert large.single >= large.mz / 3  # for batches of three twin groups to one single person
    assert SETS["asymmetry"].knobs == Knobs(divergence=0.0, asymmetry_cm=0.11, marks=0.0, own_texture=False)
