"""Do the intervals cover? Simulated scores with known truth -> results/benchmarks/interval_coverage.csv.

A family has two subjects of eight images. A score is a mean, effects of the family, the subject and both images, and
noise, all normal, so pairs of one family depend on each other and the truth is a formula. Run:
`python benchmarks/interval_coverage.py` (about an hour on one core).
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import ndtr

from twinlib.files import write_text
from twinlib.measure import metrics
from twinlib.measure.bootstrap import bootstrap_by
from twinlib.measure.exact import exact_rate
from twinlib.paths import results_dir
from twinlib.progress import progress

EACH, IMAGES, DRAWS = 24, 8, 500
GENUINE, MEAN = 1.7, {"twin": 0.6, "general": 0.0, "general_shared": 0.0}  # means of genuine and impostor scores
SD = {"family": 0.4, "subject": 0.3, "image": 0.3, "noise": 0.6}


def simulate(rng: np.random.Generator, families: int, protocol: str) -> tuple[pd.DataFrame, np.ndarray]:
    """Pairs and scores of one test set."""
    family, own = np.repeat(np.arange(families), EACH), families * EACH
    subject = rng.normal(0, SD["subject"], (families, 2))
    image = rng.normal(0, SD["image"], (families, 2, IMAGES))
    alike, unlike = rng.normal(0, SD["family"], (2, families))  # family effects of its genuine and its impostor pairs
    if protocol == "general_shared":
        unlike = alike  # both kinds move together, so that their errors nearly cancel
    s, i = rng.integers(0, 2, own), rng.integers(0, IMAGES, own)
    j = (i + rng.integers(1, IMAGES, own)) % IMAGES
    genuine = GENUINE + alike[family] + subject[family, s] + image[family, s, i] + image[family, s, j]
    if protocol == "twin":
        other, t, effect = family, 1 - s, unlike[family]
    else:
        other, t = (family + rng.integers(1, families, own)) % families, rng.integers(0, 2, own)
        effect = (unlike[family] + unlike[other]) / np.sqrt(2)
    impostor = MEAN[protocol] + effect + image[family, s, i] + image[other, t, rng.integers(0, IMAGES, own)]
    scores = np.concatenate([genuine, impostor]) + rng.normal(0, SD["noise"], 2 * own)
    pairs = {
        "same": np.repeat([1, 0], own),
        "family_a": np.tile(family, 2),
        "family_b": np.concatenate([family, other]),
    }
    return pd.DataFrame(pairs), scores


def spread() -> tuple[float, float]:
    """Standard deviation of a genuine and of an impostor score over the population."""
    shared = SD["family"] ** 2 + 2 * SD["image"] ** 2 + SD["noise"] ** 2
    return float(np.sqrt(shared + SD["subject"] ** 2)), float(np.sqrt(shared))


def truths(protocol: str, families: int) -> dict[str, float]:
    """AUC of the population; expected balanced accuracy at a threshold from a validation set of this size."""
    (sd_g, sd_i), mean = spread(), MEAN[protocol]
    accuracies = []
    for repeat in range(1000):
        held, scores = simulate(np.random.default_rng([2, repeat]), families, protocol)
        t = metrics.threshold_at_best_balanced_accuracy(scores, held.same.to_numpy())
        accuracies.append((ndtr((GENUINE - t) / sd_g) + ndtr((t - mean) / sd_i)) / 2)
    return {
        "auc": float(ndtr((GENUINE - mean) / np.hypot(sd_g, sd_i))),
        "balanced_accuracy": float(np.mean(accuracies)),
    }


def by_pair(pairs: pd.DataFrame) -> pd.DataFrame:
    """What one must not do: take every pair as a family of its own."""
    return pairs.assign(family_a=np.arange(len(pairs)), family_b=np.arange(len(pairs)))


def one_model(families: int, protocol: str, repeats: int) -> list[dict[str, object]]:
    """Coverage of AUC and accuracy, drawn by family and by pair."""
    truth, found = truths(protocol, families), {}
    for repeat in progress(range(repeats), repeats, f"{protocol}, {families} families", "repeat"):
        rng = np.random.default_rng([3, len(protocol), families, repeat])  # rows are independent of each other
        (test, scores), (held, held_scores) = (simulate(rng, families, protocol) for _ in range(2))
        for unit, change in (("family", lambda pairs: pairs), ("pair", by_pair)):
            for metric in ("auc", "balanced_accuracy") if unit == "family" else ("auc",):
                interval = bootstrap_by(change(test), scores, metric, (change(held), held_scores), DRAWS, repeat)
                found.setdefault((metric, unit), []).append(interval)
    return [row(families, protocol, metric, unit, 1, truth[metric], v) for (metric, unit), v in found.items()]


def row(families, protocol, metric, unit, seeds, truth, intervals):
    hits = sum(i.low <= truth <= i.high for i in intervals)
    coverage = exact_rate(hits, len(intervals))
    return {
        "families": families,
        "protocol": protocol,
        "metric": metric,
        "drawn_by": unit,
        "seeds": seeds,
        "repeats": len(intervals),
        "draws": DRAWS,
        "truth": truth,
        "mean_value": np.mean([i.value for i in intervals]),
        "mean_width": np.mean([i.high - i.low for i in intervals]),
        "coverage": coverage.value,
        "coverage_low": coverage.low,
        "coverage_high": coverage.high,
    }


def main(repeats: int) -> None:
    rows = []
    for families in (30, 60, 200):
        for protocol in ("twin", "general", "general_shared") if families == 60 else ("twin", "general"):
            rows += one_model(families, protocol, repeats)
        table = pd.DataFrame(rows)
        print(table.to_string(index=False), flush=True)
    file: Path = results_dir() / "benchmarks/interval_coverage.csv"
    write_text(file, table.to_csv(index=False, float_format="%.5f", lineterminator="\n"))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
