import numpy as np
import pytest
from audit_cases import asked, oracle, random_embeddings

from twinlib.audit import causes
from twinlib.audit.audited import cosines


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return asked(tmp_path_factory.mktemp("sets"), 100, 100)


def test_each_cause_has_its_own_rates(small):
    """Twins of one set pass, nobody else's: a single row says so."""
    scores = np.where(small.pairs["kind"] == "genuine", 1.0, 0.0)
    marked = ((small.pairs["set"] == "audit-marks") & (small.pairs["kind"] == "twin")).to_numpy()
    scores[marked] = 1.0
    rows = {row["set"]: row for row in causes.ladder(small, scores, 0.5, 20)}
    assert list(rows) == ["audit", *causes.CAUSES]
    assert {name: row["twins_fmr"]["value"] for name, row in rows.items()} == {
        name: float(name == "audit-marks") for name in rows
    }
    assert {row["fnmr"]["value"] for row in rows.values()} == {0.0}
    assert rows["audit-marks"]["auc"] == 0.5
    assert rows["audit"]["auc"] == 1.0
    assert rows["audit"]["twins_fmr"]["pairs"] == 40 * 16


def test_bins_hold_the_pairs_that_their_names_say(small, monkeypatch):
    """Every twin of more than 20 degrees passes, no other: the rates of the bins of head turn are 0, 0 and 1."""
    monkeypatch.setattr(causes, "LEAST", 5)
    first, second = (small.images.iloc[small.pairs[side]].reset_index(drop=True) for side in "ab")
    turned = np.maximum(abs(first["yaw"]), abs(second["yaw"])) >= 20
    scores = np.where((small.pairs["kind"] == "genuine") | turned, 1.0, 0.0)
    rows = [row for row in causes.bins(small, scores, 0.5, 20) if row["factor"] == "yaw"]
    assert {row["bin"]: row["twins_fmr"]["value"] for row in rows}["20 to 35"] == 1.0
    assert {row["twins_fmr"]["value"] for row in rows if row["bin"] != "20 to 35"} == {0.0}
    bare = (first["occluder"] == "none") & (second["occluder"] == "none") & (small.pairs["set"] == "audit-wide")
    wanted = (bare & turned & (small.pairs["kind"] == "twin")).sum()
    assert {row["bin"]: row["twins_fmr"]["pairs"] for row in rows}["20 to 35"] == wanted


def test_covers_are_told_apart(small):
    rows = causes.bins(small, cosines(small, random_embeddings(len(small.images))), 0.1, 20)
    covers = [row for row in rows if row["factor"] == "occluder"]
    assert [row["bin"] for row in covers] == ["nothing", "mask, one or both"]
    in_all = sum(row["twins_fmr"]["pairs"] for row in covers)
    assert in_all == ((small.pairs["set"] == "audit-wide") & (small.pairs["kind"] == "twin")).sum()


def test_few_pairs_give_no_bin_and_no_wide_set_none(small, monkeypatch):
    scores = cosines(small, oracle(small.images))
    monkeypatch.setattr(causes, "LEAST", 10**6)
    assert causes.bins(small, scores, 0.5, 5) == []
    narrow = small._replace(pairs=small.pairs[small.pairs["set"] == "audit"])
    assert causes.bins(narrow, scores[: len(narrow.pairs)], 0.5, 5) == []
