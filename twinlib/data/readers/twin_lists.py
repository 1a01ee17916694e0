"""The lists of ND_TWIN and its look-alikes, JSON or tables: who has which images, and who is whose twin."""

import re
import zipfile
from collections.abc import Collection
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from twinlib import files
from twinlib.data.text import words
from twinlib.data.text.filenames import is_litter, nfc, open_zip
from twinlib.data.text.table_files import head_of, read_table
from twinlib.errors import InputError
from twinlib.faces.images import SUFFIXES

_SPLIT = rf"(?:(?P<split>{'|'.join(words.SPLIT)})[_-])?"
_NAME = r"(?:(?:twin_)?(?:id_)?pairs|twins|twins?_list)(?:_infor?)?"
PAIR_FILE = re.compile(_SPLIT + _NAME + r"\.(?:json|csv|tsv)", re.IGNORECASE)
IMAGE_FILE = re.compile(_SPLIT + r"(?:id_to_images|dataset_infor?)\.json", re.IGNORECASE)
Listing = Path | zipfile.Path
SUBJECTS = ("subject_a", "subject_b", "subject_c", "subject_d")
RELATED = {relation: relation for relation in ("mz", "dz", "sibling")}


class Twins(NamedTuple):
    """Two subjects that a list calls twins.

    Attributes:
        a: subject.
        b: the other.
        split: that the list gives the pair; empty if it gives none.
        file: name of the list, for messages.
        relation: mz, dz or sibling; empty if the list does not say.
    """

    a: str
    b: str
    split: str
    file: str
    relation: str = ""


def find_lists(root: Path, kind: re.Pattern[str]) -> list[Listing]:
    """Files of one kind in a folder or zip, in order of their names; a folder that holds all the rest is entered."""
    place: Listing = root if root.is_dir() else zipfile.Path(open_zip(root))
    while True:
        inside = [file for file in place.iterdir() if not is_litter(file.name)]
        if found := [file for file in inside if kind.fullmatch(file.name) and of_people(file)]:
            return sorted(found, key=lambda file: file.name)
        if len(inside) != 1 or not inside[0].is_dir():
            return []
        place = inside[0]


def of_people(file: Listing) -> bool:
    """Whether a list names people, and not images: JSON does, a text as LFW's does not, a table says so by its head.

    Raises:
        InputError: missing or no text.
    """
    if _is_json(file):
        return True
    head = head_of(file)
    if head and all(cell.isdecimal() for cell in head) and file.suffix.lower() == ".txt":
        return False
    of_images, people = ({*words.named(head, columns, str(file)).values()} for columns in (words.PAIRS, words.TWINS))
    if of_images & {"image_a", "image_b", "same"}:
        return "same" not in of_images and {"subject_a", "subject_b"} <= people
    return not any(cell.lower().endswith(SUFFIXES) for cell in head)


def read_twins(file: Listing, people: Collection[str] = ()) -> list[Twins]:
    """Twin pairs of one file.

    JSON: `[[a, b], …]`, `{"train": [[a, b], …], …}` or records with id1, id2, relationship. A table: a row for each
    pair (or triplet) with two or more columns of subjects, or for each subject with its family; with or without a head,
    columns by any of their names, and possibly relation and split.

    Args:
        file: the list.
        people: known subjects; a first row of nobody else is no head, however much it looks like one.

    Raises:
        InputError: another form, a pair that is not two different subjects, or two ids said to be one person.
    """
    match = PAIR_FILE.fullmatch(file.name)
    default = _split_of(match)
    if not _is_json(file):
        return _of_table(file, default, people)
    value = files.read_json(file)
    if isinstance(value, dict) and value.keys() <= {"twin_pairs", "pairs"}:
        value = [pair for part in value.values() for pair in part]
    if isinstance(value, dict) and all(words.bare(name) in words.SPLIT for name in value):
        parts = [(words.SPLIT[words.bare(name)], part) for name, part in value.items()]
    else:
        parts = [(default, value)]
    found = [_twins(pair, split, file) for split, part in parts for pair in _list(part, file)]
    return [pair for pair in found if pair is not None]


def read_images(file: Listing) -> tuple[str, dict[str, list[str]]]:
    """Images of each subject, `{subject: [path, …], …}`, and the split that the file's name gives them.

    Raises:
        InputError: another form.
    """
    value = files.read_json(file)
    if not isinstance(value, dict) or not value:
        raise InputError(f"{file}: wanted an object of subjects with their lists of images. Correct it.")
    for subject, images in value.items():
        if not isinstance(images, list) or not all(isinstance(image, str) for image in images):
            raise InputError(f"{file}: subject {subject!r}: wanted a list of paths, found {images!r:.60}.")
    return _split_of(IMAGE_FILE.fullmatch(file.name)), value


def _is_json(file: Listing) -> bool:
    return file.name.lower().endswith(".json")


def _split_of(match: re.Match[str] | None) -> str:
    """The split that the name of a list begins with; empty if it begins with none."""
    return words.SPLIT[match["split"].lower()] if match and match["split"] else ""


def _list(part: object, file: Listing) -> list:
    if not isinstance(part, list):
        raise InputError(f'{file}: wanted a list of twin pairs, found {type(part).__name__}. E.g. [["a", "b"], …].')
    return part


def _twins(pair: object, split: str, file: Listing) -> Twins | None:
    """One entry of JSON; None for two people who are not related."""
    relation: str | None = ""
    if isinstance(pair, dict):
        ours = {name: pair[other] for other, name in words.named([*pair], words.TWINS, str(file)).items()}
        pair = [ours[name] for name in SUBJECTS if name in ours] or pair
        relation = _relation(str(ours.get("relation") or ""), f"{file}: {' and '.join(map(str, pair))}")
        split = words.meant(str(ours["split"]), words.SPLIT, f"{file}: split") if ours.get("split") else split
    if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(name, (str, int)) for name in pair):
        raise InputError(
            f"{file}: wanted pairs of two subjects, found {pair!r:.80}. Write triplets as three pairs: a-b, a-c, b-c."
        )
    return None if relation is None else _pair(*map(str, pair), split, relation, file)


def _of_table(file: Listing, default: str, people: Collection[str]) -> list[Twins]:
    """Pairs of a table: a row for each pair or triplet, or for each subject."""
    head = head_of(file)
    headed = bool(words.named(head, words.TWINS, str(file))) and not {*head} <= {*people}
    table = read_table(file, words.TWINS if headed else {}, headed)
    frame, columns = table.frame, [name for name in SUBJECTS if name in table.frame] if headed else ["0", "1"]
    if not headed and frame.shape[1] != 2:
        raise InputError(f"{file}: wanted two columns of subjects, found {frame.shape[1]}. Name the columns.")
    if len(columns) > 1:
        groups = [([row], names) for row, names in enumerate(frame[columns].to_numpy().tolist())]
    elif {"subject", "family"} <= {*frame}:
        named = [(list(part.index), list(part["subject"].unique())) for _, part in frame.groupby("family", sort=False)]
        groups = [(rows, names) for rows, names in named if len(names) > 1]
    else:
        wanted = "subject_a and subject_b, or subject and family"
        raise InputError(f"{file}: wanted the columns {wanted}; found {', '.join(map(str, frame))}. Rename them.")
    found = []
    for rows, names in groups:
        names, where = [name for name in names if name], f"{file}: row {table.lines[rows[0]]}"
        if len(names) < 2:
            raise InputError(f"{where}: wanted two subjects, found {len(names)}. Complete or remove the row.")
        said = {name: _one(frame[name].iloc[rows], where) for name in ("relation", "split") if name in frame}
        relation = _relation(said.get("relation", ""), f"{where}: {' and '.join(names)}")
        split = words.meant(said["split"], words.SPLIT, f"{where}: split") if said.get("split") else default
        if relation is not None:
            found += [_pair(a, b, split, relation, file) for a, b in combinations(names, 2)]
    return found


def _one(cells: pd.Series, where: str) -> str:
    """What the rows of one family say."""
    if len(said := {*cells} - {""}) > 1:
        raise InputError(f"{where}: its family is said to be {' and '.join(sorted(said))}. Keep one for all of it.")
    return next(iter(said), "")


def _relation(word: str, where: str) -> str | None:
    """mz, dz or sibling; empty where nothing is said, None for people who are not related."""
    bare = words.bare(word)
    if words.KIND.get(bare) == "genuine":
        raise InputError(f"{where} are said to be one person. Give them one id.")
    if not bare or bare in words.UNRELATED:
        return None if bare else ""
    return words.meant(word, words.RELATION, f"{where}: relation", tuple(RELATED))


def _pair(a: str, b: str, split: str, relation: str, file: Listing) -> Twins:
    a, b = nfc(a.strip()), nfc(b.strip())
    if not a or not b:
        raise InputError(f"{file}: {a or b!r} is paired with nobody. Complete the pair.")
    if a == b:
        raise InputError(f"{file}: {a} is paired with itself. Correct the pair.")
    return Twins(a, b, split, file.name, relation)
