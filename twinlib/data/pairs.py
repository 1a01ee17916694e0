"""Pair lists on disk: one CSV a protocol, checked when read."""

from pathlib import Path

import numpy as np
import pandas as pd

from twinlib.data.text import words
from twinlib.data.text.table_files import read_table
from twinlib.errors import InputError
from twinlib.files import write_text

PAIR_SEED = 0  # pair lists belong to the data set: every model is scored on the same pairs
PAIR_COLUMNS = ["pair", "image_a", "image_b", "same", "kind", "family_a", "family_b", "split", "fold"]
KINDS = ("genuine", "twin", "sibling", "stranger")
TEXTS = ("image_a", "image_b", "kind", "family_a", "family_b", "split")


def write_pairs(path: Path, pairs: pd.DataFrame) -> None:
    """Write a pair list as CSV, the same bytes on every machine.

    Raises:
        InputError: the list breaks a rule of `check_pairs`.
    """
    check_pairs(pairs, str(path))
    write_text(path, pairs[PAIR_COLUMNS].to_csv(index=False, lineterminator="\n"))


def read_pairs(path: Path) -> pd.DataFrame:
    """Read a pair list; its row order is the order of the scores.

    Raises:
        InputError: the file is missing or breaks a rule of `check_pairs`.
    """
    if not path.is_file():
        raise InputError(f"{path} does not exist. Draw the protocol again with `twinlib data`.")
    read = read_table(path, words.PAIRS)
    if missing := [name for name in PAIR_COLUMNS if name not in read.frame]:
        raise InputError(f"{path}: a pair list needs the columns {PAIR_COLUMNS}; {missing} are missing.")
    for name, known in (("kind", words.KIND), ("split", words.SPLIT)):
        read.frame[name] = read.said(name, known)
    read.frame["same"] = read.frame["same"].map(lambda cell: str(words.SAME.get(str(cell).casefold(), cell)))
    numbers = ["pair", "same", "fold"]
    pairs = read.typed(TEXTS).assign(**{name: read.frame[name] for name in TEXTS})
    pairs[numbers] = read.numbers(numbers).astype(np.int64)
    check_pairs(pairs, str(path))
    return pairs


def lfw_pairs(path: Path) -> pd.DataFrame:
    """The k-fold list of LFW (columns fold, image_a, image_b, same) as a pair list; a family is a person.

    Raises:
        InputError: the file is missing or lacks a column.
    """
    if not path.is_file():
        raise InputError(f"{path} does not exist. Name the folder of the LFW pairs in TWINLIB_DATA.")
    read = read_table(path, words.PAIRS)
    if missing := {"fold", "image_a", "image_b", "same"} - set(read.frame):
        raise InputError(f"{path} lacks the columns {sorted(missing)}.")
    numbers = read.numbers(["fold", "same"]).astype(np.int64)
    table = read.frame.assign(fold=numbers[:, 0], same=numbers[:, 1])
    table["kind"] = np.where(table.same == 1, "genuine", "stranger")
    table["split"] = "test"
    for side in "ab":
        table[f"family_{side}"] = table[f"image_{side}"].str.split("/").str[0]
    table.insert(0, "pair", np.arange(len(table)))
    return table[PAIR_COLUMNS]


def check_pairs(pairs: pd.DataFrame, where: str) -> None:
    """Refuse a pair list that would count wrongly.

    Args:
        pairs: the list.
        where: file or protocol, for the message.

    Raises:
        InputError: a column is missing, the list is empty, an id or a pair of images occurs twice, an image is paired
            with itself, a kind is unknown, or `same` and `kind` disagree.
    """
    if missing := [name for name in PAIR_COLUMNS if name not in pairs]:
        raise InputError(f"{where}: a pair list needs the columns {PAIR_COLUMNS}; {missing} are missing.")
    if pairs.empty:
        raise InputError(f"{where}: the pair list is empty. Use a data set with more families or images.")
    both = pd.DataFrame(
        {"low": pairs[["image_a", "image_b"]].min(axis=1), "high": pairs[["image_a", "image_b"]].max(axis=1)}
    )
    rules = {
        "a kind that is none of " + ", ".join(KINDS): ~pairs.kind.isin(KINDS),
        "`same` that is not 1 for genuine and 0 for other pairs": pairs.same != (pairs.kind == "genuine").astype(int),
        "an image paired with itself": pairs.image_a == pairs.image_b,
        "the two images of an earlier pair": both.duplicated(),
        "the id of an earlier pair": pairs.pair.duplicated(),
    }
    for what, rows in rules.items():
        if rows.any():
            raise InputError(
                f"{where}: pair {pairs.pair[rows].iloc[0]} has {what} ({int(rows.sum())} such pairs). Draw it again."
            )
