"""The photographs of a data set, a folder or a zip: what there is, in a fixed order, read one by one."""

import os
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from twinlib import files
from twinlib.data.manifest import read_manifest
from twinlib.data.text.filenames import is_litter, open_zip, printable
from twinlib.errors import InputError
from twinlib.faces.images import MAX_BYTES, RGB, SUFFIXES, read_image

UNREADABLE = 0.05  # share of images that may be unreadable before a source counts as broken. Our choice.


@dataclass(frozen=True)
class Photos:
    """What is in a source of photographs.

    Attributes:
        source: the data set, the folder (of a single photograph: the one it is in) or the zip.
        images: unique name of each image: `image` of the manifest, else the path inside the source, in normal form C.
        paths: where each lies inside the source.
        manifest_sha256: hash of the manifest; empty if the source has none.
        sha256: hash of all names and sizes (and of the times of a folder's files, the checksums of a zip's).
        follow_links: whether links out of the source were entered, and may be read.
    """

    source: Path
    images: list[str]
    paths: list[str]
    manifest_sha256: str
    sha256: str
    follow_links: bool = False


def list_photos(source: Path, skip: Path | None = None, limit: int | None = None, follow_links: bool = False) -> Photos:
    """List a data set in the order of its manifest, anything else in natural order (2 before 10).

    Hidden files, what systems leave beside photographs, and other kinds of file are left out. A link to another folder
    of the source is not entered: what it leads to is there already.

    Args:
        source: a folder with `manifest.csv`, any folder, a zip, or one photograph.
        skip: a folder below `source` to leave out (where results are written).
        limit: take only so many, from the start.
        follow_links: enter links to folders outside, each folder once.

    Raises:
        InputError: if the source is missing, is none of these, holds no photograph, or links to a folder outside.
    """
    if not source.exists():
        raise InputError(f"{source} does not exist. Name a data set, a folder of photographs or a zip.")
    if limit is not None and limit < 1:
        raise InputError(f"limit: wanted 1 or more images, found {limit}.")
    if (source / "manifest.csv").is_file():
        return _of_manifest(source, limit, follow_links)
    if source.is_file() and _is_photo(source.name):
        source, stamps = source.parent, {source.name: _stamp(source)}
    else:
        stamps = _in_folder(source, skip, follow_links) if source.is_dir() else _in_zip(source)
    paths = sorted((path for path in stamps if _is_photo(path)), key=_natural)[:limit]
    if not paths:
        raise InputError(f"{source} holds no photograph. {_instead(stamps)}")
    images = [printable(path) for path in paths]
    if len(set(images)) < len(images):  # one name in two normal forms
        images = paths
    listing = [[printable(path), *stamps[path]] for path in paths]
    return Photos(source, images, paths, "", files.hash_of(listing), follow_links)


def refuse_unreadable(reasons: Sequence[str], total: int, where: str) -> None:
    """Refuse a source of which nothing, or more than `UNREADABLE`, can be read.

    Args:
        reasons: one sentence for each image that cannot be read, with its name.
        total: images there are.
        where: source, for the message.

    Raises:
        InputError: names how many and the first three.
    """
    if len(reasons) > UNREADABLE * total:
        raise InputError(
            f"{where}: {len(reasons)} of {total} images cannot be read; up to {UNREADABLE:.0%} may. The first: "
            f"{' '.join(str(reason) for reason in reasons[:3])} Mend or remove them."
        )


class PhotoReader:
    """Read photographs of one source by their path inside it, in a `with` block (a zip is opened once).

    Args:
        source: a folder or a zip.
        follow_links: read also what links lead to outside the folder.
    """

    def __init__(self, source: Path, follow_links: bool = False):
        self._source, self._follow_links = source, follow_links
        self._zip = open_zip(source) if source.is_file() else None

    def __enter__(self) -> "PhotoReader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._zip:
            self._zip.close()

    def read(self, path: str) -> RGB:
        """Pixels of one photograph.

        Raises:
            InputError: see `read_image`; also for a link out of the folder and a damaged, encrypted or huge zip member.
        """
        if self._zip:
            return read_image(_unpack(self._zip, path), printable(path))
        return read_image(self._file(path), printable(path))

    def raw(self, path: str) -> bytes:
        """Bytes of one photograph as stored.

        Raises:
            InputError: as `read`, and for a file that is missing or larger than `MAX_BYTES`.
        """
        if self._zip:
            return _unpack(self._zip, path)
        file = self._file(path)
        if not file.is_file():
            raise InputError(f"{printable(path)} does not exist. Check the path.")
        if file.stat().st_size > MAX_BYTES:
            limit = MAX_BYTES / 1e6
            raise InputError(f"{printable(path)} is larger than {limit:.0f} MB. Make it smaller or remove it.")
        try:
            return file.read_bytes()
        except OSError as error:
            raise InputError(f"{printable(path)} cannot be read ({error.strerror}). Change its permissions.") from error

    def _file(self, path: str) -> Path:
        file = self._source / path
        try:
            inside = file.resolve().is_relative_to(self._source.resolve())
        except (RuntimeError, OSError) as error:  # a link that leads to itself
            raise InputError(f"{printable(path)} is a link that leads nowhere. Remove it.") from error
        if not inside and not self._follow_links:
            raise InputError(f"{printable(path)} is a link out of the folder. Copy the file, or add --follow-links.")
        return file


def _of_manifest(source: Path, limit: int | None, follow_links: bool) -> Photos:
    """Images of a data set; their sizes stand for their pixels, so that a set rendered anew is noticed."""
    manifest = read_manifest(source)
    images = [str(image) for image in manifest.images["image"][:limit]]
    paths = [str(path) for path in manifest.images["path"][:limit]]
    sizes = [os.stat(source / path).st_size if os.path.isfile(source / path) else -1 for path in paths]
    sha256 = files.hash_of([manifest.sha256, images, sizes])
    return Photos(source, images, paths, manifest.sha256, sha256, follow_links)


def _in_folder(folder: Path, skip: Path | None, follow_links: bool) -> dict[str, tuple[int, int]]:
    """Path inside the folder, size and time of every file."""
    found = (Path(place) / name for place, names in _walked(folder, skip, follow_links) for name in names)
    return {file.relative_to(folder).as_posix(): _stamp(file) for file in found}


def _walked(folder: Path, skip: Path | None, follow_links: bool) -> Iterator[tuple[str, list[str]]]:
    """Folders with their files: first those that lie here, then those that links lead to, each once.

    A link to a folder that holds this one is a loop, and left out as one to a folder seen before.
    """
    root = folder.resolve()
    seen = {*root.parents, *([skip.resolve()] if skip else [])}
    links = [folder]
    while links:
        for place, folders, names in os.walk(links.pop(0), onerror=_refuse_closed):
            seen.add(Path(place).resolve())
            yield place, names
            inner = [Path(place) / name for name in sorted(folders) if not is_litter(name)]
            folders[:] = [path.name for path in inner if not path.is_symlink() and path.resolve() not in seen]
            links += [path for path in inner if path.is_symlink() and not path.resolve().is_relative_to(root)]
        links = [path for path in links if path.resolve() not in seen]
        if links and not follow_links:
            raise InputError(
                f"{links[0]} is a link to another folder, {links[0].resolve()}. Add --follow-links to read what is "
                "there, or remove the link."
            )


def _refuse_closed(error: OSError) -> None:
    """Instead of passing over a folder that may not be listed, as `os.walk` does."""
    raise InputError(f"{error.filename} cannot be listed ({error.strerror}). Change its permissions.") from error


def _stamp(file: Path) -> tuple[int, int]:
    """Size and time of a file; of a link, not of what it points to, which may be gone."""
    status = file.lstat()
    return status.st_size, status.st_mtime_ns


def _in_zip(file: Path) -> dict[str, tuple[int, int]]:
    """Path inside the zip, size and checksum of every member."""
    with open_zip(file) as archive:
        return {info.filename: (info.file_size, info.CRC) for info in archive.infolist() if not info.is_dir()}


def _unpack(archive: zipfile.ZipFile, path: str) -> bytes:
    """Bytes of one member."""
    info = archive.getinfo(path)
    if info.flag_bits & 1:
        raise InputError(f"{printable(path)} is encrypted. Unpack the zip with its password and use the folder.")
    if info.file_size > MAX_BYTES:
        found, limit = info.file_size / 1e6, MAX_BYTES / 1e6
        raise InputError(f"{printable(path)} unpacks to {found:.0f} MB; the limit is {limit:.0f} MB. Remove it.")
    try:
        return archive.read(info)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise InputError(f"{printable(path)} is damaged in the zip ({error}). Make the zip again.") from error


def _instead(names: Iterable[str]) -> str:
    """What to do about a source without photographs."""
    if zips := sorted(name for name in names if name.lower().endswith(".zip")):
        return f"Unpack {printable(zips[0])} in it, or name that zip."
    return f"Known endings: {', '.join(SUFFIXES)}."


def _is_photo(path: str) -> bool:
    parts = path.split("/")
    return not any(is_litter(part) for part in parts) and parts[-1].lower().endswith(SUFFIXES)


def _natural(path: str) -> tuple[list[tuple[int, str]], str]:
    """Sort key under which img2 comes before img10."""
    pieces = re.split(r"([0-9]+)", path.casefold())
    return [(int(piece), "") if piece.isdecimal() else (-1, piece) for piece in pieces], path
