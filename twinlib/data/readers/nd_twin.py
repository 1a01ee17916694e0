"""ND_TWIN and its look-alikes: a folder for each subject, and JSON files that say who is whose twin.

Twins of a list are families of two, but triplets are listed as three pairs. A family is therefore everyone connected
by pairs, never one pair: a triplet counted as three families would have each of its members in two of them, and could
be in training and test at once.
"""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from twinlib import files
from twinlib.data.leakage import families_of, refuse_torn_families
from twinlib.data.readers.collection import Collection
from twinlib.data.readers.names import Names
from twinlib.data.readers.twin_lists import IMAGE_FILE, PAIR_FILE, Listing, Twins, find_lists, read_images, read_twins
from twinlib.data.splits import cut_validation
from twinlib.data.text.filenames import nfc, printable
from twinlib.errors import InputError
from twinlib.faces.photos import list_photos


def read_ndtwin(root: Path, pairs: Path | None = None, relation: str = "mz", follow_links: bool = False) -> Collection:
    """Images and families of an ND_TWIN-shaped folder or zip.

    Lists lie in it: `pairs.json`, `twins.csv` or `twin_pairs_infor.json`, or one each for train and test; with
    `id_to_images.json` or `dataset_infor.json` (or one each) the images are those named there, else the folders below
    are the subjects. Subjects without a pair are families of one.

    Args:
        root: the folder or zip.
        pairs: a list of twins elsewhere, instead of those in the folder.
        relation: of the pairs that the list says nothing of: mz, dz or sibling. A family with identical twins in it
            counts as theirs.
        follow_links: see `list_photos`.

    Returns:
        A collection without pair list. `split` is empty where the source gives none; where it gives train and test
        alone, validation is cut from train.

    Raises:
        InputError: no list, a list of another form, a subject without images, or a family in two splits.
    """
    photos = list_photos(root, follow_links=follow_links)  # first: it refuses what is no folder and no zip
    lists = [pairs] if pairs else find_lists(root, PAIR_FILE)
    if not lists:
        raise InputError(f"{root} holds no list of twins such as pairs.json. Name one with --pairs.")
    table, notes = _images(root, photos.paths)
    twins = [pair for file in lists for pair in read_twins(file, set(table["subject"]))]
    if not twins:
        raise InputError(f'{", ".join(file.name for file in lists)}: no pair of twins. E.g. [["a", "b"], …].')
    _refuse_unknown(twins, set(table["subject"]))
    families = families_of((pair.a, pair.b) for pair in twins)
    notes += [note for file in lists if (note := files.read_text(file).note)] + chained(twins)
    table["family"] = [f"family{families[name]:04d}" if name in families else name for name in table["subject"]]
    kinds: dict[int, set[str]] = {}
    for pair in twins:
        kinds.setdefault(families[pair.a], set()).add(pair.relation or relation)
    related = {number: next(kind for kind in ("mz", "dz", "sibling") if kind in said) for number, said in kinds.items()}
    table["relation"] = [related[families[name]] if name in families else "single" for name in table["subject"]]
    table["split"] = _splits(table, twins)
    if {"train", "test"} == set(table["split"]):
        table = cut_validation(table)
        notes.append("train and test were given; validation is 15 % of the training families.")
    return Collection(
        table[["image", "path", "subject", "family", "split", "relation"]], None, root, tuple(notes), follow_links
    )


def chained(twins: Sequence[Twins]) -> list[str]:
    """A note for each family that hangs together by a chain: A-B and B-C without A-C may be a typing error."""
    families = families_of((pair.a, pair.b) for pair in twins)
    members: dict[int, list[str]] = {}
    for name, number in families.items():
        members.setdefault(number, []).append(name)
    known = {frozenset((pair.a, pair.b)) for pair in twins}
    notes = []
    for names in members.values():
        links = sum(frozenset((a, b)) in known for i, a in enumerate(names) for b in names[i + 1 :])
        wanted = len(names) * (len(names) - 1) // 2
        if links < wanted:
            notes.append(f"family {', '.join(names)} is a chain: {links} of its {wanted} pairs are listed. Check them.")
        elif len(names) > 2:
            notes.append(f"family {', '.join(names)} is one of {len(names)}, listed as {wanted} pairs.")
    return notes


def _images(root: Path, paths: list[str]) -> tuple[pd.DataFrame, list[str]]:
    """A row for each image with image, path, subject and the split of its list (may be empty)."""
    lists = find_lists(root, IMAGE_FILE)
    if lists:
        return _listed(paths, lists)
    level = _subject_level(paths)
    rows = [(path, path, printable(path).split("/")[level].strip(), "") for path in paths if path.count("/") > level]
    if not rows:
        raise InputError(f"{root}: wanted a folder for each subject, found photographs only. Sort them into folders.")
    loose = len(paths) - len(rows)
    notes = [f"{loose} photographs lie beside the folders and were left out."] if loose else []
    return pd.DataFrame(rows, columns=["image", "path", "subject", "given"]), notes


def _subject_level(paths: list[str]) -> int:
    """Depth of the subjects' folders: below the folders that all images share."""
    folders = {tuple(path.split("/")[:-1]) for path in paths if "/" in path}
    level = 0
    while all(len(folder) > level + 1 for folder in folders) and len({folder[level] for folder in folders}) == 1:
        level += 1
    return level


def _listed(paths: list[str], lists: list[Listing]) -> tuple[pd.DataFrame, list[str]]:
    """Images as the lists name them; those that are not there are left out and counted."""
    names, rows, missing = Names(paths), [], []
    for file in lists:
        split, images = read_images(file)
        for subject, listed in images.items():
            for name in listed:
                path = names.find(name)
                rows.append((path, path, nfc(subject.strip()), split)) if path else missing.append(name)
    if not rows:
        raise InputError(
            f"{lists[0]}: none of its {len(missing)} images is there, e.g. {missing[0]!r}. Copy them here."
        )
    table = pd.DataFrame(rows, columns=["image", "path", "subject", "given"]).drop_duplicates(ignore_index=True)
    if (twice := table["path"].duplicated()).any():
        path = table["path"][twice].iloc[0]
        where = " and ".join(
            sorted({f"{row.subject} {row.given}".strip() for row in table[table.path == path].itertuples()})
        )
        raise InputError(f"{path} occurs twice in the lists: {where}. Keep one.")
    notes = [f"{len(missing)} listed images are not there, e.g. {missing[0]}."] if missing else []
    unlisted = len(paths) - len(table)
    return table, notes + ([f"{unlisted} photographs are in no list and were left out."] if unlisted else [])


def _refuse_unknown(twins: Sequence[Twins], subjects: set[str]) -> None:
    unknown = [(name, pair.file) for pair in twins for name in (pair.a, pair.b) if name not in subjects]
    if unknown:
        count = len({name for name, _ in unknown})
        name, file = unknown[0]
        zeros = next((subject for subject in sorted(subjects) if subject != name and subject.lstrip("0") == name), None)
        hint = f" Spreadsheets take leading zeros away: {zeros!r} may be meant." if zeros else ""
        raise InputError(
            f"{file} names {name!r}, of whom there is no image ({count} such subjects). "
            f"Add the images or take the pair out.{hint}"
        )


def _splits(table: pd.DataFrame, twins: Sequence[Twins]) -> pd.Series:
    """Split of every image: that of its list, or of the list of its family's pairs."""
    related = [(pair.a, pair.b) for pair in twins]
    split_of: dict[str, str] = {}
    given = [(who, part) for who, part in zip(table["subject"], table["given"], strict=True) if part]
    for name, split in [*given, *((name, pair.split) for pair in twins for name in (pair.a, pair.b) if pair.split)]:
        if split_of.setdefault(name, split) != split:
            raise InputError(
                f"subject {name!r} is in two splits, {split_of[name]} and {split}, and with it its family. Keep one."
            )
    refuse_torn_families(related, split_of)
    family = dict(zip(table["subject"], table["family"], strict=True))
    of_family = {family[name]: split for name, split in split_of.items()}
    return table["family"].map(of_family).fillna("")
