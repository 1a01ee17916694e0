"""The manifest: one row an image, the checks that every consumer relies on, and the hash of the contents."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from twinlib import files, paths
from twinlib.data.text import words
from twinlib.data.text.filenames import located, plain
from twinlib.data.text.table_files import Table, read_table
from twinlib.errors import InputError
from twinlib.progress import progress

STORE = ".contents.json"  # beside manifest.csv: path -> size, time, hash; removing it costs one reading of all files
MISSING = "missing"
FEW = 2000  # files that are read without a progress bar

Stamps = dict[str, list[int | str]]  # path -> size, time of the last change in ns, SHA-256


def content_hash(root: Path, paths: list[str]) -> str:
    """SHA-256 of the names and the contents of files; only what is new or was touched is read.

    Args:
        root: folder of the data set.
        paths: files relative to it, in any order; one that is not there counts as missing.
    """
    known = _stored(root / STORE)
    found: Stamps = {path: stamp for path in sorted(set(paths)) if (stamp := _known(root, path, known))}
    todo = [path for path in sorted(set(paths)) if path not in found]
    for path in progress(todo, len(todo), "hashes", "file") if len(todo) > FEW else todo:
        found[path] = _read(root / path)
    if found != known:
        with suppress(InputError):  # a folder that may not be written is hashed anew each time
            files.write_text(root / STORE, json.dumps(found, indent=0, sort_keys=True, ensure_ascii=True) + "\n")
    return files.hash_of([[path, found[path][2]] for path in sorted(found)])


def _stored(store: Path) -> Stamps:
    """What an earlier call wrote; a damaged store counts as none."""
    if not store.is_file():
        return {}
    with suppress(InputError):
        value = files.read_json(store)
        if isinstance(value, dict) and all(isinstance(v, list) and len(v) == 3 for v in value.values()):
            return value
    return {}


def _known(root: Path, path: str, known: Stamps) -> list[int | str] | None:
    """The stamp of a file that has not changed since it was read."""
    stamp = known.get(path)
    return stamp if stamp and stamp[:2] == _state(root / path) else None


def _read(file: Path) -> list[int | str]:
    state = _state(file)
    try:
        return [*state, files.sha256(file)]
    except OSError:  # not there, a folder, or not to be read
        return [*state, MISSING]


def _state(file: Path) -> list[int]:
    try:
        status = file.stat()
    except OSError:
        return [-1, -1]
    return [status.st_size, status.st_mtime_ns]


COLUMNS = ("image", "path", "subject", "family", "split", "relation")
SPLITS = ("train", "validation", "test")
RELATIONS = ("mz", "dz", "sibling", "single")  # identical twins, fraternal twins, siblings, nobody else in the family
UNBROKEN = ("subject", "family")  # cells with a line break come of a quote that does not end; file names may have one


@dataclass(frozen=True)
class Manifest:
    """A data set's images.

    Attributes:
        root: folder of the data set.
        images: one row an image: `image` (unique id), `path` (relative to root), `subject`, `family`, `split`,
            `relation` of the subjects of the family (mz, dz, sibling, single), then factor columns.
        sha256: hash of the file and of the generator's version where `dataset.json` names one, so that the same table
            rendered by another generator is another data set; without a generator, of the pictures' contents.
        notes: what the user should know about how the file was read; one sentence each.
    """

    root: Path
    images: pd.DataFrame
    sha256: str
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Rows are counted by position, as crops and landmarks are: another index would pick other faces."""
        object.__setattr__(self, "images", self.images.reset_index(drop=True))

    def split(self, name: str) -> pd.DataFrame:
        """Rows of one split, by any of its names; the index keeps the row numbers of the whole manifest.

        Raises:
            InputError: if the split is unknown or empty.
        """
        rows = self.images[self.images["split"] == words.SPLIT.get(words.bare(name), name)]
        if rows.empty:
            raise InputError(f"{self.root / 'manifest.csv'}: no image in split {name!r}; splits: {', '.join(SPLITS)}.")
        return rows


def is_rendered(root: Path) -> bool:
    """Whether a data set comes from the renderer: its `dataset.json` says with which version and knobs.

    Heads of such a set are upright, and a face fills each picture.

    Args:
        root: folder of the set; a file is none.
    """
    file = root / "dataset.json"
    return file.is_file() and {"generator_version", "config"} <= set(files.read_json(file))


def read_manifest(root: Path) -> Manifest:
    """Read and check `root/manifest.csv`: any separator and encoding, columns and words by any of their names.

    Paths may be spelled as another system spells them (backslashes, capitals, accents); they become those on disk.

    Raises:
        InputError: missing or unreadable file, missing column, no row, empty cell, duplicate image, unknown split, a
            subject in two families, a family in two splits; the message names the file and the first offender.
    """
    file = root / "manifest.csv"
    if not file.is_file():
        raise InputError(f"{file} does not exist. Make a synthetic set with `twinlib synth {root.name}`.")
    table = manifest_table(file)
    images = table.typed(COLUMNS)
    check_table(images, file, table.lines)
    described = root / "dataset.json"
    description = files.read_json(described) if described.is_file() else {}
    if not isinstance(description, dict):
        raise InputError(f"{described}: wanted an object, found {type(description).__name__}. Remove or mend it.")
    generator = description.get("generator_version")
    named = {"manifest": files.sha256(file), "generator": generator}
    if generator is None:  # what we rendered lies where its manifest says
        if elsewhere := located(images["path"], root):
            images["path"] = images["path"].replace(elsewhere)
        named["pictures"] = content_hash(root, images["path"].tolist())
    return Manifest(root, images, files.hash_of(named), table.notes)


def manifest_table(file: Path) -> Table:
    """The text of a manifest with our names of columns, splits and relations; not checked.

    Raises:
        InputError: see `read_table`.
    """
    table = read_table(file, words.MANIFEST)
    frame = table.frame
    for name, other in (("image", "path"), ("path", "image")):  # one of them is enough
        if name not in frame and other in frame:
            frame[name] = frame[other]
    if "path" in frame:
        frame["path"] = frame["path"].map(plain)
    for name, known in (("split", words.SPLIT), ("relation", words.RELATION)):
        if name in frame:
            frame[name] = table.said(name, known)
    return table


def dataset_root(name: str) -> Path:
    """Folder of a data set by name, or the folder itself if `name` is a path that holds a manifest."""
    given = Path(name)
    return given if (given / "manifest.csv").is_file() else paths.data_dir() / name


def check_table(images: pd.DataFrame, file: Path, lines: Sequence[int] | None = None) -> None:
    """Refuse a table that is no manifest.

    Args:
        images: a row for each image.
        file: its place, for messages.
        lines: of the file in which the rows stand, for messages.

    Raises:
        InputError: see `read_manifest`.
    """
    lines = range(2, len(images) + 2) if lines is None else lines
    if missing := [column for column in COLUMNS if column not in images]:
        raise InputError(f"{file}: column {missing[0]!r} is missing; wanted {', '.join(COLUMNS)}.")
    for column in COLUMNS:
        if (empty := (images[column].isna() | (images[column] == "")).to_numpy()).any():
            raise InputError(f"{file}: row {lines[int(empty.argmax())]} has no {column}. Fill it in.")
    for column in UNBROKEN:
        if (broken := images[column].str.contains("[\r\n]").to_numpy()).any():
            where = lines[int(broken.argmax())]
            raise InputError(f"{file}: row {where}: {column} holds a line break. Look for a quote that does not end.")
    if (twice := images["image"].duplicated()).any():
        raise InputError(f"{file}: image {images['image'][twice].iloc[0]!r} occurs twice. Remove one row.")
    for column, known, words_ in (("split", SPLITS, words.SPLIT), ("relation", RELATIONS, words.RELATION)):
        if (odd := ~images[column].isin(known)).any():
            also = ", ".join(word for word in words_ if word not in known)
            found = images[column][odd].iloc[0]
            raise InputError(f"{file}: {column} {found!r} is unknown; known: {', '.join(known)} (also {also}).")
    for inner, outer in (("subject", "family"), ("family", "split")):
        homes = images.groupby(inner, sort=False)[outer].unique()
        if len(torn := homes[homes.map(len) > 1]):
            where = ", ".join(torn.iloc[0])
            raise InputError(f"{file}: {inner} {torn.index[0]!r} is in more than one {outer}: {where}. Keep it in one.")
