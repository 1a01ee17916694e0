"""Intervals of runs: of a metric, of a difference; what `twinlib runs` and `twinlib compare` print of them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from twinlib.arrays import table_of
from twinlib.errors import InputError
from twinlib.measure import metrics
from twinlib.measure.bootstrap import Interval, bootstrap_by, bootstrap_difference
from twinlib.measure.interval import metric_of
from twinlib.records.finished import one_setting
from twinlib.records.published import verdict
from twinlib.records.runs import METRIC_COLUMNS, Run, list_runs

COMPARED = ("auc", "balanced_accuracy")
KEY = ["pair", "same", "family_a", "family_b", "split"]


def runs_table() -> str:
    """The records of results/ as text, a line for each run."""
    rows = []
    for r, m in ((run.record, run.metrics().set_index(["protocol", "metric"]).value) for run in list_runs()):
        commit_now = (r["commit"] or "none")[:8] + ("+" if r["dirty"] else "")
        told = {f"{p} AUC": f"{m[p, 'auc']:.3f}" for p in ("twin", "general") if (p, "auc") in m.index}
        rows.append({"run": r["run_id"], "data": r["dataset"], "device": r["device"], "s": f"{r['wall_s']:.0f}",
                     "commit": commit_now, **told})  # fmt: skip
    if not rows:
        return "no run is recorded. `twinlib run NAME` makes one."
    return pd.DataFrame(rows).fillna("").to_string(index=False)


def compare(a: str, b: str, draws: int = 2000) -> str:
    """Paired differences A − B of two runs, or of two experiments over the seeds they share, as text.

    Args:
        a: id of a run, the beginning of one, or the name of an experiment (all its seeds).
        b: likewise.
        draws: bootstrap draws over families (and seeds).

    Raises:
        InputError: a name fits no run or several settings, or the runs scored different pairs.
    """
    table = compare_runs(_named(a), _named(b), draws)
    seeds = int(table.seeds.iloc[0])
    over = f" and {seeds} seeds" if seeds > 1 else " (1 seed)"
    shown = table.to_string(index=False, float_format="{:.4f}".format)
    return f"A = {a}\nB = {b}\nA − B, 95 % interval over families{over}\n{shown}"


def compare_runs(a: Sequence[Run], b: Sequence[Run], draws: int = 2000) -> pd.DataFrame:
    """Paired differences A − B on every protocol that both scored.

    Args:
        a: runs of one setting, one a seed.
        b: runs of another.
        draws: bootstrap draws.

    Returns:
        Columns protocol, metric, a, b, difference, low, high, families, seeds, verdict (on the claim A > B).

    Raises:
        InputError: no protocol in common, or different pairs.
    """
    one, other = _same_seeds(a, b)
    protocols = [name for name in one[0].protocols() if all(name in run.protocols() for run in [*one, *other])]
    if not protocols:
        raise InputError(
            f"{one[0].folder.name} and {other[0].folder.name} have no protocol in common. Evaluate both again."
        )
    rows = []
    for protocol in protocols:
        for metric in COMPARED:
            d, value_a, value_b = paired_difference(one, other, protocol, metric, draws)
            rows.append((protocol, metric, value_a, value_b, d.value, d.low, d.high, d.families, d.seeds, verdict(d)))
    names = ["protocol", "metric", "a", "b", "difference", "low", "high", "families", "seeds", "verdict"]
    return pd.DataFrame(rows, columns=names)


def paired_difference(
    a: Sequence[Run], b: Sequence[Run], protocol: str, metric: str, draws: int = 2000, seed: int = 0
) -> tuple[Interval, float, float]:
    """A − B on one protocol with its interval over families and seeds, and the values of A and of B.

    Raises:
        InputError: the runs scored different pairs or have no seed in common.
    """
    one, other = _same_seeds(a, b)
    for run in [*one, *other]:
        if run.record["hashes"]["manifest"] != one[0].record["hashes"]["manifest"]:
            raise InputError(f"{run.folder.name} and {one[0].folder.name} were scored on different data sets.")
    pairs, scores = _same_pairs([*one, *other], protocol)
    test, held = (pairs.split.to_numpy() == name for name in ("test", "validation"))
    n = len(one)
    validation = (pairs[held], scores[:n, held], scores[n:, held])
    difference = bootstrap_difference(pairs[test], scores[:n, test], scores[n:, test], metric, validation, draws, seed)
    values = [_mean(runs, protocol, metric) for runs in (one, other)]
    return difference, *values


def over_seeds(runs: Sequence[Run], protocol: str, metric: str, draws: int = 2000) -> Interval | None:
    """A metric's mean over seeds with its interval over families and seeds.

    Args:
        runs: one a seed, scored on the same pairs.
        protocol: of the scores.
        metric: auc, eer, balanced_accuracy or tar@far=<fraction>.
        draws: bootstrap draws.

    Returns:
        None if a run has no such protocol.

    Raises:
        InputError: no run, runs that are not one row (see `finished.one_setting`), or that scored different pairs.
    """
    if not runs:
        raise InputError(f"no run to take {protocol} {metric} from.")
    runs = one_setting(runs)
    if any(protocol not in run.protocols() for run in runs):
        return None
    pairs, scores = _same_pairs(runs, protocol)
    test, held = (pairs.split.to_numpy() == name for name in ("test", "validation"))
    return bootstrap_by(pairs[test], scores[:, test], metric, (pairs[held], scores[:, held]), draws)


def stored(runs: Sequence[Run], protocol: str, metric: str) -> tuple[Interval, int | None] | None:
    """What a table shows of a row: the record's own interval of one run, that over seeds of several.

    Returns:
        The interval, and for TAR@FAR the fewest false accepts of a seed; None if a run lacks the value.

    Raises:
        InputError: as `over_seeds`.
    """
    rows = [_row(run, protocol, metric) for run in runs]
    if any(row is None for row in rows):
        return None
    accepts = [int(row["k"]) for row in rows if not pd.isna(row["k"])]
    draws = int(runs[0].record["config"]["evaluate"]["draws"])
    if len(rows) > 1:
        value = over_seeds(runs, protocol, metric, draws)
    else:
        at, low, high = (float(rows[0][name]) for name in ("value", "low", "high"))
        value = Interval(at, low, high, int(rows[0]["families"]), draws=draws)
    return None if value is None else (value, min(accepts, default=None))


def _row(run, protocol, metric):
    """The line of a record's metrics; None where there is none."""
    table = run.metrics()
    rows = table[(table["protocol"] == protocol) & (table["metric"] == str(metric_of(metric)))]
    return None if rows.empty else rows.iloc[0]


def _mean(runs, protocol, metric):
    """Mean over seeds of a stored value; NaN where a record does not hold it."""
    rows = [_row(run, protocol, metric) for run in runs]
    return float(np.mean([np.nan if row is None else row["value"] for row in rows]))


def _same_pairs(runs, protocol):
    """The pairs that all runs scored, and a row of scores for each run."""
    tables = [run.scores(protocol) for run in runs]
    for run, table in zip(runs, tables, strict=True):
        if not table[KEY].equals(tables[0][KEY]):
            raise InputError(
                f"{run.folder.name} scored other pairs of {protocol} than {runs[0].folder.name}. Evaluate it again."
            )
    return tables[0], np.array([table.score for table in tables])


def _same_seeds(a, b):
    """The runs of the seeds that both have, in rising order of the seed."""
    by_seed = [{run.record["seed"]: run for run in one_setting(runs)} for runs in (a, b)]
    shared = sorted(by_seed[0].keys() & by_seed[1].keys())
    if not shared and len(a) == len(b) == 1:
        return list(a), list(b)  # two single runs may be compared whatever their seeds
    if not shared:
        raise InputError(
            f"no seed in common: {sorted(by_seed[0])}, {sorted(by_seed[1])}. Run both with the same seeds."
        )
    return [by_seed[0][seed] for seed in shared], [by_seed[1][seed] for seed in shared]


def matching(runs: Sequence[Run], text: str) -> list[Run]:
    """Runs that a text means: of this id, else of this experiment, else whose id begins like this."""
    exact = [run for run in runs if run.folder.name == text]
    found = exact or [run for run in runs if run.record["name"] == text]
    return found or [run for run in runs if run.folder.name.startswith(text)]


def _named(text):
    """Runs that a text on the command line means."""
    runs = list_runs()
    found = matching(runs, text)
    ids = ", ".join(run.folder.name for run in found or runs)
    if not found:
        raise InputError(f"there is no run called {text!r}; known: {ids or 'none'}. `twinlib runs` lists them.")
    if len({run.record["seed"] for run in found}) < len(found) or len({run.record["profile"] for run in found}) > 1:
        raise InputError(f"{text!r} fits runs of several settings: {ids}. Give one id.")
    return found


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
