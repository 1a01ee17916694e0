"""What a source holds, whatever its form: who is on each image, and the facts measured on all photographs."""

import shutil
import zipfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from twinlib import files
from twinlib.data import readers
from twinlib.data.check.facts import PRINT, SHORT, FactStep
from twinlib.data.manifest import read_manifest
from twinlib.data.readers.twin_lists import IMAGE_FILE, PAIR_FILE, find_lists
from twinlib.errors import InputError
from twinlib.faces.find import default_out
from twinlib.faces.photos import Photos, list_photos
from twinlib.parts.resumed import joined, make_parts, parts_of

COLUMNS = ["image", "path", "subject", "family", "split", "relation"]


@dataclass(frozen=True)
class Inventory:
    """A source's images.

    Attributes:
        photos: names and places of the images, in the order of `table`.
        table: `COLUMNS`; cells are empty where nothing is known.
        form: manifest, list (twins or pairs are listed) or folders (a folder for each subject is all that is known).
        notes: what the reader of a list noticed; one sentence each.
    """

    photos: Photos
    table: pd.DataFrame
    form: str
    notes: tuple[str, ...]


def take(source: Path, pairs: Path | None = None, follow_links: bool = False) -> Inventory:
    """Take stock of a data set, a folder or a zip.

    Args:
        source: a folder with `manifest.csv`, a folder or zip with a folder for each subject, or loose photographs.
        pairs: a list of twins or of pairs that is not in the source.
        follow_links: see `list_photos`.

    Raises:
        InputError: if the source is missing or empty, a list or manifest is refused by its reader (a family in two
            splits, a subject without images, …), or the source is one packed file.
    """
    if (source / "manifest.csv").is_file():
        manifest = read_manifest(source)
        photos = list_photos(source, follow_links=follow_links)
        return Inventory(photos, manifest.images[COLUMNS].astype(object), "manifest", manifest.notes)
    if pairs:
        return _listed(source, pairs, follow_links)
    if source.suffix.lower() in (".bin", ".npz", ".pkl", ".rec"):
        raise InputError(f"{source} is one packed file. Make a data set of it first: twinlib data import.")
    photos = list_photos(source, follow_links=follow_links)
    if photos.source == source and any(find_lists(source, kind) for kind in (PAIR_FILE, IMAGE_FILE)):
        return _listed(source, None, follow_links)
    subjects = [path.rpartition("/")[0] for path in photos.images]
    table = pd.DataFrame({"image": photos.images, "path": photos.paths, "subject": subjects, "family": subjects})
    return Inventory(photos, table.assign(split="", relation=""), "folders", ())


def _listed(source: Path, pairs: Path | None, follow_links: bool) -> Inventory:
    collection = readers.read(readers.Source(source, pairs, follow_links=follow_links))
    if not isinstance(collection.source, Path):
        raise InputError(f"{source} is one packed file. Make a data set of it first: twinlib data import.")
    table = collection.images[COLUMNS].astype(object).reset_index(drop=True)
    names = [table["image"].tolist(), table["path"].tolist()]
    listed = list_photos(source, follow_links=follow_links)
    photos = Photos(source, *names, "", files.hash_of([listed.sha256, *names]), follow_links)
    return Inventory(photos, table, "list", collection.notes)


SCHEMA = 1  # raise it when what is measured changes


def check_out(source: Path) -> Path:
    """Where the results of a check go: into a data set itself, but never among somebody's photographs."""
    return default_out(source).parent / "check"


def facts_of(photos: Photos, out: Path, workers: int | None = None) -> dict[str, np.ndarray]:
    """A row for each image of everything `FactStep` measures.

    Interrupted work is resumed; a finished result of the same photographs is read back. Does not depend on `workers`.

    Args:
        photos: what to go through.
        out: folder to write into.
        workers: processes; by default one a processor core, and one for few images.

    Raises:
        InputError: see `make_parts`; a bad photograph is a row, not an error.
    """
    followed = {"follow_links": True} if photos.follow_links else {}  # what was not followed was not read
    key = files.hash_of({"schema": SCHEMA, "short": SHORT, "print": PRINT, "photos": photos.sha256} | followed)
    file = out / "facts.npz"
    if (stored := _stored(file, key)) is not None:
        return stored
    folder = parts_of(out, "facts", key[:16])
    step = partial(FactStep, photos.source.absolute(), photos.follow_links)
    parts = make_parts(step, photos.paths, folder, workers, "photographs")
    facts = joined(parts)
    with files.replacing(file) as temporary:
        np.savez(temporary, key=np.str_(key), **facts)
    shutil.rmtree(folder)
    return facts


def _stored(file: Path, key: str) -> dict[str, np.ndarray] | None:
    if not file.is_file():
        return None
    try:
        with np.load(file) as stored:
            if str(stored["key"]) == key:
                return {name: stored[name] for name in stored.files if name != "key"}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):  # damaged: measured again
        return None
    return None
