"""The JSON files of the public ND_TWIN layouts: who has which images, and who is whose twin."""

import re
import zipfile
from pathlib import Path
from typing import NamedTuple

from twinlib.errors import InputError
from twinlib.files import read_json

SPLIT_OF = {"train": "train", "val": "validation", "valid": "validation", "validation": "validation", "test": "test"}
_SPLIT = rf"(?:(?P<split>{'|'.join(SPLIT_OF)})_)?"
PAIR_FILE = re.compile(_SPLIT + r"(?:twin_)?(?:id_)?pairs(?:_infor?)?\.json")
IMAGE_FILE = re.compile(_SPLIT + r"(?:id_to_images|dataset_infor?)\.json")
Listing = Path | zipfile.Path
TWINS = ("twin", "twins", "identical", "mz")


class Twins(NamedTuple):
    """Two subjects that a list calls twins.

    Attributes:
        a: subject.
        b: the other.
        split: that the list gives the pair; empty if it gives none.
        file: name of the list, for messages.
    """

    a: str
    b: str
    split: str
    file: str


def find_lists(root: Path, kind: re.Pattern[str]) -> list[Listing]:
    """Files of one kind in a folder or zip, in order of their names; a folder that holds all the rest is entered."""
    place: Listing = root if root.is_dir() else zipfile.Path(root)
    while True:
        inside = [file for file in place.iterdir() if not file.name.startswith((".", "__MACOSX"))]
        if found := [file for file in inside if kind.fullmatch(file.name)]:
            return sorted(found, key=lambda file: file.name)
        if len(inside) != 1 or not inside[0].is_dir():
            return []
        place = inside[0]


def read_twins(file: Listing) -> list[Twins]:
    """Twin pairs of one file: `[[a, b], …]`, `{"train": [[a, b], …], …}` or records with id1, id2, relationship.

    Raises:
        InputError: another form, a pair that is not two different subjects, or two ids said to be one person.
    """
    match = PAIR_FILE.fullmatch(file.name)
    default = SPLIT_OF.get((match["split"] if match else None) or "", "")
    value = read_json(file)
    if isinstance(value, dict) and value.keys() <= {"twin_pairs", "pairs"}:
        value = [pair for part in value.values() for pair in part]
    if isinstance(value, dict) and value.keys() <= SPLIT_OF.keys():
        parts = [(SPLIT_OF[name], part) for name, part in value.items()]
    else:
        parts = [(default, value)]
    found = [_twins(pair, split, file) for split, part in parts for pair in _list(part, file)]
    return [pair for pair in found if pair is not None]


def read_images(file: Listing) -> tuple[str, dict[str, list[str]]]:
    """Images of each subject, `{subject: [path, …], …}`, and the split that the file's name gives them.

    Raises:
        InputError: another form.
    """
    match = IMAGE_FILE.fullmatch(file.name)
    value = read_json(file)
    if not isinstance(value, dict) or not value:
        raise InputError(f"{file}: wanted an object of subjects with their lists of images. Correct it.")
    for subject, images in value.items():
        if not isinstance(images, list) or not all(isinstance(image, str) for image in images):
            raise InputError(f"{file}: subject {subject!r}: wanted a list of paths, found {images!r:.60}.")
    return SPLIT_OF.get((match["split"] if match else None) or "", ""), value


def _list(part: object, file: Listing) -> list:
    if not isinstance(part, list):
        raise InputError(f'{file}: wanted a list of twin pairs, found {type(part).__name__}. E.g. [["a", "b"], …].')
    return part


def _twins(pair: object, split: str, file: Listing) -> Twins | None:
    """One entry; None for two people who are no twins."""
    if isinstance(pair, dict) and {"id1", "id2"} <= pair.keys():
        relation = str(pair.get("relationship", "twin"))
        if relation.startswith("same"):
            raise InputError(f"{file}: {pair['id1']} and {pair['id2']} are said to be one person. Give them one id.")
        if relation not in TWINS:
            return None
        pair = [pair["id1"], pair["id2"]]
    if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(name, (str, int)) for name in pair):
        raise InputError(
            f"{file}: wanted pairs of two subjects, found {pair!r:.80}. Write triplets as three pairs: a-b, a-c, b-c."
        )
    a, b = (str(name) for name in pair)
    if a == b:
        raise InputError(f"{file}: {a} is paired with itself. Correct the pair.")
    return Twins(a, b, split, file.name)
