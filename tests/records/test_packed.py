import numpy as np
import pandas as pd
import pytest
from run_factory import pair_list

from twinlib.errors import InputError
from twinlib.measure.metrics import auc
from twinlib.records.packed import pack, rounded, unpack
from twinlib.records.runs import score_table


@pytest.mark.parametrize("spread", [0.2, 0.02, 1e-5])
@pytest.mark.parametrize("gap", [0.0, 0.5, 2.0, 4.0])
@pytest.mark.parametrize("tail", ["normal", "uniform", "saturated"])
def test_a_byte_a_score_keeps_the_auc_to_one_in_ten_thousand(spread, gap, tail):
    """19,200 pairs, as many as 800 families give, of networks at chance, good ones, and ones whose scores are alike."""
    rng = np.random.default_rng(1)
    same = np.repeat([0, 1], 9_600)
    noise = rng.uniform(-1, 1, same.size) if tail == "uniform" else rng.normal(size=same.size)
    scores = 0.4 + spread * (noise + gap * same)
    scores = np.tanh(4 * scores) if tail == "saturated" else scores
    assert auc(rounded(scores), same) == pytest.approx(auc(scores, same), abs=1e-4)


def test_rounding_keeps_the_order_and_moves_no_score_far():
    scores = np.random.default_rng(0).normal(size=1000)
    once = rounded(scores)
    assert 150 < len(np.unique(once)) <= 192
    assert np.abs(once - scores).max() < np.ptp(scores) / 90
    assert (np.diff(once[np.argsort(scores)]) >= 0).all()
    assert np.allclose(rounded(np.full(3, 0.7)), 0.7, atol=1e-14)
    assert rounded(np.array([])).size == 0


def test_what_was_not_rounded_is_not_packed(tmp_path):
    with pytest.raises(InputError, match="scores of twin were not rounded"):
        pack(tmp_path, tmp_path, {"twin": pair_list(2).assign(score=lambda t: np.sqrt(t.pair))})


def test_several_protocols_of_any_range_survive_the_disk(tmp_path):
    rng, pairs = np.random.default_rng(0), pair_list(5)
    of = {"b": rng.normal(size=len(pairs)), "a": 1 - 1e-7 * rng.random(len(pairs)), "one": np.full(len(pairs), 1 / 3),
          "few": pairs.same.to_numpy() - 0.5}  # fmt: skip
    tables = {name: score_table(pairs, score) for name, score in of.items()}
    said = pack(tmp_path, tmp_path, tables)
    content = (tmp_path / "scores.npz").read_bytes()
    for name, table in tables.items():
        pd.testing.assert_frame_equal(unpack(content, tmp_path, name, said[name], "r"), table)
    assert auc(tables["few"].score.to_numpy(), pairs.same.to_numpy()) == 1
