"""Pair lists of the field: LFW's `pairs.txt` and tidy CSV, with the images in a folder or a zip."""

from pathlib import Path

import pandas as pd

from twinlib.data.pairs import KINDS
from twinlib.data.photos import list_photos
from twinlib.data.readers.collection import Collection, from_pairs, subjects_implied
from twinlib.data.readers.names import Names
from twinlib.errors import InputError
from twinlib.files import write_text

TRUE, FALSE = ("1", "true"), ("0", "false")
KIND_OF = {"self": "genuine", "same": "genuine", "mz": "twin", "dz": "sibling"} | {kind: kind for kind in KINDS}


def read_list(images: Path, pairs: Path) -> Collection:
    """Images of a folder or zip with a pair list in either form, told apart by its ending.

    Args:
        images: folder or zip.
        pairs: `.txt` as LFW's, or `.csv`.

    Raises:
        InputError: another ending, a damaged list, or an image that is not there.
    """
    photos = list_photos(images)
    listed, notes = resolved(pairs, photos.images, photos.paths)
    paths = list(dict.fromkeys([*listed["image_a"], *listed["image_b"]]))
    if pairs.suffix == ".txt":  # named after people
        subject_of = {path: path.split("/")[-2] for path in paths}
    else:
        subject_of, odd = subjects_implied(listed, paths)
        notes += odd
    return from_pairs(listed, dict(zip(paths, paths, strict=True)), subject_of, photos.source, notes)


def resolved(pairs: Path, images: list[str], paths: list[str]) -> tuple[pd.DataFrame, list[str]]:
    """A pair list whose images are given by their paths.

    Args:
        pairs: `.txt` as LFW's, or `.csv`.
        images: names of the images there are.
        paths: their paths, in the same order.

    Returns:
        As `read_tidy`.

    Raises:
        InputError: another ending, a damaged list, or an image that is not there.
    """
    readers = {".txt": read_lfw, ".csv": read_tidy}
    if pairs.suffix not in readers:
        raise InputError(f"{pairs}: wanted a pair list ending in {' or '.join(readers)}. Rename or convert it.")
    listed, notes = readers[pairs.suffix](pairs)
    by_name = dict(zip(images, paths, strict=True))  # of a data set: ids instead of paths
    used = dict.fromkeys([*listed["image_a"], *listed["image_b"]])
    missing = [name for name in used if name not in by_name]
    path_of = {name: by_name[name] for name in used if name in by_name} | Names(paths).find_all(missing, str(pairs))
    return listed.assign(**{side: listed[side].map(path_of) for side in ("image_a", "image_b")}), notes


def read_lfw(path: Path) -> tuple[pd.DataFrame, list[str]]:
    """A list in the form of LFW: folds of n genuine, then n impostor pairs; images as `Name/Name_0001`.

    Returns:
        Columns fold (from 1), image_a, image_b, same; and no note.

    Raises:
        InputError: missing, no such header, a line of another form, or another number of lines than the header says.
    """
    lines = _lines(path)
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
    return table, []


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
    """A CSV with a row a pair: image_a, image_b, same (0 or 1), and possibly fold and kind (or relation).

    Returns:
        The columns fold (1 if there is none), image_a, image_b, same, kind; notes on rows left out.

    Raises:
        InputError: missing, no CSV, a column is missing, or `same` is something else.
    """
    _lines(path)
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(f"{path} is not a readable CSV table ({error}). Make it again.") from error
    if missing := [name for name in ("image_a", "image_b", "same") if name not in table]:
        raise InputError(f"{path}: wanted the columns image_a, image_b, same; {missing[0]!r} is missing.")
    same = table["same"].str.lower()
    if (odd := ~same.isin(TRUE + FALSE)).any():
        raise InputError(f"{path}: row {int(odd.idxmax()) + 2}: same is {same[odd.idxmax()]!r}; wanted 0 or 1.")
    table["same"] = same.isin(TRUE).astype(int)
    table["fold"] = _folds(table, path)
    kind = table.get("kind", table.get("relation"))
    plain = table["same"].map({1: "genuine", 0: "stranger"})
    table["kind"] = plain if kind is None else kind.map(KIND_OF).where(kind != "", plain)
    left_out = table["kind"].isna()
    if (odd := ~left_out & ((table["kind"] == "genuine") != (table["same"] == 1))).any():
        row = int(odd.idxmax())
        raise InputError(
            f"{path}: row {row + 2}: same is {table['same'][row]}, kind {table['kind'][row]!r}. Correct it."
        )
    notes = []
    if left_out.any():
        example = kind[left_out].iloc[0]
        notes.append(f"{int(left_out.sum())} pairs were left out: {example!r} is none of {', '.join(KINDS)}.")
    return table.loc[~left_out, ["fold", "image_a", "image_b", "same", "kind"]].reset_index(drop=True), notes


def _lines(path: Path) -> list[str]:
    """Lines with something on them."""
    if not path.is_file():
        raise InputError(f"{path} does not exist. Name a pair list.")
    try:
        return [line for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text ({error}). Save it as UTF-8.") from error


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


def _folds(table: pd.DataFrame, path: Path) -> pd.Series:
    if "fold" not in table:
        return pd.Series(1, index=table.index)
    if (odd := ~table["fold"].str.fullmatch(r"\d+")).any():
        found = table["fold"][odd.idxmax()]
        raise InputError(f"{path}: row {int(odd.idxmax()) + 2}: fold is {found!r}; wanted a whole number.")
    return table["fold"].astype(int)
