"""What every reader returns: who is on which image, which pairs are compared, and a way to the bytes."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from twinlib import files
from twinlib.data.leakage import families_of
from twinlib.data.pairs import PAIR_COLUMNS
from twinlib.errors import InputError
from twinlib.faces.photos import PhotoReader, list_photos

KIN = {"twin": "mz", "sibling": "sibling"}  # kind of a pair -> relation of the family
MAGIC = {b"\xff\xd8\xff": ".jpg", b"\x89PNG": ".png", b"BM": ".bmp", b"GIF8": ".gif", b"RIFF": ".webp"}


@dataclass(frozen=True)
class Collection:
    """Images, who they show, and possibly a pair list.

    Attributes:
        images: a row for each image: the columns of a manifest; `split` may be empty.
        pairs: a pair list whose image names are those of `images`; None if the source has none.
        source: folder or zip, or the bytes of each path.
        notes: what the user should know; one sentence each.
        follow_links: read what links of the source lead to outside it.
    """

    images: pd.DataFrame
    pairs: pd.DataFrame | None
    source: Path | Mapping[str, bytes]
    notes: tuple[str, ...] = ()
    follow_links: bool = False

    @property
    def listed(self) -> pd.DataFrame:
        """The pair list.

        Raises:
            InputError: the source has none.
        """
        if self.pairs is None:
            raise InputError("the source has no pairs. Name a pair list.")
        return self.pairs

    @contextmanager
    def reading(self) -> Generator[Callable[[str], bytes]]:
        """Yield a function from `path` to the stored bytes of an image."""
        if isinstance(self.source, Path):
            with PhotoReader(self.source, self.follow_links) as reader:
                yield reader.raw
        else:
            yield self.source.__getitem__

    def content(self) -> str:
        """Hash that changes when the images do: of their bytes, or of the names, sizes and times of files."""
        if isinstance(self.source, Path):
            return list_photos(self.source, follow_links=self.follow_links).sha256
        if (file := getattr(self.source, "path", None)) is not None:  # a `.rec`, too large to be read for this
            return files.hash_of([file.name, file.stat().st_size, file.stat().st_mtime_ns])
        return files.hash_of({name: files.hash_of_bytes(stored) for name, stored in self.source.items()})


def packed(images: Sequence[bytes], same: Sequence[bool], folds: int, where: str) -> Collection:
    """A collection from the contents of a `.bin` or `.npz`: images by number, subjects as the pairs imply them.

    Equal bytes are one image. Folds are equal blocks of consecutive pairs, as insightface cuts them.

    Args:
        images: encoded images, two a pair.
        same: a pair.
        folds: number of blocks.
        where: file, for messages.

    Raises:
        InputError: fewer pairs than folds.
    """
    if not 1 <= folds <= len(same):
        raise InputError(f"{where}: wanted 1 to {len(same)} folds, as there are so many pairs; found {folds}.")
    number: dict[bytes, int] = {}
    order = [number.setdefault(image, len(number)) for image in images]
    names = [f"{i:06d}{suffix(image)}" for i, image in enumerate(number)]
    first, second = ([names[i] for i in order[side::2]] for side in (0, 1))
    blocks = np.array_split(np.arange(len(same)), folds)
    fold = np.concatenate([np.full(len(block), i + 1) for i, block in enumerate(blocks)])
    listed = pd.DataFrame({"fold": fold, "image_a": first, "image_b": second, "same": np.array(same, int)})
    subject_of, notes = subjects_implied(listed, names)
    paths = dict(zip(names, names, strict=True))
    return from_pairs(listed, paths, subject_of, dict(zip(names, number, strict=True)), notes)


def from_pairs(
    listed: pd.DataFrame,
    path_of: dict[str, str],
    subject_of: dict[str, str],
    source: Path | Mapping[str, bytes],
    notes: Sequence[str] = (),
    follow_links: bool = False,
) -> Collection:
    """A collection from a list of pairs: relatives in one family, everything for testing.

    Args:
        listed: fold, image_a, image_b, same, and possibly kind. Repeated pairs stay, as benchmarks count them.
        path_of: image -> path inside the source.
        subject_of: image -> subject.
        source: as in `Collection`.
        notes: likewise.
        follow_links: likewise.
    """
    plain = np.where(listed["same"] == 1, "genuine", "stranger")
    pairs = listed.assign(kind=listed["kind"] if "kind" in listed else plain, split="test")
    family_of, relation_of = _families(pairs, subject_of)
    table = pd.DataFrame({"image": list(path_of), "path": list(path_of.values())})
    table["subject"] = table["image"].map(subject_of)
    table["family"] = [family_of.get(name, name) for name in table["subject"]]
    table["split"] = "test"
    table["relation"] = [relation_of.get(name, "single") for name in table["family"]]
    family = dict(zip(table["image"], table["family"], strict=True))
    pairs = pairs.assign(family_a=pairs["image_a"].map(family), family_b=pairs["image_b"].map(family))
    pairs.insert(0, "pair", np.arange(len(pairs)))
    return Collection(table, pairs[PAIR_COLUMNS].reset_index(drop=True), source, tuple(notes), follow_links)


def subjects_implied(pairs: pd.DataFrame, images: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Subject of each image, as far as chains of genuine pairs connect images; and a note on contradictions.

    Two images of one person that no chain connects count as two people: harmless for scoring these pairs, not for
    drawing others.
    """
    genuine = pairs[pairs["same"] == 1]
    group_of = families_of(zip(genuine["image_a"], genuine["image_b"], strict=True))
    first: dict[int | str, int] = {}  # chain, or image outside any -> number of its first image
    subject_of = {
        image: f"person{first.setdefault(group_of.get(image, image), i):06d}" for i, image in enumerate(images)
    }
    apart = pairs[pairs["same"] == 0]
    odd = int((apart["image_a"].map(subject_of) == apart["image_b"].map(subject_of)).sum())
    note = f"{odd} pairs of different people are one person by other pairs of the list. Check the list."
    return subject_of, [note] if odd else []


def without_repeats(pairs: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The list without pairs of an image with itself and without repeated pairs, and a note on what was left out."""
    low, high = pairs[["image_a", "image_b"]].min(axis=1), pairs[["image_a", "image_b"]].max(axis=1)
    repeated = pd.DataFrame({"low": low, "high": high}).duplicated() | (low == high)
    note = f"{int(repeated.sum())} pairs were left out: an image with itself, or the images of an earlier pair."
    return pairs[~repeated].reset_index(drop=True), [note] if repeated.any() else []


def _families(pairs: pd.DataFrame, subject_of: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Subject -> family for those with relatives, and family -> relation."""
    related = pairs[pairs["kind"].isin(KIN)]
    ends = [[subject_of[image] for image in related[side]] for side in ("image_a", "image_b")]
    family_of = {name: f"family{number:06d}" for name, number in families_of(zip(*ends, strict=True)).items()}
    found: dict[str, set[str]] = {}
    for subject, kind in zip(ends[0], related["kind"], strict=True):
        found.setdefault(family_of[subject], set()).add(KIN[kind])
    return family_of, {family: "mz" if "mz" in kinds else "sibling" for family, kinds in found.items()}


def suffix(image: bytes) -> str:
    """Ending of a file with these contents, by its first bytes; `.img` if they are unknown."""
    return next((ending for magic, ending in MAGIC.items() if image.startswith(magic)), ".img")
