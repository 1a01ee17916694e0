"""Run records: one folder a run with run.json, metrics.csv, scores.npz and history.csv.

A record is written beside its place and moved there whole; a folder without run.json is no record. run.json holds the
checksums of the other files and of itself (`seal`): one that was edited afterwards is refused. Records that were made
before checksums, the pilots, hold scores/<protocol>.csv.gz. Metrics can be computed again from the scores.
"""

import io
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from twinlib import paths
from twinlib.arrays import Column, Columns, groups, numbers, table_of
from twinlib.errors import InputError
from twinlib.files import hash_of_bytes, read_json, replacing_folder, sha256, write_json, write_text
from twinlib.measure.interval import ends
from twinlib.records import packed
from twinlib.records.schema import check_record, check_seal, sealed

SCORE_COLUMNS = [*packed.PAIR_COLUMNS, "score"]
PAIRS = "pairs"  # folder beside the records with the pair lists they share
REMEDY = "Take the file from version control again, or make the record anew with `twinlib run`."
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
    """A record on disk; tables are read when needed.

    Attributes:
        folder: where it lies.
        record: the content of run.json.
    """

    folder: Path
    record: dict[str, Any]

    def metrics(self) -> pd.DataFrame:
        """Tidy table, a row for each protocol and metric.

        Raises:
            InputError: metrics.csv is missing, damaged or edited.
        """
        return self._table("metrics.csv", METRIC_COLUMNS, {"protocol": str, "split": str, "metric": str})

    def protocols(self) -> list[str]:
        """Names of the protocols with scores."""
        older = {file.name.removesuffix(".csv.gz") for file in (self.folder / "scores").glob("*.csv.gz")}
        return sorted(older | set(self.record.get("scores", {})))

    def scores(self, protocol: str) -> pd.DataFrame:
        """Pairs and scores of a protocol, every split.

        Raises:
            InputError: the run has no such protocol (the message lists those it has), or a file is damaged or edited.
        """
        if protocol not in self.protocols():
            raise InputError(f"{self.folder.name} has no scores of {protocol!r}; it has {', '.join(self.protocols())}.")
        if (pairs := self.record.get("scores", {}).get(protocol)) is None:
            return self._table(f"scores/{protocol}.csv.gz", SCORE_COLUMNS, packed.TEXTS)
        return packed.unpack(self.checked(packed.FILE), self.folder.parent / PAIRS, protocol, pairs, self.folder.name)

    def history(self) -> pd.DataFrame:
        """Loss and rate over the training; empty where nothing was trained."""
        there = (self.folder / "history.csv").is_file() or "history.csv" in self.record.get("files", {})
        return pd.read_csv(io.BytesIO(self.checked("history.csv"))) if there else pd.DataFrame()

    def checked(self, name: str) -> bytes:
        """Content of a file of the record, the one that was written.

        Raises:
            InputError: it is missing, or its checksum is another.
        """
        file, written = self.folder / name, self.record.get("files", {}).get(name)
        try:
            content = file.read_bytes()
        except OSError as error:
            raise InputError(f"{file} cannot be read ({error.strerror}). {REMEDY}") from error
        if written is not None and hash_of_bytes(content) != written:
            raise InputError(f"{file} is not what this record was written with: it was edited or cut off. {REMEDY}")
        return content

    def _table(self, name: str, columns: list[str], texts: dict[str, type]) -> pd.DataFrame:
        """A table of a record, every column there and every number a number.

        Raises:
            InputError: the file is missing, edited or damaged; the message names it and what to do.
        """
        file = self.folder / name
        numbers = {name: float for name in ("value", "low", "high", "score") if name in columns}
        gone = {name: ["", "nan"] for name in columns if name not in texts}  # a family may be called NA
        kind = "gzip" if file.suffix == ".gz" else None
        try:
            content = io.BytesIO(self.checked(name))
            table = pd.read_csv(content, dtype=texts | numbers, compression=kind, keep_default_na=False, na_values=gone)
        except (OSError, EOFError, zlib.error, ValueError) as error:  # ValueError: also every parser error of pandas
            if isinstance(error, InputError):
                raise
            raise InputError(f"{file} cannot be read ({type(error).__name__}: {error}). {REMEDY}") from error
        if missing := [name for name in columns if name not in table]:
            raise InputError(f"{file}: the columns {missing} are missing. {REMEDY}")
        if "score" in columns and not np.isfinite(table["score"]).all():
            raise InputError(f"{file}: a score is empty or not finite. {REMEDY}")
        return table

    def summary(self) -> str:
        """A few lines for the terminal."""
        r = self.record
        shown = self.metrics().query("metric in ('auc', 'balanced_accuracy')")
        rows = [
            f"  {m['protocol']:12} {m['metric']:18} {m['value']:.3f} [{ends(m['low'], m['high'], '.3f')}]"
            for m in shown.to_dict("records")
        ]
        return "\n".join([f"{r['run_id']}  {r['dataset']}  {r['device']}  {r['wall_s']:.0f} s", *rows])


def score_table(pairs: Columns, scores: Column) -> pd.DataFrame:
    """Pairs with their scores rounded as they are stored, so that metrics before and after the disk are the same.

    Raises:
        InputError: another number of scores than of pairs, a score that is not finite, or a family that is missing.
    """
    table, values = table_of(pairs, SCORE_COLUMNS[:-1], "pairs"), numbers(scores, "scores")
    if len(table) != len(values):
        raise InputError(f"{len(values)} scores for {len(table)} pairs. Score the list in its order.")
    for side in ("family_a", "family_b"):
        groups(table[side], f"pairs.{side}")
    return table.assign(score=packed.rounded(values))[SCORE_COLUMNS]


def write_run(
    record: Mapping[str, Any],
    metrics: pd.DataFrame,
    scores: Mapping[str, pd.DataFrame],
    history: pd.DataFrame | None = None,
    folder: Path | None = None,
    beside: Mapping[str, bytes] | None = None,
    grow: bool = False,
) -> Run:
    """Write a record; the same content gives the same bytes.

    Args:
        record: from `schema.new_record`.
        metrics: tidy table with `METRIC_COLUMNS`.
        scores: protocol -> table of `score_table`.
        history: a row for each logged step.
        folder: where; results/runs/<run_id> if not given. What lies there stays until the new record is whole.
        beside: further files, name -> content.
        grow: keep the files that lie there, and the scores that the record has already.

    Raises:
        InputError: a field or column is missing or wrong, or a path of this machine is in the record.
    """
    folder = folder or runs_dir() / str(record.get("run_id"))
    check_record(record, folder / "run.json")
    for file, table, columns in [("metrics.csv", metrics, METRIC_COLUMNS)] + [
        (f"scores/{name}", table, SCORE_COLUMNS) for name, table in scores.items()
    ]:
        if missing := [name for name in columns if name not in table]:
            raise InputError(f"{folder / file}: the columns {missing} are missing.")
    if grow:
        older = Run(folder, dict(record))
        scores = {name: older.scores(name) for name in record.get("scores", {})} | dict(scores)
    with replacing_folder(folder, copy=grow) as new:
        write_text(new / "metrics.csv", metrics.to_csv(index=False, float_format="%.6f", lineterminator="\n"))
        said = packed.pack(new, folder.parent / PAIRS, scores) if scores else {}
        if history is not None:
            write_text(new / "history.csv", history.to_csv(index=False, float_format="%.6g", lineterminator="\n"))
        for name, content in (beside or {}).items():
            (new / name).write_bytes(content)
        written = [file for file in sorted(new.rglob("*")) if file.is_file() and file.name != "run.json"]
        files = {file.relative_to(new).as_posix(): sha256(file) for file in written}
        whole = sealed(dict(record) | {"scores": said, "files": files})
        write_json(new / "run.json", whole)
    return Run(folder, whole)


def read_run(folder: Path) -> Run:
    """Read and check one record.

    Raises:
        InputError: run.json is missing, unreadable, edited, of another schema or lacks a field; file and field are
            named.
    """
    record = read_json(folder / "run.json")
    check_record(record, folder / "run.json")
    check_seal(record, folder / "run.json")
    return Run(folder, record)


def list_runs(folder: Path | None = None) -> list[Run]:
    """Every record of a folder, in order of its id; of results/runs if none is given.

    Raises:
        InputError: one of them is broken.
    """
    return [read_run(file.parent) for file in _records(folder)]


def readable_runs(folder: Path | None = None) -> tuple[list[Run], dict[str, str]]:
    """Every sound record of a folder, and what is wrong with each of the others.

    Returns:
        The records in order of their id; name of the folder → why it is refused.
    """
    found, refused = [], {}
    for file in _records(folder):
        try:
            found.append(read_run(file.parent))
        except InputError as error:
            refused[file.parent.name] = str(error)
    return found, refused


def runs_dir() -> Path:
    """Folder of the records."""
    return paths.results_dir() / "runs"


def _records(folder: Path | None) -> Sequence[Path]:
    found = sorted((folder or runs_dir()).glob("*/run.json"))
    return [file for file in found if not file.parent.name.startswith(".")]
