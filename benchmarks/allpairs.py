"""All pairs of 24,050 x 512, and 2,000 bootstrap draws of 100,000 scores -> results/benchmarks/allpairs.csv.

The bare product is the same tiles of the same matrix product with nothing counted. Both are timed in turn and the
fastest counts, because other work of a machine only ever adds. Run: `python benchmarks/allpairs.py`.
"""

import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from twinlib.environment import peak_memory_mb
from twinlib.files import write_text
from twinlib.measure.allpairs import TILE, all_pairs
from twinlib.measure.bootstrap import bootstrap_by
from twinlib.paths import results_dir

IMAGES, SUBJECTS, WIDTH, REPEATS = 24_050, 435, 512, 7


def embeddings() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """As many images and subjects as ND_TWIN has; two subjects a family."""
    rng = np.random.default_rng(0)
    subject = np.sort(np.arange(IMAGES) % SUBJECTS)
    family = subject // 2
    e = rng.normal(size=(SUBJECTS // 2 + 1, WIDTH))[family] + 0.4 * rng.normal(size=(SUBJECTS, WIDTH))[subject]
    return (e + 2.5 * rng.normal(size=(IMAGES, WIDTH))).astype(np.float32), subject, family


def bare_product(e: np.ndarray) -> None:
    tile = np.empty((TILE, TILE), np.float32)
    for r in range(0, len(e), TILE):
        for c in range(r, len(e), TILE):
            a, b = e[r : r + TILE], e[c : c + TILE]
            np.matmul(a, b.T, out=tile[: len(a), : len(b)])


def fastest(*works: Callable[[], object]) -> list[float]:
    """Seconds of the fastest run of each, run in turn."""
    times = np.full((len(works), REPEATS), np.inf)
    for repeat in range(REPEATS):
        for i, work in enumerate(works):
            start = time.perf_counter()
            work()
            times[i, repeat] = time.perf_counter() - start
    return times.min(1).tolist()


def subset_difference(e: np.ndarray, subject: np.ndarray, family: np.ndarray) -> tuple[float, float]:
    """AUC of 2,000 images less scikit-learn's on their double-precision scores, and the stated error."""
    rows = np.sort(np.random.default_rng(1).choice(len(e), 2000, replace=False))
    e, subject = e[rows].astype(float), subject[rows]
    e /= np.linalg.norm(e, axis=1, keepdims=True)
    i, j = np.triu_indices(len(e), 1)
    ours = all_pairs(e, subject, family[rows]).auc()
    return ours.value - roc_auc_score(subject[i] == subject[j], (e @ e.T)[i, j]), ours.error


def draws(unrelated: bool) -> float:
    rng = np.random.default_rng(2)
    same = np.arange(100_000) % 2
    a = rng.integers(500, size=same.size)
    b = np.where(unrelated & (same == 0), rng.integers(500, size=same.size), a)
    pairs = pd.DataFrame({"same": same, "family_a": a, "family_b": b})
    return fastest(lambda: bootstrap_by(pairs, rng.normal(size=same.size) + same, "auc", draws=2000))[0]


def main() -> None:
    e, subject, family = embeddings()
    found = all_pairs(e, subject, family)
    peak = peak_memory_mb()
    bare, ours = fastest(lambda: bare_product(e), lambda: all_pairs(e, subject, family))
    difference, error = subset_difference(e, subject, family)
    counted = int(found.genuine.sum() + found.twin.sum() + found.stranger.sum())
    rows = [
        ("pairs counted", counted, "pairs", IMAGES * (IMAGES - 1) // 2),
        ("peak memory of the process", peak, "MiB", 2048),
        ("bare matrix product", bare, "s", ""),
        ("all pairs counted by kind", ours, "s", ""),
        ("multiple of the bare product", ours / bare, "x", 2),
        ("AUC against twins", found.auc("twin").value, "", ""),
        ("its stated error", found.auc("twin").error, "", ""),
        ("AUC against strangers", found.auc("stranger").value, "", ""),
        ("its stated error", found.auc("stranger").error, "", ""),
        ("AUC less scikit-learn's, 2,000 images", difference, "", 1e-6),
        ("its stated error", error, "", ""),
        ("2,000 draws of 100,000 scores within families", draws(False), "s", 5),
        ("2,000 draws of 100,000 scores across families", draws(True), "s", 5),
    ]
    table = pd.DataFrame(rows, columns=["what", "value", "unit", "limit"])
    print(table.to_string(index=False))
    text = table.to_csv(index=False, float_format="%.6g", lineterminator="\n")
    write_text(results_dir() / "benchmarks/allpairs.csv", text)


if __name__ == "__main__":
    main()
