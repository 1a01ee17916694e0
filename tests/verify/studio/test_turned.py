import numpy as np
import pytest

from twinlib.errors import InputError
from twinlib.records.summary import CUES
from twinlib.verify.studio import turned
from twinlib.verify.studio.turned import FACTORS, FAMILIES, START

NOTHING = dict.fromkeys(FACTORS, 0.0)


def _apart(a, b):
    return np.abs(a.astype(int) - b).mean()


def test_without_a_cause_both_photographs_show_one_face():
    same, start = (_apart(*turned.pictures("medium", at)) for at in (NOTHING, START))
    assert same == 0 < 1 < start


@pytest.mark.parametrize("name", FACTORS)
def test_each_factor_changes_the_second_photograph_and_two_leave_the_first(name):
    moved = NOTHING | {name: FACTORS[name].values[-1]}
    assert _apart(turned.second("light", NOTHING), turned.second("light", moved)) > 0.02
    first = _apart(turned.first("light", NOTHING), turned.first("light", moved))
    assert (first == 0) == (name in ("age", "yaw"))


def test_a_larger_share_of_marks_adds_to_those_that_are_there():
    few, many = (turned._person("dark", 1, START | {"marks": share}).subject.marks for share in (0.5, 1.0))
    assert 0 < len(few.kind) < len(many.kind)
    np.testing.assert_array_equal(few.uv, many.uv[: len(few.kind)])


def test_families_span_the_tones_and_are_of_no_set():
    assert {family.bins[1] for family in FAMILIES.values()} == {"light", "medium", "dark"}
    assert all(family.number > turned.rendered.NOBODY for family in FAMILIES.values())


def test_steps_hold_the_start_and_both_ends():
    for name, factor in FACTORS.items():
        assert START[name] in factor.values
        assert START[name] in factor.finer()
        assert [factor.finer()[0], factor.finer()[-1]] == [factor.values[0], factor.values[-1]]


def test_an_unknown_family_or_factor_is_refused():
    with pytest.raises(InputError, match="wanted a family of light"):
        turned.first("green", START)
    with pytest.raises(InputError, match="got 'light'"):
        turned.first("light", {"asymmetry": 0.0})


def test_a_rung_keeps_its_cue_alone():
    assert turned.rung("marks alone") == NOTHING | {"marks": 1.0}
    assert turned.rung("nothing (control)") == NOTHING
    assert set(turned.RUNGS) == set(CUES)
    assert turned.address("asymmetry alone") == "twin_studio.html#studio=light.2.0.0.0.0"
