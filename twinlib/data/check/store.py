"""Facts of all photographs of a source: measured in parts, kept, and taken as they are when asked for again."""

import shutil
import zipfile
from functools import partial
from pathlib import Path

import numpy as np

from twinlib import files
from twinlib.data.check.facts import PRINT, SHORT, FactStep
from twinlib.faces.find import default_out
from twinlib.faces.photos import Photos
from twinlib.parts import joined, make_parts

SCHEMA = 1  # raise it when what is measured changes


def check_out(source: Path) -> Path:
    """Where the results of a check go: into a data set itself, but never among somebody's photographs."""
    return default_out(source).parent / "check"


def facts_of(photos: Photos, out: Path, workers: int | None = None) -> dict[str, np.ndarray]:
    """A row an image of everything `FactStep` measures.

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
    folder = out / f".facts-{key[:16]}"
    for stale in set(out.glob(".facts-*")) - {folder}:
        shutil.rmtree(stale)
    parts = make_parts(
        partial(FactStep, photos.source, photos.follow_links), photos.paths, folder, workers, "photographs"
    )
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
