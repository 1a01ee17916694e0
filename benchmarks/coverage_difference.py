"""Does the interval of a difference cover, over families and five seeds? -> results/benchmarks/coverage_difference.csv.

Two models score the pairs of `interval_coverage.py`. A training seed adds skill of its own and noise of its own to each
pair. With a gain of 0 the models are equally good: what is not covered is a difference that a table would call real.
Run: `python benchmarks/coverage_difference.py`.
"""

import sys

import numpy as np
import pandas as pd
from interval_coverage import DRAWS, GENUINE, MEAN, row, simulate, spread
from scipy.special import ndtr

from twinlib.files import write_text
from twinlib.measure.bootstrap import bootstrap_difference
from twinlib.paths import results_dir
from twinlib.progress import progress

SEED_SKILL, SEED_NOISE = 0.08, 0.3  # standard deviations of what a seed changes: everywhere, and pair by pair


def scored(rng: np.random.Generator, base: np.ndarray, same: np.ndarray, skill: float, seeds: int) -> np.ndarray:
    """Scores of one model, a row a seed."""
    moved = skill + rng.normal(0, SEED_SKILL, (seeds, 1))
    return base + moved * same + rng.normal(0, SEED_NOISE, (seeds, same.size))


def two_models(families: int, repeats: int, seeds: int, gain: float) -> dict[str, object]:
    sd = np.sqrt(sum(np.square(spread())) + 2 * SEED_NOISE**2 + SEED_SKILL**2)
    shift, found = GENUINE - MEAN["twin"], []
    for repeat in progress(range(repeats), repeats, f"gain {gain}, {families} families", "repeat"):
        rng = np.random.default_rng([5, int(100 * gain), families, repeat])
        test, base = simulate(rng, families, "twin")
        a, b = (scored(rng, base, test.same.to_numpy(), skill, seeds) for skill in (gain, 0.0))
        found.append(bootstrap_difference(test, a, b, "auc", None, DRAWS, repeat))
    truth = float(ndtr((shift + gain) / sd) - ndtr(shift / sd))
    result = row(families, "twin", f"auc difference, gain {gain:g}", "family and seed", seeds, truth, found)
    return result | {"called_real": np.mean([interval.excludes_zero for interval in found])}


def main(repeats: int) -> None:
    table = pd.DataFrame([two_models(families, repeats, 5, gain) for families in (30, 60) for gain in (0.0, 0.2)])
    print(table.to_string(index=False))
    text = table.to_csv(index=False, float_format="%.5f", lineterminator="\n")
    write_text(results_dir() / "benchmarks/coverage_difference.csv", text)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
