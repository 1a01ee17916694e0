import math

import numpy as np
import pandas as pd
import pytest

from twinlib.measure.bootstrap import bootstrap_by
from twinlib.measure.interval import NOT_KEPT, Interval, end_text, ends


def test_an_interval_in_words():
    assert f"{Interval(0.71234, 0.69, 0.733, 40):.3f}" == "0.712 [0.690, 0.733]"
    assert f"{Interval(0.7, math.nan, math.nan, 1, reason='x'):.2f}" == "0.70 [no interval]"
    assert ends(0.1, math.nan, ".1f") == "no interval"


def test_a_missing_interval_says_why_and_decides_nothing():
    assert Interval(0.7, 0.6, 0.8, 40).missing == ""
    assert Interval(0.7, math.nan, math.nan, 1, reason="one family").missing == "one family"
    assert Interval(0.7, math.nan, math.nan, 40).missing == NOT_KEPT
    assert not Interval(0.7, math.nan, math.nan, 1).excludes_zero


@pytest.mark.parametrize("metric", ["auc", "balanced_accuracy", "tar@far=0.1"])
def test_draws_are_made_once_where_a_folder_keeps_them(metric, tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    family = np.repeat(np.arange(12), 8)
    pairs = pd.DataFrame({"same": np.tile([0, 1], 48), "family_a": family, "family_b": family})
    one, other = rng.normal(size=(2, 96)) + pairs.same.to_numpy()
    ask = lambda scores, seed=0: bootstrap_by(pairs, scores, metric, (pairs, other), 60, seed)  # noqa: E731
    plain = [ask(one), ask(other), ask(one, 1)]
    monkeypatch.setenv("TWINLIB_INTERVALS", str(tmp_path))
    assert [str(ask(one)), str(ask(other)), str(ask(one, 1))] == list(map(str, plain))
    files = sorted(tmp_path.iterdir())
    assert len(files) == 6  # all families once, and the draws, of each
    monkeypatch.setattr("twinlib.measure.bootstrap.METRICS", {})  # nothing can be drawn any more
    again = [ask(one), ask(other), ask(one, 1)]
    assert [(i.value, i.low, i.high) for i in again] == [(i.value, i.low, i.high) for i in plain]
    files[0].write_bytes(files[0].read_bytes()[:40])
    files[1].write_bytes(b"")
    monkeypatch.undo()
    monkeypatch.setenv("TWINLIB_INTERVALS", str(tmp_path))
    assert [i.low for i in (ask(one), ask(other), ask(one, 1))] == [i.low for i in plain]
    assert all(np.load(file).size for file in files)  # whole again


def test_rounding_does_not_hide_the_side_of_an_end():
    assert [end_text(value) for value in (0.0003, -0.0004, 0.0, 0.0123)] == ["+0.0003", "-0.0004", "+0.000", "+0.012"]
    assert end_text(0.02, "+.1f") == "+0.02"
    assert end_text(0.0003, ".3f") == "0.000"
