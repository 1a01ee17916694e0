"""What the audit scores: rendered images and pairs of them, the same for everybody within a version."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from twinlib import files
from twinlib.data.rendered import find_set, set_hash, synthesise
from twinlib.errors import InputError
from twinlib.paths import data_dir

VERSION = 2  # raise it whenever the same sets give other pairs
VERSION_FILE = "version.json"  # of an export
MAIN, WIDE = "audit", "audit-wide"
CAUSES = {
    "audit-nothing": "nothing differs",
    "audit-texture": "skin texture alone",
    "audit-marks": "marks alone",
    "audit-asymmetry": "asymmetry alone",
    "audit-shape": "shape alone",
}
KINDS = ("genuine", "twin", "sibling", "alike", "stranger")
ALIKE = ("sex", "tone_bin", "age_bin")  # what strangers of the kind `alike` share
STRANGERS, LOOKALIKES = 500_000, 20_000  # pairs drawn; at FMR 1e-4 the strangers give 50 errors


class Protocol(NamedTuple):
    """Images and pairs.

    Attributes:
        version: number of the drawing and hash of each set, for comparisons of two audits.
        images: one row each: `image` (set/id), `set`, `file`, `subject`, `family`, `relation` and its factors.
        pairs: `set`, `a` and `b` (rows of `images`), `kind` of `KINDS`, `family_a`, `family_b`.
    """

    version: dict[str, object]
    images: pd.DataFrame
    pairs: pd.DataFrame


def rendered(workers: int | None = None) -> Protocol:
    """The protocol of `twinlib audit`; sets that are not there are rendered, with a progress bar.

    Args:
        workers: processes; all cores if None.

    Raises:
        InputError: as `synthesise`: numba is missing, or the folder of a set holds something else.
    """
    names = (MAIN, *CAUSES, WIDE)
    roots = {name: synthesise(name, data_dir() / name, workers) for name in names}
    hashes = {name: set_hash(find_set(name))[:16] for name in names}
    return protocol(roots, {"protocol": VERSION, "sets": hashes})


def protocol(
    roots: Mapping[str, Path],
    version: dict[str, object],
    strangers: int = STRANGERS,
    lookalikes: int = LOOKALIKES,
) -> Protocol:
    """Images and pairs of rendered sets; strangers are drawn from the first one alone.

    Args:
        roots: name of a set -> its folder.
        version: what to call this protocol.
        strangers: pairs of two families.
        lookalikes: pairs of two families whose subjects share sex, tone and age.
    """
    tables, pairs, start = [], [], 0
    for name, root in roots.items():
        table = pd.read_csv(root / "manifest.csv").assign(set=name)
        table["file"] = [str(root / path) for path in table["path"]]
        table["image"] = name + "/" + table["image"]
        found = [_within_families(table)]
        if not tables:
            found += [_strangers(table, strangers, "stranger"), _strangers(table, lookalikes, "alike")]
        pairs += [part.assign(set=name, a=part.a + start, b=part.b + start) for part in found]
        tables.append(table)
        start += len(table)
    images, listed = pd.concat(tables, ignore_index=True), pd.concat(pairs, ignore_index=True)
    family = images["family"].to_numpy()
    return Protocol(version, images, listed.assign(family_a=family[listed.a], family_b=family[listed.b]))


def _within_families(table: pd.DataFrame) -> pd.DataFrame:
    """All pairs of images inside families."""
    found = []
    for rows in table.groupby("family", sort=False).indices.values():
        a, b = np.triu_indices(len(rows), 1)
        found.append(np.stack([rows[a], rows[b]], 1))
    a, b = np.concatenate(found).T
    subject, relation = table["subject"].to_numpy(), table["relation"].to_numpy()
    kind = np.where(subject[a] == subject[b], "genuine", np.where(relation[a] == "mz", "twin", "sibling"))
    return pd.DataFrame({"a": a, "b": b, "kind": kind})


def _strangers(table: pd.DataFrame, count: int, kind: str) -> pd.DataFrame:
    """Different pairs of images of two families, drawn by a fixed seed, in the order of the images."""
    family = pd.factorize(table["family"])[0]
    cell = np.zeros(len(table), int) if kind == "stranger" else table.groupby(list(ALIKE)).ngroup().to_numpy()
    rng = np.random.default_rng([VERSION, count])
    members = [np.flatnonzero(cell == one) for one in range(cell.max() + 1)]
    pools = [np.stack(np.triu_indices(len(rows), 1)) for rows in members]
    a, b = np.concatenate([rows[pool] for rows, pool in zip(members, pools, strict=True)], axis=1)
    across = np.flatnonzero(family[a] != family[b])
    chosen = np.sort(rng.choice(across, min(count, len(across)), replace=False))
    return pd.DataFrame({"a": a[chosen], "b": b[chosen], "kind": kind})


def refuse_other_folder(folder: Path) -> None:
    """Refuse to export into a folder that contains anything but an earlier export.

    Raises:
        InputError: it does.
    """
    if folder.is_dir() and any(folder.iterdir()) and not (folder / VERSION_FILE).is_file():
        raise InputError(f"--export {folder}: it contains other files, which would be lost. Name a new folder.")


def export(asked: Protocol, folder: Path) -> str:
    """Write the images and `pairs.csv` (image_a, image_b), for a recogniser that runs elsewhere.

    Returns:
        What was written, in a sentence.

    Raises:
        InputError: the folder cannot be written.
    """
    names = [f"images/{image}.jpg" for image in asked.images["image"]]
    with files.replacing_folder(folder) as temporary:
        for name, file in zip(names, asked.images["file"], strict=True):
            target = temporary / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(Path(file).read_bytes())
        named = np.array(names)
        table = pd.DataFrame({"image_a": named[asked.pairs.a], "image_b": named[asked.pairs.b]})
        table = table.drop_duplicates()  # a pair of strangers may be one of look-alikes too
        table.to_csv(temporary / "pairs.csv", index=False, lineterminator="\n")
        files.write_json(temporary / VERSION_FILE, asked.version)
    return f"{folder}: {len(names)} images, {len(table)} pairs. Add a column score to pairs.csv, then: --scores FILE."
