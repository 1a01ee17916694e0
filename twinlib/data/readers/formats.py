"""The known layouts by name, and which one a source has."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from twinlib.data.packed.insightface import read_bin, read_npz
from twinlib.data.readers.collection import Collection, packed
from twinlib.data.readers.lists import read_list
from twinlib.data.readers.nd_twin import read_ndtwin
from twinlib.data.readers.records import read_rec
from twinlib.data.readers.twin_lists import of_people
from twinlib.data.text.words import RELATION, meant
from twinlib.errors import InputError


@dataclass(frozen=True)
class Source:
    """What the user names.

    Attributes:
        path: folder, zip, `.bin`, `.npz` or `.rec`.
        pairs: pair list or list of twins; None if the source has its own.
        trust: read a pickle.
        folds: blocks of a packed pair list, as it holds none.
        relation: of listed twins of whom their list says nothing: mz, dz or sibling, by any of their names.
        follow_links: see `list_photos`.
    """

    path: Path
    pairs: Path | None = None
    trust: bool = False
    folds: int = 10
    relation: str = "mz"
    follow_links: bool = False


def _bin(source: Source) -> Collection:
    return packed(*read_bin(source.path, source.trust), source.folds, str(source.path))


def _npz(source: Source) -> Collection:
    return packed(*read_npz(source.path), source.folds, str(source.path))


def _rec(source: Source) -> Collection:
    return read_rec(source.path)


def _pairs(source: Source) -> Collection:
    if source.pairs is None:
        raise InputError(f"{source.path} needs a pair list. Name a .txt or .csv with --pairs.")
    return read_list(source.path, source.pairs, source.follow_links)


def _twins(source: Source) -> Collection:
    relation = meant(source.relation, RELATION, "relation", ("mz", "dz", "sibling"))
    return read_ndtwin(source.path, source.pairs, relation, source.follow_links)


FORMATS: dict[str, Callable[[Source], Collection]] = {
    "bin": _bin,
    "npz": _npz,
    "rec": _rec,
    "pairs": _pairs,
    "ndtwin": _twins,
}
_BY_ENDING = {".bin": "bin", ".npz": "npz", ".pkl": "bin", ".rec": "rec"}


def read(source: Source, format: str = "auto") -> Collection:
    """Read a source in any known layout.

    Args:
        source: what the user names.
        format: one of `FORMATS`; auto goes by the ending of the source and by what its list names, images or people.

    Raises:
        InputError: unknown format, or what the reader refuses.
    """
    if format not in (*FORMATS, "auto"):
        raise InputError(f"format {format!r} is unknown; known: auto, {', '.join(FORMATS)}.")
    if not source.path.exists():
        raise InputError(f"{source.path} does not exist. Name a folder, a zip, a .bin, .npz or .rec.")
    guessed = _BY_ENDING.get(source.path.suffix.lower()) or (
        "ndtwin" if source.pairs is None or of_people(source.pairs) else "pairs"
    )
    return FORMATS[guessed if format == "auto" else format](source)
