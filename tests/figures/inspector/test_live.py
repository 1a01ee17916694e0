import pytest
from inspector_factory import make_shown, network

from twinlib.errors import InputError
from twinlib.figures.inspector import live, page

PLAIN = {
    "own": False, "kind": "twin", "threshold": 0.2, "family": "", "a": "", "b": "", "swap": False, "flip_a": False,
    "flip_b": False, "occlude": 0.0, "height": 0.5, "redraw": False, "photo_a": "", "photo_b": "", "layer": None,
    "yaw": 0.0, "age_gap": 0.0, "marks": 1.0, "asymmetry_cm": 0.055,
}  # fmt: skip


@pytest.fixture
def answers(smoke_set, tmp_path):
    return live.Answers(make_shown(smoke_set, tmp_path / "run", network(), limit=8))


def test_it_works_on_what_the_page_works_on(answers):
    data = live.payload(answers.bench.shown)
    assert data.items() >= page.payload(answers.bench.shown).items()
    assert set(data["factors"]) == set(live.REDRAWN)


def test_kinds_change_the_choices(answers):
    for kind in ("twin", "sibling", "stranger"):
        choices = answers(PLAIN | {"kind": kind})["choices"]
        assert choices["family"]["all"] == answers.bench.families(kind)
        assert choices["b"]["chosen"] in answers.bench.second(choices["a"]["chosen"], kind)
    kept = choices["a"]["all"][-1]
    assert (
        answers(PLAIN | {"kind": kind, "family": choices["family"]["chosen"], "a": kept})["choices"]["a"]["chosen"]
        == kept
    )


def test_every_control_changes_the_picture_and_only_its_side(answers):
    plain = answers(PLAIN)
    for change in ({"flip_a": True}, {"occlude": 0.4}, {"redraw": True, "yaw": 45.0}):
        found = answers(PLAIN | change)
        assert found["a"] != plain["a"]
        assert found["b"] == plain["b"]
    assert answers(PLAIN | {"flip_b": True})["a"] == plain["a"]
    assert answers(PLAIN | {"yaw": 45.0}) == plain  # until it is asked for
    swapped = answers(PLAIN | {"swap": True})
    assert [swapped["a"], swapped["b"]] == [plain["b"], plain["a"]]
    eyes, other = (answers(PLAIN | {"layer": [region, "1"]})["a"] for region in ("eyes", "asymmetry"))
    assert len({eyes, other, plain["a"]}) == 3


def test_the_decision_follows_the_threshold(answers):
    assert "accepted as one person (FP)" in answers(PLAIN | {"threshold": -1.0})["said"]
    assert "rejected (TN)" in answers(PLAIN | {"threshold": 1.5})["said"]


def test_a_missing_photograph_is_refused(answers):
    with pytest.raises(InputError, match=r"nowhere\.jpg does not exist"):
        answers(PLAIN | {"own": True, "photo_a": "nowhere.jpg", "photo_b": "nowhere.jpg"})


def test_without_weights_there_is_no_score(smoke_set, tmp_path):
    answers = live.Answers(make_shown(smoke_set, tmp_path / "run", limit=8))
    assert answers(PLAIN)["said"] == live.NO_SCORE
