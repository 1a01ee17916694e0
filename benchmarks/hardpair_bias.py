"""What happens if a row of a table ranks the hard pairs -> results/benchmarks/hardpair_bias.csv.

Two models are equally good: AUC .89 on all twin pairs. A score is a shift for genuine pairs, a difficulty that all
models share, and a model's own noise; `correlation` is that of two models' scores within a kind. The hardest quartile
of each kind is ranked by model 1, by a third model outside the table, or by the shared difficulty (the truth).
Run: `python benchmarks/hardpair_bias.py`.
"""

import numpy as np
import pandas as pd
from scipy.special import ndtri

from twinlib.files import write_text
from twinlib.measure.metrics import auc
from twinlib.paths import results_dir

AUC, PAIRS, REPEATS, SHARE = 0.89, 1440, 400, 0.25  # 60 families of 24 pairs of each kind
SHIFT = float(ndtri(AUC) * np.sqrt(2))
SAME = np.repeat([1, 0], PAIRS)
SIGN = 2 * SAME - 1


def hardest(hardness: np.ndarray) -> np.ndarray:
    """Rows of the hardest quartile of each kind."""
    keep = int(SHARE * PAIRS)
    return np.concatenate([rows[np.argsort(-hardness[rows])[:keep]] for rows in np.split(np.arange(2 * PAIRS), 2)])


def one_repeat(rng: np.random.Generator, correlation: float) -> list[tuple[str, float, float]]:
    shared = rng.normal(size=SAME.size)
    noise = rng.normal(size=(3, SAME.size))
    scores = SHIFT * SAME + np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * noise
    rankers = {"a model of the table": -SIGN * scores[0], "a model outside": -SIGN * scores[2], "truth": -SIGN * shared}
    found = [("all pairs", auc(scores[0], SAME), auc(scores[1], SAME))]
    for name, hardness in rankers.items():
        rows = hardest(hardness)
        found.append((name, auc(scores[0][rows], SAME[rows]), auc(scores[1][rows], SAME[rows])))
    return found


def main() -> None:
    rows = []
    for correlation in np.arange(0, 10) / 10:
        for repeat in range(REPEATS):
            rng = np.random.default_rng([int(10 * correlation), repeat])
            rows += [(correlation, *found) for found in one_repeat(rng, float(correlation))]
    table = pd.DataFrame(rows, columns=["correlation", "ranked_by", "auc_1", "auc_2"])
    grouped = table.groupby(["correlation", "ranked_by"], sort=False)
    wide = grouped.agg(auc_1=("auc_1", "mean"), auc_2=("auc_2", "mean"))
    for name in ("auc_1", "auc_2"):
        wide[f"{name}_low"], wide[f"{name}_high"] = grouped[name].quantile(0.025), grouped[name].quantile(0.975)
    print(wide.to_string(float_format="%.3f"))
    text = wide.reset_index().to_csv(index=False, float_format="%.4f", lineterminator="\n")
    write_text(results_dir() / "benchmarks/hardpair_bias.csv", text)


if __name__ == "__main__":
    main()
