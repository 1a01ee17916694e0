import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from twinlib.errors import InputError
from twinlib.measure.kfold import cosine, kfold_accuracy
from twinlib.measure.verification import FLIPS, RULES, joined, predictions, verify_pairs


@pytest.fixture
def example():
    rng = np.random.default_rng(0)
    e, f = rng.normal(size=(2, 80, 8)).astype(np.float32)
    a, b = np.arange(40), np.arange(40, 80)
    same = np.tile([1, 0], 20)
    e[b[same == 1]] = e[a[same == 1]] + 0.8 * e[b[same == 1]]
    return SimpleNamespace(e=e, f=f, a=a, b=b, same=same, fold=np.arange(40) // 10)


def test_flips(example):
    e, f = example.e, example.f
    np.testing.assert_array_equal(joined(e, None, "off"), e)
    np.testing.assert_allclose(joined(e, f, "sum"), e.astype(float) + f)
    assert joined(e, f, "concat").shape == (80, 16)
    with pytest.raises(InputError, match="needs features of the mirrored images"):
        joined(e, None, "sum")
    with pytest.raises(InputError, match="flip 'max' is unknown; known: off, sum, concat"):
        joined(e, f, "max")


def test_rules_agree_where_pairs_are_far_apart(example):
    x = np.vstack([np.eye(80), np.eye(80)])  # genuine pairs are equal, the others orthogonal
    b = np.where(example.same == 1, example.a + 80, example.b)
    results = [verify_pairs(x, example.a, b, example.same, example.fold, rule) for rule in RULES]
    assert [(r.accuracy, r.auc, r.eer) for r in results] == [(1.0, 1.0, 0.0)] * 3
    assert [r.rule for r in results] == list(RULES)


def test_figures_are_those_of_the_metrics(example):
    x = joined(example.e, None, "off")
    found = verify_pairs(x, example.a, example.b, example.same, example.fold, flip="off")
    scores = cosine(x[example.a], x[example.b])
    wanted = kfold_accuracy(scores, example.same, example.fold)
    assert (found.accuracy, found.accuracy_sd, found.pairs) == (wanted.mean, wanted.sd, 40)
    assert list(found.tar_at_far) == ["0.1"]  # 20 impostors cannot show 0.01
    assert json.loads(json.dumps(found.as_dict()))["fold_accuracies"] == wanted.accuracies.tolist()
    assert "4 folds, rule midpoints, flip off" in str(found)


def test_refusals(example):
    with pytest.raises(InputError, match="rule 'median' is unknown; known: midpoints"):
        verify_pairs(example.e, example.a, example.b, example.same, example.fold, "median")
    with pytest.raises(InputError, match="at least two folds"):
        verify_pairs(example.e, example.a, example.b, example.same, np.zeros(40, int))


@pytest.mark.data
@pytest.mark.parametrize("net", ["xiaoccer", "foam"])
def test_reference_figures_of_every_flip_and_rule(shared_data, net):
    """Accuracy within 0.05 points, AUC within 0.0005 of the reference file."""
    stored = np.load(shared_data / f"embeddings/mobilefacenet_{net}_folds01-07.npz")
    pairs = pd.read_csv(shared_data / "lfw/pairs_folds01-07.csv")
    row = {name: i for i, name in enumerate(stored["names"])}
    a, b = (pairs[side].map(row).to_numpy() for side in ("image_a", "image_b"))
    wanted = json.loads((shared_data / "reference_metrics.json").read_text())[net]
    for flip, name in zip(FLIPS, ("noflip", "flipsum", "flipcat"), strict=True):
        x = joined(stored["emb"], stored["emb_flip"], flip)
        for rule in RULES:
            found = verify_pairs(x, a, b, pairs["same"].to_numpy(), pairs["fold"].to_numpy(), rule, flip)
            own = wanted[name] if rule == "midpoints" else wanted[name][f"{rule}_rule"]
            assert 100 * found.accuracy == pytest.approx(own["acc_mean"], abs=0.05)
            assert found.auc == pytest.approx(wanted[name]["auc"], abs=0.0005)


@pytest.mark.parametrize("rule", RULES)
def test_what_became_of_each_pair_adds_up_to_the_accuracy_of_its_fold(example, rule):
    given = (joined(example.e, example.f, "sum"), example.a, example.b, example.same, example.fold)
    found = verify_pairs(*given, rule)
    each = predictions(*given, found)
    right = pd.Series(each[:, 3]).groupby(example.fold).mean()
    np.testing.assert_allclose(right, found.fold_accuracies)
    np.testing.assert_array_equal(each[:, 2] == example.same, each[:, 3])
    assert len(np.unique(each[:, 1])) <= 4
    if rule == "midpoints":
        np.testing.assert_array_equal(each[:, 2], each[:, 0] >= each[:, 1])
        np.testing.assert_allclose(each[:, 0], cosine(given[0][example.a], given[0][example.b]))
