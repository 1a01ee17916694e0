from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from twinlib.verify.recognise import rules
from twinlib.verify.recognise.pair_facts import Facts
from twinlib.verify.recognise.rules import judged

GOOD = Facts(span=120.0, turned=0.1, outside=0.0, sharpness=0.05, faces=1, score=0.93, margin=0.1, turn=0)
MEASURED = Path(__file__).parents[3] / "results/benchmarks/verify_limits.csv"


def test_nothing_is_said_of_a_good_face_however_it_is_turned():
    assert judged(GOOD) == ([], [])
    assert judged(replace(GOOD, turn=2)) == ([], [])


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"span": 30.0}, "30 px from brow to chin, 31 are needed"),
        ({"outside": 0.37}, "37% of its crop is missing"),
        ({"sharpness": 0.001}, "blurred too much"),
    ],
)
def test_there_is_no_answer(change, text):
    warnings, [reason] = judged(replace(GOOD, **change))
    assert warnings == []
    assert text in reason


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"span": 35.0}, "35 px from brow to chin only"),
        ({"outside": 0.12}, "12% of its crop is missing"),
        ({"sharpness": 0.007}, "the face is blurred"),
        ({"turned": 0.9}, "strongly turned"),
        ({"faces": 3}, "3 faces"),
        ({"margin": 0.01}, "which way up"),
        ({"margin": -0.1}, "which way up"),
        ({"score": 0.65}, "whether this is a face"),
    ],
)
def test_something_bears_on_the_answer(change, text):
    [warning], reasons = judged(replace(GOOD, **change))
    assert reasons == []
    assert text in warning


def _crossing(kind, column):
    """Median of a fact where the true accept rate of pairs that are both worse has fallen by 2 points."""
    table = pd.read_csv(MEASURED).query("which == 'both'")
    before = table.query("kind == 'none'")["tar"].item()
    rows = table[table["kind"].isin(["none", kind])].sort_values("tar")
    return np.interp(before - 0.02, rows["tar"], rows[column])


def test_size_and_blur_are_where_the_rate_has_fallen_by_two_points():
    assert rules.SMALL == pytest.approx(_crossing("size", "median_span"), abs=1.5)
    assert rules.BLURRED == pytest.approx(_crossing("blur", "median_sharpness"), rel=0.15)


def test_cut_faces_of_the_limit_are_accepted_but_match_too_often():
    table = pd.read_csv(MEASURED).query("which == 'both'")
    before = table.query("kind == 'none'").iloc[0]
    cut = table[table["kind"].str.startswith("cut") & (table["median_outside"] < rules.CUT)]
    assert len(cut) >= 3
    assert (cut["tar"] > before["tar"] - 0.02).all()
    assert cut["fmr"].max() > 3 * before["fmr"]
