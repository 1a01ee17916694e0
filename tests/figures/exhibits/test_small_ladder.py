import numpy as np
import pytest
from inspector_factory import network

from twinlib.figures.exhibits import small_ladder
from twinlib.figures.exhibits.small_ladder import Moving, Rung


@pytest.fixture(scope="module")
def ladder():
    return small_ladder.drawn(families=2)


def test_rungs_show_the_same_photographs_with_other_cues(ladder):
    assert list(ladder) == list(small_ladder.RUNGS)
    assert {rung.crops.shape for rung in ladder.values()} == {(8, 112, 112, 3)}
    apart = {
        cue: np.abs(rung.crops[:4].astype(int) - ladder["nothing"].crops[:4]).mean() for cue, rung in ladder.items()
    }
    assert 0 == apart["nothing"] < apart["marks alone"]
    assert 0 < apart["asymmetry alone"] < apart["all cues"]


def test_one_person_twice_is_told_from_twins(monkeypatch):
    rung = Rung(np.zeros((8, 4, 4, 3), np.uint8), np.zeros((8, 4, 4)))
    for person, wanted in (([0, 0, 1, 1], 1.0), ([0, 1, 0, 1], 0.25)):
        e = np.eye(4)[np.add(np.tile(person, 2), np.repeat([0, 2], 4))].astype(np.float32)
        monkeypatch.setattr(small_ladder, "embed", lambda *_, e=e, **__: e)
        assert rung.auc(network()) == wanted


def test_looks_are_kept_and_the_network_goes_on_learning(ladder):
    look, net = Moving({"nothing": ladder["nothing"]}), network()
    assert set(look(net)[0]) == {"nothing"}
    assert net.training
    look(net)
    assert len(look.looks) == 2
