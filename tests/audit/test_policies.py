import numpy as np
import pytest
from audit_cases import asked, oracle, random_embeddings

from twinlib.audit import policies


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return asked(tmp_path_factory.mktemp("sets"), 20_000, 10)


def test_a_stricter_threshold_keeps_what_it_promises_and_costs_more_the_stricter_it_is(small):
    pairs = small.pairs[small.pairs["set"] == "audit"]
    rng = np.random.default_rng(0)
    kind = pairs["kind"].to_numpy()
    scores = np.where(kind == "genuine", 1.0, 0.0) + rng.normal(0, 0.8, len(kind))
    rows = policies.stricter(pairs, scores, 20)
    assert [row["twins_fmr"] for row in rows] == [0.5, 0.2, 0.1, 0.05]  # 640 twin pairs: six errors at 1 %
    for row in rows:
        assert (scores[kind == "twin"] >= row["threshold"]).mean() <= row["twins_fmr"]
    costs = [row["fnmr"]["value"] for row in rows]
    assert costs == sorted(costs)
    own = pairs["family_a"].isin(pairs.loc[kind == "twin", "family_a"]) & (kind == "genuine")
    assert costs[0] == pytest.approx((scores[own] < rows[0]["threshold"]).mean())
    assert rows[0]["fnmr"]["pairs"] == 40 * 2 * 6


def test_the_best_of_several_images_has_a_threshold_of_its_own(small, monkeypatch):
    monkeypatch.setattr(
        policies, "thresholds", lambda kind, scores: {1e-3: np.quantile(scores[kind == "stranger"], 0.9)}
    )
    rows = policies.best_of(small.images, random_embeddings(len(small.images)), 20)
    assert [row["images"] for row in rows] == [1, 2, 3]
    limits = [row["threshold"] for row in rows]
    assert limits == sorted(limits)  # the best of more images is higher for strangers too
    for row in rows:
        assert row["twins_fmr"]["value"] == pytest.approx(0.1, abs=0.12)
        assert row["twins_fmr"]["pairs"] == 80
        assert row["fnmr"]["pairs"] == 140
    monkeypatch.undo()
    none = policies.best_of(small.images, oracle(small.images), 20)
    assert {row["fnmr"]["value"] for row in none} | {row["twins_fmr"]["value"] for row in none} == {0.0}


def test_too_few_strangers_give_no_row(small):
    images = small.images[small.images["family"].isin(["f0", "f60"])]
    assert policies.best_of(images, oracle(images), 5) == []


def test_a_second_factor_multiplies():
    row = {"fmr": 1e-3, "genuine": {"value": 0.2}, "twin": {"value": 0.5}}
    found = policies.second_factor(row)
    assert found["twins_fmr"] == pytest.approx(0.5 * policies.FACTOR["accepts_twin"])
    assert found["fnmr"] == pytest.approx(1 - 0.8 * (1 - policies.FACTOR["fails_owner"]))
