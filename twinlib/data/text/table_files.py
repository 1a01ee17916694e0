"""Tables of text as people have them: any separator, any encoding, with every cell as it was typed.

Nothing is guessed about a cell: `001`, `NA`, `None` and `1e5` are names of people as good as any.
"""

import csv
import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from twinlib import files
from twinlib.data.text import words
from twinlib.data.text.filenames import nfc
from twinlib.errors import InputError

SEPARATORS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Table:
    """A table that was read.

    Attributes:
        frame: the cells as text in normal form C, without blanks around them; a row for each line that is not empty.
        lines: number of the line of the file that each row begins in.
        separator: between cells.
        notes: what the user should know; one sentence each.
        file: its place, for messages.
    """

    frame: pd.DataFrame
    lines: list[int]
    separator: str
    notes: tuple[str, ...]
    file: Path | zipfile.Path

    def numbers(self, columns: list[str]) -> np.ndarray:
        """Columns as floats [rows, columns]; a comma is a decimal one where it does not separate cells.

        Raises:
            InputError: names the first row with a cell that is no finite number.
        """
        texts = self.frame[columns]
        texts = texts if self.separator == "," else texts.apply(lambda column: column.str.replace(",", "."))
        found = texts.apply(pd.to_numeric, errors="coerce").to_numpy(np.float64)
        if not (fine := np.isfinite(found)).all():
            row, column = np.argwhere(~fine)[0]
            raise InputError(
                f"{self.file}: row {self.lines[row]}: wanted {self.what(columns)}, found "
                f"{self.frame[columns[column]].iloc[row]!r} in {columns[column]}. Leave such rows out or complete them."
            )
        return found

    def said(self, column: str, known: words.Words) -> pd.Series:
        """A column in our own words where they are known; other words stay as they are."""
        return self.frame[column].map(lambda cell: known.get(words.bare(str(cell)), cell))

    @staticmethod
    def what(columns: list[str]) -> str:
        """How many numbers are wanted, in words."""
        return {1: "a number", 10: "ten numbers"}.get(len(columns), f"{len(columns)} numbers")

    def typed(self, texts: tuple[str, ...]) -> pd.DataFrame:
        """The cells as pandas types them, but for the columns `texts`, which stay text; empty cells are missing."""
        same = io.StringIO(self.frame.to_csv(index=False, lineterminator="\n"))
        return pd.read_csv(same, dtype=dict.fromkeys(texts, "string"), keep_default_na=False, na_values=[""])


def read_table(file: Path | zipfile.Path, columns: words.Columns, header: bool = True) -> Table:
    """Read a table with a head of names.

    Args:
        file: comma, semicolon, tab or bar between the cells.
        columns: those that the caller looks for; they are renamed from whatever spelling they have.
        header: False for a table of cells alone, whose columns are called 0, 1, …

    Raises:
        InputError: the file is missing, empty or no text, has no row, two columns of one name, a row of another
            length, a quote that does not end, or two columns that mean the same; line and remedy are named.
    """
    text, note = files.read_text(file)
    text = nfc(text)
    broken = f"{file} is not a readable CSV table"
    if not text.strip():
        raise InputError(f"{broken} (it is empty). Make it again.")
    separator, text, skipped = _separator(text, columns)
    try:
        rows, lines = _rows(text, separator)
    except csv.Error as error:
        raise InputError(f"{broken} ({error}). Look for a quote that does not end.") from error
    lines = [line + skipped for line in lines]
    names = [str(i) for i in range(len(rows[0]))]
    if header:
        names, rows, lines = _named(rows[0], file), rows[1:], lines[1:]
    if not rows:
        raise InputError(f"{broken}: it has a head ({', '.join(names)}), but no row. Make it again.")
    rows = [_fitted(row, len(names), line, file) for row, line in zip(rows, lines, strict=True)]
    frame = pd.DataFrame(rows, columns=names, dtype=str)
    frame = frame.rename(columns=words.named(names, columns, str(file)))
    return Table(frame, lines, separator, (note,) if note else (), file)


def head_of(file: Path | zipfile.Path) -> list[str]:
    """First cells of a table, to tell what it is; none of an empty file.

    Raises:
        InputError: the file is missing or no text.
    """
    separator, text, _ = _separator(nfc(files.read_text(file).text), {})
    rows = ([cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    return next((row for row in rows if any(row)), [])


def _separator(text: str, columns: words.Columns) -> tuple[str, str, int]:
    """What parts the cells, the text after a line that says so (`sep=;`), and how many lines stand before it."""
    found = re.search(r"[^\r\n]*\S[^\r\n]*", text)
    first = found[0] if found else ""
    if found and (said := re.fullmatch(r'"?sep=(.)"?\s*', first)):
        return said[1], text[found.end() :], len(re.findall(r"\r\n|\r|\n", text[: found.start()]))
    heads = {mark: next(csv.reader([first], delimiter=mark), []) for mark in SEPARATORS}
    known = {bare for ours, others in columns.items() for bare in (words.bare(ours), *others)}
    fits = {mark: (sum(words.bare(name) in known for name in head), len(head)) for mark, head in heads.items()}
    return max(SEPARATORS, key=lambda mark: fits[mark]), text, 0


def _rows(text: str, separator: str) -> tuple[list[list[str]], list[int]]:
    """Rows that hold something, and the line that each begins in."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows, lines, begin = [], [], 1
    for row in reader:
        cells = [cell.strip() for cell in row]
        if any(cells):
            rows.append(cells)
            lines.append(begin)
        begin = reader.line_num + 1
    return rows, lines


def _named(head: list[str], file: Path | zipfile.Path) -> list[str]:
    """Names of the columns: one that has none (pandas writes its index so) is called by its place."""
    names = [name or f"column {i + 1}" for i, name in enumerate(head)]
    while names and not head[len(names) - 1]:  # spreadsheets leave empty columns at the end
        names.pop()
    if twice := next((name for i, name in enumerate(names) if name in names[:i]), None):
        raise InputError(f"{file}: the column {twice!r} occurs twice. Remove or rename one.")
    return names


def _fitted(row: list[str], wanted: int, line: int, file: Path | zipfile.Path) -> list[str]:
    """A row of the wanted length; empty cells beyond it do not count."""
    if len(row) < wanted or any(row[wanted:]):
        raise InputError(
            f"{file} is not a readable CSV table: line {line} has {len(row)} cells, its head {wanted}. "
            "Correct the line; a cell that holds a separator must stand in quotes."
        )
    return row[:wanted]
