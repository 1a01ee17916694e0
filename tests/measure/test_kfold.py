"""The stored embeddings and reference numbers are real measurements of two recognisers on LFW folds 1 to 7."""

import json
import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from twinlib.errors import InputError
from twinlib.measure import metrics
from twinlib.measure.kfold import cosine, kfold_accuracy, kfold_insightface, kfold_sphereface

DATA = Path(os.environ.get("TWINLIB_DATA") or Path(__file__).parents[2].parent / "shared/data")


def slow_rule_1(scores, same, fold):
    levels = sorted(set(scores))
    candidates = [-1, *[(a + b) / 2 for a, b in pairwise(levels)], 1]
    accuracies = []
    for number in sorted(set(fold)):
        others, test = fold != number, fold == number
        counts = [int(((scores[others] >= t) == same[others]).sum()) for t in candidates]
        threshold = np.mean([t for t, count in zip(candidates, counts, strict=True) if count == max(counts)])
        accuracies.append(((scores[test] >= threshold) == same[test]).mean())
    return accuracies


def example(seed=0, n=120):
    rng = np.random.default_rng(seed)
    same = rng.integers(0, 2, n)
    return np.round(np.tanh(rng.normal(size=n) + same) * 20) / 20, same, np.arange(n) % 4 + 1


def test_rule_1_is_the_slow_one():
    scores, same, fold = example()
    ours = kfold_accuracy(scores, same, fold)
    np.testing.assert_allclose(ours.accuracies, slow_rule_1(scores, same, fold))
    assert ours.mean == pytest.approx(np.mean(ours.accuracies))
    assert ours.sd == pytest.approx(np.std(ours.accuracies))


def test_the_threshold_of_a_fold_does_not_see_the_fold():
    scores, same, fold = example(1)
    turned = np.where(fold == 2, -scores, scores)
    assert kfold_insightface(scores, same, fold).thresholds[1] == kfold_insightface(turned, same, fold).thresholds[1]
    a, b = np.random.default_rng(2).normal(size=(2, 120, 6))
    moved = np.where(fold[:, None] == 2, a + 5, a)
    assert kfold_sphereface(a, b, same, fold).thresholds[1] == kfold_sphereface(moved, b, same, fold).thresholds[1]


def test_sphereface_ignores_a_common_offset_and_scale():
    rng = np.random.default_rng(3)
    same, fold = rng.integers(0, 2, 80), np.arange(80) % 4
    a = rng.normal(size=(80, 5))
    b = a * same[:, None] + rng.normal(size=(80, 5))
    plain, moved = kfold_sphereface(a, b, same, fold), kfold_sphereface(3 * a + 7, 3 * b + 7, same, fold)
    np.testing.assert_allclose(plain.accuracies, moved.accuracies)


def test_refusals():
    scores, same, fold = example()
    with pytest.raises(InputError, match="at least two folds; found 1"):
        kfold_accuracy(scores, same, np.ones_like(fold))
    with pytest.raises(InputError, match="row 1 is a vector of zeros"):
        cosine(np.array([[1.0, 0], [0, 0]]), np.ones((2, 2)))


@pytest.mark.data
@pytest.mark.skipif(not DATA.is_dir(), reason="the stored embeddings are not here; set TWINLIB_DATA to their folder")
@pytest.mark.parametrize("net", ["xiaoccer", "foam"])
@pytest.mark.parametrize("mode", ["noflip", "flipsum", "flipcat"])
def test_reference_figures(net, mode):
    """Every figure of the reference file: AUC within 1e-6, rates and accuracies to the printed digit (< one pair)."""
    stored = np.load(DATA / f"embeddings/mobilefacenet_{net}_folds01-07.npz")
    pairs = pd.read_csv(DATA / "lfw/pairs_folds01-07.csv")
    row = {name: i for i, name in enumerate(stored["names"])}
    a, b = pairs.image_a.map(row).to_numpy(), pairs.image_b.map(row).to_numpy()
    e, f = stored["emb"].astype(float), stored["emb_flip"].astype(float)
    features = {"noflip": e, "flipsum": e + f, "flipcat": np.hstack([e, f])}[mode]
    same, fold, scores = pairs.same.to_numpy(), pairs.fold.to_numpy(), cosine(features[a], features[b])

    main = kfold_accuracy(scores, same, fold)
    rules = {"insightface_rule": kfold_insightface(scores, same, fold)}
    rules["sphereface_rule"] = kfold_sphereface(features[a], features[b], same, fold)
    found = {"acc_mean": 100 * main.mean, "acc_sd": 100 * main.sd, "fold_acc": 100 * main.accuracies}
    found |= {"thr_mean": main.thresholds.mean(), "auc": metrics.auc(scores, same), "n": len(pairs)}
    found |= {"eer": 100 * metrics.eer(scores, same).value}
    found |= {"mean_genuine": scores[same == 1].mean(), "mean_impostor": scores[same == 0].mean()}
    for far in (0.1, 0.01, 0.001):
        tar = metrics.tar_at_far(scores, same, far)
        found |= {f"tar@{far}": 100 * tar.value, f"thr@{far}": tar.threshold}
    found |= {name: {"acc_mean": 100 * rule.mean, "acc_sd": 100 * rule.sd} for name, rule in rules.items()}

    wanted = json.loads((DATA / "reference_metrics.json").read_text())[net][mode]
    assert found.keys() == wanted.keys()
    assert found["auc"] == pytest.approx(wanted["auc"], abs=1e-6)
    for name in rules:
        assert found.pop(name) == pytest.approx(wanted.pop(name), abs=5.1e-4), name
    digits = {"fold_acc": 5.1e-3, "thr_mean": 5.1e-5, "mean_genuine": 5.1e-5, "mean_impostor": 5.1e-5}
    for name, value in wanted.items():
        tolerance = digits.get(name, 5.1e-5 if name.startswith("thr@") else 5.1e-4)
        assert found[name] == pytest.approx(value, abs=tolerance), name
