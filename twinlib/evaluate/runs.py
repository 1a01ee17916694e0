"""Run records: one folder a run with run.json, metrics.csv, scores/<protocol>.csv.gz and history.csv.

run.json is written last: a folder without it is no record. Metrics can be computed again from the scores.
"""

import gzip
import io
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float

from twinlib import paths
from twinlib.errors import InputError
from twinlib.evaluate.schema import check_record
from twinlib.files import read_json, replacing, write_json, write_text

SCORE_COLUMNS = ["pair", "same", "kind", "family_a", "family_b", "split", "fold", "score"]
METRIC_COLUMNS = [
    "protocol",
    "split",
    "metric",
    "value",
    "low",
    "high",
    "threshold",
    "k",
    "genuine",
    "impostor",
    "families",
]


@dataclass(frozen=True)
class Run:
    """A record on disk; tables are read when asked for.

    Attributes:
        folder: where it lies.
        record: the content of run.json.
    """

    folder: Path
    record: dict[str, Any]

    def metrics(self) -> pd.DataFrame:
        """Tidy table, a row a protocol and metric.

        Raises:
            InputError: metrics.csv is missing or damaged.
        """
        return _read(self.folder / "metrics.csv", METRIC_COLUMNS, {"protocol": str, "split": str, "metric": str})

    def protocols(self) -> list[str]:
        """Names of the protocols with scores."""
        return sorted(file.name.removesuffix(".csv.gz") for file in (self.folder / "scores").glob("*.csv.gz"))

    def scores(self, protocol: str) -> pd.DataFrame:
        """Pairs and scores of a protocol, every split.

        Raises:
            InputError: the run has no such protocol (the message lists those it has), or the file is damaged.
        """
        file = self.folder / "scores" / f"{protocol}.csv.gz"
        if not file.is_file():
            raise InputError(f"{self.folder.name} has no scores of {protocol!r}; it has {', '.join(self.protocols())}.")
        return _read(file, SCORE_COLUMNS, {"family_a": str, "family_b": str, "kind": str, "split": str})

    def history(self) -> pd.DataFrame:
        """Loss and rate over the training; empty where nothing was trained."""
        file = self.folder / "history.csv"
        return pd.read_csv(file) if file.is_file() else pd.DataFrame()

    def summary(self) -> str:
        """A few lines for the terminal."""
        r = self.record
        shown = self.metrics().query("metric in ('auc', 'balanced_accuracy')")
        rows = [
            f"  {m.protocol:12} {m.metric:18} {m.value:.3f} [{m.low:.3f}, {m.high:.3f}]" for m in shown.itertuples()
        ]
        return "\n".join([f"{r['run_id']}  {r['dataset']}  {r['device']}  {r['wall_s']:.0f} s", *rows])


def score_table(pairs: pd.DataFrame, scores: Float[np.ndarray, " P"]) -> pd.DataFrame:
    """Pairs with their scores rounded as they are stored, so that metrics before and after the disk are the same.

    Raises:
        InputError: another number of scores than of pairs.
    """
    if len(pairs) != len(scores):
        raise InputError(f"{len(scores)} scores for {len(pairs)} pairs. Score the list in its order.")
    # through the text that is stored: rounding in binary may differ from it in the last digit
    stored = np.array([float(f"{score:.6f}") for score in scores])
    return pairs.assign(score=stored)[SCORE_COLUMNS].reset_index(drop=True)


def write_run(
    record: Mapping[str, Any],
    metrics: pd.DataFrame,
    scores: Mapping[str, pd.DataFrame],
    history: pd.DataFrame | None = None,
    folder: Path | None = None,
) -> Run:
    """Write a record; the same content gives the same bytes.

    Args:
        record: from `schema.new_record`.
        metrics: tidy table with `METRIC_COLUMNS`.
        scores: protocol -> table of `score_table`.
        history: a row a logged step.
        folder: where; results/runs/<run_id> if not given.

    Raises:
        InputError: a field or column is missing or wrong, or a path of this machine is in the record.
    """
    folder = folder or runs_dir() / str(record.get("run_id"))
    check_record(record, folder / "run.json")
    for file, table, columns in [("metrics.csv", metrics, METRIC_COLUMNS)] + [
        (f"scores/{name}.csv.gz", table, SCORE_COLUMNS) for name, table in scores.items()
    ]:
        if missing := [name for name in columns if name not in table]:
            raise InputError(f"{folder / file}: the columns {missing} are missing.")
    (folder / "run.json").unlink(missing_ok=True)
    write_text(folder / "metrics.csv", metrics.to_csv(index=False, float_format="%.6f", lineterminator="\n"))
    for name, table in scores.items():
        _write_gz(folder / "scores" / f"{name}.csv.gz", table[SCORE_COLUMNS])
    if history is not None:
        write_text(folder / "history.csv", history.to_csv(index=False, float_format="%.6g", lineterminator="\n"))
    write_json(folder / "run.json", dict(record))
    return Run(folder, dict(record))


def read_run(folder: Path) -> Run:
    """Read and check one record.

    Raises:
        InputError: run.json is missing, unreadable, of another schema or lacks a field; file and field are named.
    """
    record = read_json(folder / "run.json")
    check_record(record, folder / "run.json")
    return Run(folder, record)


def list_runs() -> list[Run]:
    """Every record of results/runs, in order of its id.

    Raises:
        InputError: one of them is broken.
    """
    return [read_run(file.parent) for file in sorted(runs_dir().glob("*/run.json"))]


def find_run(whole: str) -> Run | None:
    """The record of a run hash, or None."""
    return next((run for run in list_runs() if run.record["hashes"]["run"] == whole), None)


def runs_dir() -> Path:
    """Folder of the records."""
    return paths.results_dir() / "runs"


def _read(file: Path, columns: list[str], texts: dict[str, type]) -> pd.DataFrame:
    """A table of a record, every column there and every number a number.

    Raises:
        InputError: the file is missing or damaged; the message names it and what to do.
    """
    remedy = "Take the file from version control again, or make the record anew with `twinlib run`."
    numbers = {name: float for name in ("value", "low", "high", "score") if name in columns}
    gone = {name: ["", "nan"] for name in columns if name not in texts}  # a family may be called NA
    try:
        table = pd.read_csv(file, dtype=texts | numbers, keep_default_na=False, na_values=gone)
    except (OSError, EOFError, zlib.error, ValueError) as error:  # ValueError: also every parser error of pandas
        raise InputError(f"{file} cannot be read ({type(error).__name__}: {error}). {remedy}") from error
    if missing := [name for name in columns if name not in table]:
        raise InputError(f"{file}: the columns {missing} are missing. {remedy}")
    if "score" in columns and not np.isfinite(table["score"]).all():
        raise InputError(f"{file}: a score is empty or not finite. {remedy}")
    return table


def _write_gz(file, table):
    """Compress without name and time, so that the same scores are the same bytes."""
    text = table.to_csv(index=False, float_format="%.6f", lineterminator="\n").encode()
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=buffer, mode="wb", mtime=0) as packed:
        packed.write(text)
    with replacing(file) as temporary:
        temporary.write_bytes(buffer.getvalue())
