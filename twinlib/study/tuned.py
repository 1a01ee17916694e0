"""What tuning found, as a table beside the rows: a line a setting that was tried, the chosen ones marked."""

import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from twinlib.errors import InputError
from twinlib.files import write_text

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
    return {line.row: tuple(line.settings.split()) for line in table[table["chosen"] == 1].itertuples()}


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
