"""The table of the study: parts in their order, the rows of each, and the experiment behind a row and seed."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pandas as pd
import yaml
from yaml.constructor import ConstructorError

from twinlib import config, paths
from twinlib.config import Experiment
from twinlib.config.sections import section
from twinlib.errors import InputError
from twinlib.files import write_text


@dataclass(frozen=True)
class RowSettings:
    """What the table says of a row; what is None is its part's, else the table's."""

    experiment: str | None = None  # name of its file; None: the row's own name
    set: tuple[str, ...] = ()  # overrides, key=value
    seeds: int | None = None  # 0 … seeds − 1
    trunks: tuple[str, ...] | None = None  # to start from in turn, where the experiment starts from one of them
    tuning: str | None = None  # row whose tuning it runs with; None: its own
    keep: tuple[int, ...] = ()  # seeds whose weights are kept in the record


@dataclass(frozen=True)
class PartSettings:
    """What the table says of a part."""

    title: str = ""
    set: tuple[str, ...] = ()  # overrides of all its rows, before their own
    seeds: int | None = None
    trunks: tuple[str, ...] | None = None
    rows: dict | None = None  # name → RowSettings; the parser checks them one by one


@dataclass(frozen=True)
class TableSettings:
    """The table's own settings."""

    profile: str = "cpu"
    seeds: int = 5
    trunks: tuple[str, ...] = ()
    parts: dict | None = None  # name → PartSettings


@dataclass(frozen=True)
class Row:
    """A row of the table, resolved.

    Attributes:
        part: name of its part.
        title: of its part.
        name: its own; no other row has it.
        profile: of its runs.
        experiment: name of the experiment's file.
        overrides: of the table, then of the tuning.
        seeds: of its runs.
        trunks: that they start from, in turn, where the experiment itself starts from one of them.
        tuning: row whose tuning it runs with.
        tuned: the overrides that the tuning chose; None where nothing was tuned.
        keep: seeds whose weights are kept in the record.
    """

    part: str
    title: str
    name: str
    profile: str
    experiment: str
    overrides: tuple[str, ...]
    seeds: tuple[int, ...]
    trunks: tuple[str, ...]
    tuning: str
    tuned: tuple[str, ...] | None
    keep: tuple[int, ...]

    @cached_property
    def base(self) -> Experiment:
        """The experiment of seed 0 with the profile's own start."""
        return config.load(self.experiment, self.profile, (*self.overrides, *(self.tuned or ())), 0)

    def of(self, seed: int, twice: bool = False) -> Experiment:
        """The experiment of a seed.

        Args:
            seed: of weights, batches and augmentation; decides the trunk too.
            twice: with twice the images, to see whether the row had enough.
        """
        train = self.base.train
        if train.trunk in self.trunks:  # a row from scratch, or from another network's trunk, keeps its own start
            train = replace(train, trunk=self.trunks[seed % len(self.trunks)])
        if twice:
            train = replace(train, passes=2 * train.passes)
        return replace(self.base, seed=seed, train=train)


def rows_file() -> Path:
    """The table of the report."""
    return paths.package_dir() / "experiments/study/rows.yaml"


def read_rows(file: Path | None = None, tuned: Mapping[str, tuple[str, ...]] | None = None) -> list[Row]:
    """The rows of a table in its order.

    Args:
        file: YAML file; the report's own if not given.
        tuned: row → overrides that tuning chose; read from `tuning.csv` beside the table if not given.

    Raises:
        InputError: the file is missing or no YAML, a key or value is wrong, two rows have one name, a row takes the
            tuning of one that is not there, or keeps the weights of a seed that it does not have.
    """
    file = file or rows_file()
    tuned = read_tuned(file.with_name("tuning.csv")) if tuned is None else tuned
    table = section(TableSettings, _yaml(file), "table", str(file))
    rows: list[Row] = []
    for name, value in (table.parts or {}).items():
        part = section(PartSettings, value, "part", f"{file}: part {name}")
        for row, own in (part.rows or {}).items():
            rows.append(_row(str(name), part, str(row), own, table, tuned, file))
    names = [row.name for row in rows]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(f"{file}: row {twice[0]!r} occurs twice. Give one of them another name.")
    if strange := [row for row in rows if row.tuning not in names]:
        raise InputError(f"{file}: row {strange[0].name!r} takes the tuning of {strange[0].tuning!r}, which is no row.")
    return rows


def chosen(rows: Sequence[Row], part: str = "", row: str = "", seed: int | None = None) -> list[Row]:
    """Rows of these parts, of these names and with this seed only; commas between several.

    Raises:
        InputError: an unknown part or row, or nothing left.
    """
    for given, what, known in (
        (part, "part", [r.part for r in rows]),
        (row, "row", [r.name for r in rows]),
    ):
        if unknown := sorted(set(_names(given)) - set(known)):
            raise InputError(f"{what} {unknown[0]!r} is unknown; known: {', '.join(dict.fromkeys(known))}.")
    left = [r for r in rows if (not part or r.part in _names(part)) and (not row or r.name in _names(row))]
    if seed is not None:
        left = [replace(r, seeds=(seed,)) for r in left if seed in r.seeds]
    if not left:
        raise InputError("no row is left: the parts, rows and seed that were named do not meet. Leave one out.")
    return left


def _names(text: str) -> list[str]:
    return [name.strip() for name in str(text).split(",") if name.strip()]


def _row(
    part: str, of: PartSettings, name: str, value: object, table: TableSettings, tuned: Mapping, file: Path
) -> Row:
    own: RowSettings = section(RowSettings, value, "row", f"{file}: row {name}")
    seeds, trunks = (
        next(given for given in (getattr(level, key) for level in (own, of, table)) if given is not None)
        for key in ("seeds", "trunks")
    )
    if seeds < 1 or (strange := sorted(set(own.keep) - set(range(seeds)))):
        wrong = f"seeds is {seeds}" if seeds < 1 else f"it keeps the weights of seed {strange[0]}, which it has not"
        raise InputError(f"{file}: row {name}: {wrong}. Seeds count from 0 and there is at least one.")
    tuning = own.tuning or name
    return Row(part, of.title, name, table.profile, own.experiment or name, (*of.set, *own.set), tuple(range(seeds)),
               tuple(trunks), tuning, tuned.get(tuning), tuple(own.keep))  # fmt: skip


class _Once(yaml.SafeLoader):
    """A loader that refuses a name which occurs twice; yaml itself would drop the first."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        names = [key.value for key, _ in node.value]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ConstructorError(None, None, f"{twice[0]!r} occurs twice", node.start_mark)
        return super().construct_mapping(node, deep)


def _yaml(file: Path) -> object:
    try:
        return yaml.load(file.read_text(encoding="utf-8"), _Once)
    except OSError as error:
        raise InputError(f"{file} cannot be read ({error.strerror}). Name a table of rows.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{file} is not valid YAML: {' '.join(str(error).split())}") from error


COLUMNS = ["row", "settings", "auc", "passes", "edge", "chosen"]


def read_tuned(file: Path) -> dict[str, tuple[str, ...]]:
    """Row → the overrides that were chosen for it; empty where nothing was tuned yet.

    Raises:
        InputError: the file is damaged, or has not exactly one chosen line a row.
    """
    table = read_tuning(file)
    counts = table.groupby("row")["chosen"].sum()
    if (odd := counts[counts != 1]).size:
        raise InputError(f"{file}: row {odd.index[0]!r} has {odd.iloc[0]} chosen lines, wanted one. Tune it again.")
    chosen = table[table["chosen"] == 1]
    return {str(row): tuple(str(text).split()) for row, text in zip(chosen["row"], chosen["settings"], strict=True)}


def read_tuning(file: Path) -> pd.DataFrame:
    """The whole table; without a line where nothing was tuned yet.

    Raises:
        InputError: it cannot be read or lacks a column.
    """
    if not file.is_file():
        return pd.DataFrame(columns=COLUMNS).astype({"auc": float, "chosen": int})
    try:
        table = pd.read_csv(file, dtype={"row": str, "settings": str}, keep_default_na=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise InputError(f"{file} cannot be read ({error}). Take it from version control again.") from error
    if missing := [name for name in COLUMNS if name not in table]:
        raise InputError(f"{file}: the columns {missing} are missing. Take it from version control again.")
    return table


def write_tuning(file: Path, lines: Sequence[dict[str, object]]) -> None:
    """Put lines into the table in place of those of the same rows; sorted by row, then as given."""
    new = pd.DataFrame(list(lines), columns=COLUMNS)
    old = read_tuning(file)
    table = pd.concat([old[~old["row"].isin(new["row"])], new]).sort_values("row", kind="stable")
    text = io.StringIO()
    table.to_csv(text, index=False, float_format="%.4f", lineterminator="\n")
    write_text(file, text.getvalue())
