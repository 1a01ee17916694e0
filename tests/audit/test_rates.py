import numpy as np
import pandas as pd
import pytest
from audit_cases import asked, oracle, random_embeddings

from twinlib.audit import rates
from twinlib.audit.audited import cosines
from twinlib.measure.bootstrap import bootstrap_by, family_weights


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    whole = asked(tmp_path_factory.mktemp("sets"))
    return whole._replace(pairs=whole.pairs[whole.pairs["set"] == "audit"].reset_index(drop=True))


def some_scores(pairs, seed=0):
    """Genuine above twins above strangers, with noise and a share of each family's own."""
    rng = np.random.default_rng(seed)
    level = pairs["kind"].map({"genuine": 2.0, "twin": 1.2, "sibling": 0.6, "alike": 0.2, "stranger": 0.0})
    own = dict(zip(pairs["family_a"].unique(), rng.normal(0, 0.4, pairs["family_a"].nunique()), strict=True))
    return (level + pairs["family_a"].map(own) + rng.normal(0, 0.5, len(pairs))).to_numpy()


@pytest.mark.parametrize("kind", ["genuine", "twin", "alike"])
def test_rates_and_intervals_are_those_of_the_plain_bootstrap(small, kind):
    """The slow way: the strangers' FAR and the kind as the genuine pairs of `bootstrap_by`."""
    scores = some_scores(small.pairs)
    found = {row["fmr"]: row for row in rates.by_kind(small.pairs, scores, draws=60)}
    mask, strangers = (small.pairs["kind"] == kind).to_numpy(), (small.pairs["kind"] == "stranger").to_numpy()
    used = mask | strangers
    table = small.pairs[used].assign(same=mask[used].astype(int))
    wanted = bootstrap_by(table, scores[used], "tar@far=0.01", draws=60)
    ours = found[0.01][kind]
    turned = (1 - wanted.value, 1 - wanted.high, 1 - wanted.low)
    ends = turned if kind == "genuine" else (wanted.value, wanted.low, wanted.high)
    np.testing.assert_allclose([ours["value"], ours["low"], ours["high"]], ends, atol=1e-9)


def test_an_fmr_needs_ten_errors(small):
    scores = some_scores(small.pairs)
    kind = small.pairs["kind"].to_numpy()
    assert set(rates.thresholds(kind, scores)) == {1e-2, 1e-3}  # 20,000 strangers: two errors at 1e-4
    for fmr, threshold in rates.thresholds(kind, scores).items():
        assert (scores[kind == "stranger"] >= threshold).sum() == round(fmr * 20_000)


def test_drawn_thresholds_look_further_where_few_best_pairs_do_not_suffice():
    """All the best strangers are of one family, which a draw may take many times, or not at all."""
    rng = np.random.default_rng(0)
    families = np.stack([rng.integers(0, 5, 1500), rng.integers(5, 10, 1500)], 1)
    scores = rng.normal(size=1500).round(2) + 5 * (families[:, 0] == 0)
    weights = family_weights(10, 30, 3)
    found = rates.drawn_thresholds(scores, families, weights, 0.3)
    for d, threshold in enumerate(found):
        weight = weights[families[:, 0], d] * weights[families[:, 1], d]
        k = np.floor(0.3 * weight.sum() + 1e-9)
        reaching = [s for s in np.unique(scores) if weight[scores >= s].sum() > k]
        assert threshold == max(reaching)


def test_a_random_embedding_has_equal_rates_for_all_kinds(small):
    scores = cosines(small, random_embeddings(len(small.images)))
    for row in rates.by_kind(small.pairs, scores, draws=300):
        for kind in ("genuine", "twin", "sibling", "alike"):
            passed = 1 - row[kind]["value"] if kind == "genuine" else row[kind]["value"]
            assert passed == pytest.approx(row["fmr"], abs=4 * np.sqrt(row["fmr"] / row[kind]["pairs"]))


def test_an_oracle_has_no_errors(small):
    for row in rates.by_kind(small.pairs, cosines(small, oracle(small.images)), draws=50):
        assert [row[kind]["value"] for kind in ("genuine", "twin", "sibling", "alike")] == [0, 0, 0, 0]
        assert {row[kind]["interval"] for kind in ("genuine", "twin")} == {"exact"}
        assert 0 < row["twin"]["high"] < 0.01


def test_a_share_counts_families_not_pairs():
    accepted = np.array([True] * 50 + [False] * 50)
    together = rates.share(accepted, np.repeat(np.arange(10), 10), 500)
    apart = rates.share(accepted, np.arange(100), 500)
    assert together["value"] == apart["value"] == 0.5
    assert together["families"] == 10
    assert together["high"] - together["low"] > 2 * (apart["high"] - apart["low"])
    assert rates.share(np.zeros(30, bool), np.arange(30))["high"] == pytest.approx(0.1157, abs=1e-3)  # Clopper–Pearson


def test_the_shift_is_told_in_means_and_shares():
    kind = np.array(["genuine", "genuine", "stranger"])
    edges, found = rates.shift(kind, np.array([0.5, 1.0, 0.0]))
    assert (edges[0], edges[-1], len(edges)) == (0.0, 1.0, rates.BINS + 1)
    assert found["genuine"]["mean"] == 0.75
    assert sum(found["genuine"]["share"]) == pytest.approx(1)
    assert set(found) == {"genuine", "stranger"}
    assert rates.shift(kind, np.zeros(3))[0][-1] == 1.0  # one score alone has bins too


def test_a_kind_without_pairs_has_no_rate(small):
    pairs = small.pairs[small.pairs["kind"].isin(("genuine", "twin", "stranger"))]
    [row, *_] = rates.by_kind(pairs, some_scores(pairs), draws=20)
    assert set(row) == {"fmr", "threshold", "genuine", "twin"}
    assert isinstance(pairs, pd.DataFrame)
