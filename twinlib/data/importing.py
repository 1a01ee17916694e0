"""Your own faces become a data set: images copied as they are, one manifest, one pair list; and back again."""

import shutil
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pandas as pd

from twinlib import files
from twinlib.data.leakage import refuse_shared_families
from twinlib.data.manifest import COLUMNS, Manifest, read_manifest
from twinlib.data.pairs import write_pairs
from twinlib.data.readers.collection import Collection, without_repeats
from twinlib.data.splits import split_families
from twinlib.data.text.filenames import parts, plain, printable
from twinlib.errors import InputError
from twinlib.faces.images import fault
from twinlib.faces.photos import refuse_unreadable
from twinlib.progress import progress


@dataclass(frozen=True)
class Imported:
    """What an import made: folder, counts of images, subjects, families and pairs, and what to know about them."""

    folder: Path
    images: int
    subjects: int
    families: int
    pairs: int
    notes: tuple[str, ...]

    def __str__(self) -> str:
        counts = f"{self.images} images, {self.subjects} subjects, {self.families} families, {self.pairs} pairs"
        return "\n".join([f"{self.folder}: {counts}", *(f"note: {note}" for note in self.notes)])


def import_set(
    collection: Collection,
    out: Path,
    validation: float = 0.15,
    test: float = 0.15,
    seed: int = 0,
    overwrite: bool = False,
) -> Imported:
    """Write a collection as a data set: `images/`, `manifest.csv`, `dataset.json` and, if it has pairs, `pairs.csv`.

    Stored bytes are copied unchanged. The folder appears whole or not at all.

    Args:
        collection: what a reader returned.
        out: folder of the data set.
        validation: share of the families without a split that go to validation.
        test: likewise to test.
        seed: of that draw.
        overwrite: replace an existing data set.

    Raises:
        InputError: the folder exists, an image cannot be copied, more than `photos.UNREADABLE` of them cannot be read,
            or a family is in two splits.
    """
    if out.exists() and not overwrite:
        raise InputError(f"{out} exists. Choose another --out, or add --overwrite.")
    table = split_families(collection.images, validation, test, seed)
    pairs, notes = (None, []) if collection.pairs is None else without_repeats(collection.pairs)
    if pairs is not None:
        refuse_shared_families(pairs)
    table["path"] = [f"images/{_safe(path)}" for path in table["path"]]
    table = _writable(table, ("image", "subject", "family"))
    pairs = None if pairs is None else _writable(pairs, ("image_a", "image_b", "family_a", "family_b"))
    if (twice := table["path"].duplicated()).any():
        raise InputError(f"two images would be stored as {table['path'][twice].iloc[0]}. Rename one.")
    with files.replacing_folder(out) as folder:
        bad = _copy(collection, table["path"], folder)
        refuse_unreadable(bad, len(table), "import")
        notes = [*collection.notes, *notes]
        notes += (
            [f"{len(bad)} images cannot be read and are left out of everything. The first: {bad[0]}"] if bad else []
        )
        _describe(table, pairs, notes, folder)
        read_manifest(folder)
    counts = (len(table), table["subject"].nunique(), table["family"].nunique(), 0 if pairs is None else len(pairs))
    return Imported(out, *counts, tuple(notes))


def export_folders(manifest: Manifest, out: Path) -> int:
    """Write a data set as a folder for each subject and `pairs.json` of its identical twins; return how many images.

    Triplets stand there as three pairs; other relatives and families of one in none. Splits are not kept: the layout
    has none.

    Args:
        manifest: the data set.
        out: folder to create.

    Raises:
        InputError: the folder exists, or an image is missing.
    """
    if out.exists():
        raise InputError(f"{out} exists. Choose another --out.")
    here = [(manifest.root / path).is_file() for path in manifest.images["path"]]
    if not all(here):
        gone = manifest.images["path"][here.index(False)]
        raise InputError(f"{manifest.root / gone} does not exist ({here.count(False)} such). Correct the data set.")
    identical = manifest.images[manifest.images["relation"] == "mz"]
    subjects = identical.drop_duplicates("subject").groupby("family", sort=True)["subject"]
    pairs = [[a, b] for _, names in subjects for i, a in enumerate(names) for b in names.iloc[i + 1 :]]
    with files.replacing_folder(out) as folder:
        for subject, path in zip(manifest.images["subject"], manifest.images["path"], strict=True):
            target = folder / _safe(subject) / PurePosixPath(path).name
            if target.exists():
                raise InputError(f"{manifest.root / path} occurs twice under its subject. Correct the data set.")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(manifest.root / path, target)
        files.write_json(folder / "pairs.json", pairs)
    return len(manifest.images)


def write_folders(collection: Collection, out: Path) -> int:
    """Write the images of a collection as a folder for each subject, whole or not at all; return how many.

    Raises:
        InputError: the folder exists, or an image cannot be copied.
    """
    if out.exists():
        raise InputError(f"{out} exists. Choose another folder.")
    with files.replacing_folder(out) as folder:
        _copy(collection, collection.images["subject"] + "/" + collection.images["path"], folder)
    return len(collection.images)


def packable(collection: Collection) -> tuple[list[bytes], list[bool]]:
    """Encoded images, two a pair, and same: the contents of a `.bin`.

    Raises:
        InputError: there is no pair list, or an image cannot be read.
    """
    if collection.pairs is None:
        raise InputError("a .bin holds pairs, and there is no pair list. Name a .txt or .csv with --pairs.")
    path_of = dict(zip(collection.images["image"], collection.images["path"], strict=True))
    ends = zip(collection.pairs["image_a"], collection.pairs["image_b"], strict=True)
    order = [path_of[image] for pair in ends for image in pair]
    with collection.reading() as read:
        stored = {path: read(path) for path in progress(dict.fromkeys(order), None, "packing", "image")}
    if bad := [reason for path, image in stored.items() if (reason := fault(image, printable(path)))]:
        raise InputError(f"{len(bad)} of {len(stored)} images cannot be read. The first: {' '.join(bad[:3])}")
    return [stored[path] for path in order], [value == 1 for value in collection.pairs["same"]]


def _copy(collection: Collection, targets: pd.Series, folder: Path) -> list[str]:
    """Copy the images; what is wrong with those that cannot be read."""
    todo, bad = list(zip(collection.images["path"], targets, strict=True)), []
    with collection.reading() as read:
        for path, target in progress(todo, len(todo), "copying", "image"):
            (folder / target).parent.mkdir(parents=True, exist_ok=True)
            (folder / target).write_bytes(stored := read(path))
            bad += [reason] if (reason := fault(stored, printable(path))) else []
    return bad


def _describe(table: pd.DataFrame, pairs: pd.DataFrame | None, notes: list[str], folder: Path) -> None:
    """Manifest, pair list and description."""
    text = table[list(COLUMNS)].to_csv(index=False, lineterminator="\n")
    files.write_text(folder / "manifest.csv", text)
    if pairs is not None:
        write_pairs(folder / "pairs.csv", pairs)
    real = {"kind": "photographs", "notes": notes, "images": len(table), "pairs": 0 if pairs is None else len(pairs)}
    files.write_json(folder / "dataset.json", real)


def _writable(table: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """A copy whose names of files and people can be written down."""
    return table.assign(**{name: table[name].map(lambda cell: printable(str(cell))) for name in columns})


def _safe(path: str) -> str:
    """A path that stays where it is put, and that can be written down."""
    return "/".join(parts(plain(printable(path))))
