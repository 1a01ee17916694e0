"""Pair lists of the field: LFW's `pairs.txt` and tidy CSV, with the images in a folder or a zip."""

from pathlib import Path

import pandas as pd

from twinlib import files
from twinlib.data.pairs import KINDS
from twinlib.data.readers.collection import Collection, from_pairs, subjects_implied
from twinlib.data.readers.names import Names
from twinlib.data.text import words
from twinlib.data.text.table_files import Table, head_of, read_table
from twinlib.errors import InputError
from twinlib.faces.photos import list_photos
from twinlib.files import write_text

ENDINGS = (".txt", ".csv", ".tsv")
NEEDED = ("image_a", "image_b", "same")


def read_list(images: Path, pairs: Path, follow_links: bool = False) -> Collection:
    """Images of a folder or zip with a pair list in either form, told apart by its first line.

    Args:
        images: folder or zip.
        pairs: a text as LFW's, or a table.
        follow_links: see `list_photos`.

    Raises:
        InputError: another ending, a damaged list, or an image that is not there.
    """
    photos = list_photos(images, follow_links=follow_links)
    listed, notes = resolved(pairs, photos.images, photos.paths)
    paths = list(dict.fromkeys([*listed["image_a"], *listed["image_b"]]))
    if not is_table(pairs):  # named after people
        subject_of = {path: path.split("/")[-2] for path in paths}
    else:
        subject_of, odd = subjects_implied(listed, paths)
        notes += odd
    return from_pairs(listed, dict(zip(paths, paths, strict=True)), subject_of, photos.source, notes, follow_links)


def is_table(pairs: Path) -> bool:
    """Whether a pair list is a table with a head, and not in the form of LFW.

    Raises:
        InputError: missing or no text.
    """
    found = words.named(head_of(pairs), words.PAIRS, str(pairs)).values()
    return pairs.suffix.lower() != ".txt" or {"image_a", "image_b"} <= {*found}


def resolved(pairs: Path, images: list[str], paths: list[str]) -> tuple[pd.DataFrame, list[str]]:
    """A pair list whose images are given by their paths.

    Args:
        pairs: a text as LFW's, or a table.
        images: names of the images there are.
        paths: their paths, in the same order.

    Returns:
        As `read_tidy`.

    Raises:
        InputError: another ending, a damaged list, or an image that is not there.
    """
    if pairs.suffix.lower() not in ENDINGS:
        raise InputError(f"{pairs}: wanted a pair list ending in {' or '.join(ENDINGS)}. Rename or convert it.")
    listed, notes = read_tidy(pairs) if is_table(pairs) else read_lfw(pairs)
    by_name = dict(zip(images, paths, strict=True))  # of a data set: ids instead of paths
    used = dict.fromkeys([*listed["image_a"], *listed["image_b"]])
    missing = [name for name in used if name not in by_name]
    path_of = {name: by_name[name] for name in used if name in by_name} | Names(paths).find_all(missing, str(pairs))
    return listed.assign(**{side: listed[side].map(path_of) for side in ("image_a", "image_b")}), notes


def read_lfw(path: Path) -> tuple[pd.DataFrame, list[str]]:
    """A list in the form of LFW: folds of n genuine, then n impostor pairs; images as `Name/Name_0001`.

    Returns:
        Columns fold (from 1), image_a, image_b, same; and a note on the encoding, if it is another than UTF-8.

    Raises:
        InputError: missing, no such header, a line of another form, or another number of lines than the header says.
    """
    text, note = files.read_text(path)
    lines = [line for line in text.splitlines() if line.strip()]
    head = lines[0].split() if lines else []
    if not all(part.isdecimal() for part in head) or len(head) not in (1, 2):
        raise InputError(f"{path}: line 1: wanted the number of folds and of pairs, e.g. '10 300', found {lines[:1]}.")
    folds, size = (int(head[0]), int(head[1])) if len(head) == 2 else (1, int(head[0]))
    if len(lines) - 1 != 2 * folds * size:
        found = len(lines) - 1
        raise InputError(f"{path}: line 1 promises {2 * folds * size} pairs, the file has {found}. Restore the file.")
    rows = [_lfw_pair(line, number + 2, path) for number, line in enumerate(lines[1:])]
    table = pd.DataFrame(rows, columns=["image_a", "image_b", "same"])
    table.insert(0, "fold", [i // (2 * size) + 1 for i in range(len(rows))])
    return table, [note] if note else []


def write_lfw(path: Path, pairs: pd.DataFrame) -> None:
    """Write a list in the form of LFW.

    Args:
        path: file to write.
        pairs: fold, image_a, image_b, same; images as `Name/Name_0001` with or without suffix.

    Raises:
        InputError: an image of another name, or folds that are not n genuine and n impostor pairs each.
    """
    counts = pairs.groupby(["fold", "same"]).size().unstack(fill_value=0)
    if counts.shape[1] != 2 or counts.to_numpy().min() != counts.to_numpy().max():
        raise InputError(f"{path}: folds of LFW's form hold n genuine and n impostor pairs each. Write a .csv instead.")
    lines = [f"{len(counts)}\t{counts.iloc[0, 0]}"]
    for _, row in pairs.sort_values(["fold", "same"], ascending=[True, False], kind="stable").iterrows():
        (a, i), (b, j) = (_lfw_name(row[side], path) for side in ("image_a", "image_b"))
        lines.append(f"{a}\t{i}\t{j}" if row["same"] == 1 else f"{a}\t{i}\t{b}\t{j}")
    write_text(path, "\n".join(lines) + "\n")


def read_tidy(path: Path) -> tuple[pd.DataFrame, list[str]]:
    """A table with a row for each pair: image_a, image_b, same (0 or 1), perhaps fold and kind, by any of their names.

    Returns:
        The columns fold (1 if there is none), image_a, image_b, same, kind; notes on rows left out.

    Raises:
        InputError: missing, no table, a column is missing, a cell is empty, or `same` is something else.
    """
    read = read_table(path, words.PAIRS)
    table, notes = read.frame, list(read.notes)
    if missing := [name for name in NEEDED if name not in table]:
        raise InputError(f"{path}: wanted the columns {', '.join(NEEDED)}; {missing[0]!r} is missing.")
    for name in NEEDED[:2]:
        _refuse(read, table[name] == "", f"has no {name}. Fill it in.")
    same = table["same"].map(lambda cell: words.SAME.get(str(cell).casefold(), -1))
    _refuse(read, same < 0, "same is {same!r}; wanted 0 or 1.")
    given = read.said("kind", words.KIND) if "kind" in table else pd.Series("", index=table.index)
    kind = given.where(given != "", same.map({1: "genuine", 0: "stranger"}))
    left_out = ~kind.isin(KINDS)
    odd = ~left_out & ((kind == "genuine") != (same == 1))
    _refuse(read, odd, "same is {same}, kind {kind!r}. Correct it.")
    if left_out.any():
        example = kind[left_out].iloc[0]
        notes.append(f"{int(left_out.sum())} pairs were left out: {example!r} is none of {', '.join(KINDS)}.")
    listed = table[["image_a", "image_b"]].assign(same=same, kind=kind)
    listed.insert(0, "fold", _folds(read))
    return listed[~left_out].reset_index(drop=True), notes


def _refuse(read: Table, rows: pd.Series, what: str) -> None:
    """Refuse the first of some rows, and name its line."""
    if rows.any():
        row = int(rows.argmax())
        raise InputError(f"{read.file}: row {read.lines[row]}: {what.format(**read.frame.iloc[row])}")


def _lfw_pair(line: str, number: int, path: Path) -> tuple[str, str, int]:
    parts = line.strip().split("\t") if "\t" in line else line.split()
    ints = parts[1:] if len(parts) == 3 else parts[1::2]
    if len(parts) not in (3, 4) or not all(part.isdecimal() for part in ints):
        raise InputError(f"{path}: line {number}: wanted 'name i j' or 'name i name j', found {line.strip()!r:.80}.")
    a, b = parts[0], parts[0] if len(parts) == 3 else parts[2]
    i, j = (int(part) for part in ints)
    return f"{a}/{a}_{i:04d}", f"{b}/{b}_{j:04d}", int(len(parts) == 3)


def _lfw_name(image: str, path: Path) -> tuple[str, int]:
    person, _, file = image.rpartition("/")
    stem, _, number = file.rpartition(".")[0].rpartition("_") if "." in file else file.rpartition("_")
    if not person or stem != person.split("/")[-1] or not number.isdecimal():
        raise InputError(f"{path}: {image!r} is not named like Name/Name_0001. Write a .csv instead.")
    return stem, int(number)


def _folds(read: Table) -> pd.Series:
    """Number of each pair's fold; a spreadsheet may have made 1.0 of 1."""
    if "fold" not in read.frame:
        return pd.Series(1, index=read.frame.index)
    fold = read.frame["fold"].str.removesuffix(".0")
    _refuse(read, ~fold.str.fullmatch(r"[0-9]{1,9}"), "fold is {fold!r}; wanted a whole number.")
    return fold.astype(int)
