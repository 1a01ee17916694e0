import numpy as np
import pytest

from twinlib.verify.answer import Embedded, answer
from twinlib.verify.calibrated import Calibrated
from twinlib.verify.recognise.pair import ShippedPair
from twinlib.verify.recognise.pair_facts import Facts
from twinlib.verify.recognise.recogniser import Seen

GOOD = Facts(120.0, 0.1, 0.0, 0.05, 1, 0.93, 0.1, 0)
KNOWN = Calibrated(0.4, 1e-3, 1e-3, (0.0, 0.2), 0.02, 100, "all", {"stranger": 1e-3}, "", "landmarks", "some pairs")
NONE = np.zeros((2, 2, 3), np.uint8)


@pytest.fixture
def recogniser(monkeypatch):
    monkeypatch.setattr(ShippedPair, "__init__", lambda self: self.__dict__.update(detector="yunet", align="landmarks"))
    return ShippedPair()


def seen(warnings=(), reasons=(), odd=""):
    return Embedded(np.ones(2, np.float32), Seen(None, NONE, {"x": 1}, GOOD, list(warnings), list(reasons)), odd)


def test_everything_is_told_by_the_names_of_the_two(recogniser):
    pair = {"one": seen(["blurred"], odd="grey; turned by EXIF"), "two": Embedded(np.ones(2, np.float32), None, "")}
    found = answer(recogniser, KNOWN, None, 0.5, pair)
    assert (found["verified"], found["abstained"], found["threshold_source"]) == (True, False, "calibration")
    assert (found["fmr_at_threshold"], found["fnmr_at_threshold"], found["threshold_on"]) == (1e-3, 0.02, "some pairs")
    assert found["warnings"][0] == "one: blurred"
    assert "never tested on identical twins" in found["warnings"][1]
    assert found["notes"] == ["one: grey", "one: turned by EXIF"]
    assert found["faces"]["img1"]["span"] == 120
    assert (found["faces"]["img2"], found["facial_areas"]) == (None, {"img1": {"x": 1}, "img2": None})
    assert "twins and siblings pass more often" in found["see_also"]
    assert "twinlib audit" in found["see_also"]
    assert "%" not in found["see_also"]


def test_a_reason_withholds_the_answer_but_not_the_score(recogniser):
    found = answer(recogniser, KNOWN, None, 0.9, {"a": seen(reasons=["too small"]), "b": seen()})
    assert (found["verified"], found["abstained"], found["reasons"]) == (None, True, ["a: too small"])
    assert found["score"] == 0.9


@pytest.mark.parametrize(("limit", "verified"), [(0.5, True), (0.49, False)])
def test_a_limit_of_the_request_is_a_distance_and_has_no_rates(recogniser, limit, verified):
    found = answer(recogniser, None, limit, 0.5, {"a": seen(), "b": seen()})
    assert found["verified"] is verified
    assert (found["threshold"], found["threshold_source"], found["threshold_on"]) == (limit, "argument", "")
    assert (found["fmr_at_threshold"], found["fnmr_at_threshold"], found["fmr_by_kind"]) == (None, None, {})
    assert found["warnings"] == []


def test_where_the_threshold_was_tried_on_twins_nothing_is_said_of_them(recogniser):
    tried = Calibrated(*list(KNOWN.__dict__.values())[:7], {"twin": 0.1}, "", "landmarks")
    assert answer(recogniser, tried, None, 0.5, {"a": seen(), "b": seen()})["warnings"] == []
