import pytest

from twinlib import config
from twinlib.config.sections import several
from twinlib.errors import InputError


def test_terms_by_name_and_null_leaves_one_out():
    given = {"alignment": {"weight": 0.5}, "ehsm": {}, "symface": None}
    assert several(given, "terms", config.TERMS, "x") == {
        "alignment": config.Alignment(weight=0.5),
        "ehsm": config.EHSM(),
    }
    assert several(None, "terms", config.TERMS, "x") == {}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (3, "x: terms must hold names and their settings, found 3"),
        ({"allign": {}}, r"x: terms\.allign is unknown; known: alignment"),
        ({"alignment": {"wieght": 1}}, r"x: terms\.alignment\.wieght is unknown; known: weight, form"),
        ({"alignment": {"weight": "much"}}, "x: .*much"),
        ({"alignment": 3}, r"x: terms\.alignment must hold keys and values, found 3"),
    ],
)
def test_bad_names_keys_and_types_are_refused(given, message):
    with pytest.raises(InputError, match=message):
        several(given, "terms", config.TERMS, "x")
