"""From stored scores to the tidy table of a run: every metric of a protocol with its interval."""

import numpy as np
import pandas as pd

from twinlib.arrays import table_of
from twinlib.errors import InputError
from twinlib.measure import metrics
from twinlib.measure.bootstrap import bootstrap_by
from twinlib.measure.metric_names import metric_of
from twinlib.records.runs import METRIC_COLUMNS

METRICS = ("auc", "eer", "balanced_accuracy", "tar@far=0.01")


def measure(protocol: str, table: pd.DataFrame, draws: int = 2000, seed: int = 0) -> pd.DataFrame:
    """Metrics of the test pairs of one protocol; thresholds come from its validation pairs.

    TAR@FAR is left out where the impostors cannot show the rate (k would be 0); tables refuse k < 10.

    Args:
        protocol: its name, for the table.
        table: pairs and scores of both splits, as `runs.score_table` gives them.
        draws: bootstrap draws over families.
        seed: of the draws.

    Returns:
        Tidy table with the columns `runs.METRIC_COLUMNS`; rates are fractions.

    Raises:
        InputError: a split is missing, or the scores are refused by `checks.genuine_impostor`.
    """
    table = table_of(table, ("same", "family_a", "family_b", "split", "score"), f"protocol {protocol}")
    parts = {name: table[table.split == name] for name in ("validation", "test")}
    for name, part in parts.items():
        if part.empty:
            raise InputError(
                f"protocol {protocol}: no {name} pairs; splits: {sorted(table.split.unique())}. Draw them too."
            )
    test, held = parts["test"], parts["validation"]
    same, scores = test.same.to_numpy(), test.score.to_numpy()
    rows = []
    for metric in METRICS:
        threshold, k, (_, far) = np.nan, None, metric_of(metric)
        if far is not None:
            if far * (same == 0).sum() < 1:
                continue
            _, threshold, k = metrics.tar_at_far(scores, same, far)
        elif metric == "balanced_accuracy":
            threshold = metrics.threshold_at_best_balanced_accuracy(held.score.to_numpy(), held.same.to_numpy())
        elif metric == "eer":
            threshold = metrics.eer(scores, same).threshold
        interval = bootstrap_by(test, scores, metric, (held, held.score.to_numpy()), draws, seed)
        counts = (int(same.sum()), int((same == 0).sum()), interval.families)
        rows.append((protocol, "test", metric, interval.value, interval.low, interval.high, threshold, k, *counts))
    return pd.DataFrame(rows, columns=METRIC_COLUMNS).astype({"k": "Int64"})
