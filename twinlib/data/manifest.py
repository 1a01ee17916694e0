"""The manifest: one row an image, and the checks that every consumer relies on."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from twinlib import files, paths
from twinlib.data.contents import content_hash
from twinlib.errors import InputError

COLUMNS = ("image", "path", "subject", "family", "split", "relation")
SPLITS = ("train", "validation", "test")
RELATIONS = ("mz", "dz", "sibling", "single")  # identical twins, fraternal twins, siblings, nobody else in the family


@dataclass(frozen=True)
class Manifest:
    """A data set's images.

    Attributes:
        root: folder of the data set.
        images: one row an image: `image` (unique id), `path` (relative to root), `subject`, `family`, `split`,
            `relation` of the subjects of the family (mz, dz, sibling, single), then factor columns.
        sha256: hash of the file and of the generator's version where `dataset.json` names one, so that the same table
            rendered by another generator is another data set; without a generator, of the pictures' contents.
    """

    root: Path
    images: pd.DataFrame
    sha256: str

    def split(self, name: str) -> pd.DataFrame:
        """Rows of one split; the index keeps the row numbers of the whole manifest.

        Raises:
            InputError: if the split is unknown or empty.
        """
        rows = self.images[self.images["split"] == name]
        if rows.empty:
            raise InputError(f"{self.root / 'manifest.csv'}: no image in split {name!r}; splits: {', '.join(SPLITS)}.")
        return rows


def read_manifest(root: Path) -> Manifest:
    """Read and check `root/manifest.csv`.

    Raises:
        InputError: missing or unreadable file, missing column, empty cell, duplicate image, unknown split, a subject
            in two families, a family in two splits; the message names the file and the first offender.
    """
    file = root / "manifest.csv"
    if not file.is_file():
        raise InputError(f"{file} does not exist. Make a synthetic set with `twinlib synth {root.name}`.")
    strings = dict.fromkeys(COLUMNS, "string")
    try:
        images = pd.read_csv(file, dtype=strings, keep_default_na=False, na_values=[""])
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise InputError(f"{file} is not a readable CSV table ({error}). Make it again.") from error
    check_table(images, file)
    described = root / "dataset.json"
    generator = files.read_json(described).get("generator_version") if described.is_file() else None  # type: ignore[attr-defined]
    named = {"manifest": files.sha256(file), "generator": generator}
    if generator is None:
        named["pictures"] = content_hash(root, images["path"].tolist())
    return Manifest(root, images, files.hash_of(named))


def dataset_root(name: str) -> Path:
    """Folder of a data set by name, or the folder itself if `name` is a path that holds a manifest."""
    given = Path(name)
    return given if (given / "manifest.csv").is_file() else paths.data_dir() / name


def check_table(images: pd.DataFrame, file: Path) -> None:
    """Refuse a table that is no manifest.

    Args:
        images: a row an image.
        file: where it stands, for messages.

    Raises:
        InputError: see `read_manifest`.
    """
    if missing := [column for column in COLUMNS if column not in images]:
        raise InputError(f"{file}: column {missing[0]!r} is missing; wanted {', '.join(COLUMNS)}.")
    for column in COLUMNS:
        if (empty := images[column].isna()).any():
            raise InputError(f"{file}: row {int(empty.idxmax()) + 2} has no {column}. Fill it in.")
    if (twice := images["image"].duplicated()).any():
        raise InputError(f"{file}: image {images['image'][twice.idxmax()]!r} stands twice. Remove one row.")
    if (odd := ~images["split"].isin(SPLITS)).any():
        raise InputError(f"{file}: split {images['split'][odd.idxmax()]!r} is unknown; known: {', '.join(SPLITS)}.")
    if (odd := ~images["relation"].isin(RELATIONS)).any():
        found = images["relation"][odd.idxmax()]
        raise InputError(f"{file}: relation {found!r} is unknown; known: {', '.join(RELATIONS)}.")
    for inner, outer in (("subject", "family"), ("family", "split")):
        homes = images.groupby(inner, sort=False)[outer].unique()
        if (torn := homes.map(len) > 1).any():
            where = ", ".join(homes[torn.idxmax()])
            raise InputError(f"{file}: {inner} {torn.idxmax()!r} is in more than one {outer}: {where}. Keep it in one.")
