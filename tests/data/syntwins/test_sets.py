import pytest

from twinlib.data.syntwins import LADDER, SETS, find_set
from twinlib.data.syntwins.plan import plan_families
from twinlib.errors import InputError


def test_an_unknown_set_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match=r"'smok'.*smoke.*default"):
        find_set("smok")


def families(config):
    return {plan.number for plan in plan_families(config)}


def test_sets_share_no_family_but_the_ladder_shares_those_of_the_study():
    numbers = [number for name, config in SETS.items() if name not in LADDER for number in families(config)]
    assert len(set(numbers)) == len(numbers)
    held_out = {plan.number for plan in plan_families(SETS["study"]) if plan.split != "train"}
    assert all(families(SETS[name]) <= held_out for name in LADDER)


def test_the_ladder_asks_of_the_same_people_with_other_causes():
    study = {plan.number: plan for plan in plan_families(SETS["study"])}
    for name in LADDER:
        for plan in plan_families(SETS[name]):
            assert plan == study[plan.number]
    assert len({config.knobs for config in (SETS["study"], *map(find_set, LADDER))}) == 1 + len(LADDER)
