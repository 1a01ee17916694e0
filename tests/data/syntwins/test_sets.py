import pytest

from twinlib.data.syntwins import GRID, LADDER, PRESETS, PURPOSES, SETS, find_set
from twinlib.data.syntwins.knobs import Knobs
from twinlib.data.syntwins.plan import plan_families
from twinlib.errors import InputError


def test_an_unknown_set_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match=r"'smok'.*smoke.*default"):
        find_set("smok")


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
    pools = {"study": {"study", "asymmetry", "study-mirror", *LADDER, *GRID}, "preset": set()}
    pools["preset"] = {f"preset-{name}" for name in PRESETS}
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
    assert SETS["asymmetry"].knobs == Knobs(divergence=0.0, asymmetry_cm=0.11, marks=0.0, own_texture=False)
