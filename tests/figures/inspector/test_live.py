import pytest
from inspector_factory import make_shown, network

from twinlib.figures.inspector.bench import Bench
from twinlib.figures.inspector.live import Live


@pytest.fixture
def live(smoke_set, tmp_path):
    return Live(make_shown(smoke_set, tmp_path / "run", network(), limit=8))


def _counts(live):
    return [
        int(cell.split()[1])
        for cell in live.counted.value.replace("</td>", "<td>").split("<td>")
        if cell[:3] in ("TP ", "FP ", "FN ", "TN ")
    ]


def test_counts_follow_the_threshold_and_are_the_librarys(live):
    for value in (live.threshold.min, 0.25, 1.0):
        live.threshold.value = value
        assert _counts(live) == list(Bench(live.shown).counts("twin", value))
    live.validation.click()
    assert live.threshold.value == pytest.approx(live.shown.thresholds["twin"])


def test_pair_type_changes_choices_and_protocol(live):
    live.kind.value = "sibling"
    assert "protocol sibling" in live.counted.value
    assert live.family.value in live.bench.families("sibling")
    assert live.image_b.value in live.bench.second(live.image_a.value, "sibling")
    live.kind.value = "stranger"
    assert "protocol general" in live.counted.value


def test_every_control_changes_the_picture_and_only_its_side(live):
    def pictures():
        return [picture.value for picture in live.pictures]

    a, b = pictures()
    live.flips[0].value = True
    assert pictures()[0] != a
    assert pictures()[1] == b
    live.flips[0].value = False
    assert pictures() == [a, b]
    live.occlude.value = 0.4
    assert pictures()[0] != a
    live.occlude.value = 0.0
    live.overlay.value = True
    seen = pictures()
    assert seen != [a, b]
    live.region.value = "asymmetry"
    assert pictures() != seen
    live.overlay.value = False
    live.swap.click()
    assert pictures() == [b, a]


def test_drawing_again_changes_score_and_picture(live):
    before = live.pictures[0].value
    live.factors["yaw"].value = 45.0
    assert live.pictures[0].value == before  # until it is asked for
    live.redraw.value = True
    assert live.pictures[0].value != before


def test_a_missing_photograph_is_said_in_the_form(live):
    live.paths[0].value = live.paths[1].value = "nowhere.jpg"
    live.own.click()
    assert "nowhere.jpg does not exist" in live.said.value


def test_without_weights_the_counts_are_still_there(smoke_set, tmp_path):
    live = Live(make_shown(smoke_set, tmp_path / "run", limit=8))
    assert "no score of its own" in live.said.value
    assert sum(_counts(live)) == len(live.shown.scores["twin"])
