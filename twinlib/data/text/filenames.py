"""Names of files as other machines spell them, and which file below a folder they mean.

macOS writes letters and accents apart (normal form D), Windows writes backslashes and drive letters and does not tell
capitals, and each leaves files of its own beside the photographs.
"""

import os
import re
import unicodedata
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from twinlib.errors import InputError

LITTER = frozenset(
    {"thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "__macosx", "@eadir", "$recycle.bin"}
    | {"system volume information", "lost+found"}
)
FAMILIES = {".jpeg": ".jpg", ".jpe": ".jpg", ".jfif": ".jpg", ".tiff": ".tif", ".heif": ".heic"}  # one kind of file
UTF8 = 0x800  # flag of a zip member whose name is UTF-8


def nfc(text: str) -> str:
    """Text in normal form C, in which every system but macOS writes it."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def printable(path: str) -> str:
    """The name as text in normal form C; bytes that are no UTF-8 are shown as backslash codes."""
    return path if path.isascii() else nfc(os.fsencode(path).decode("utf-8", "backslashreplace"))


def plain(name: str) -> str:
    """A name with `/`, without drive letter and blanks around it, in normal form C."""
    name = nfc(name.strip()).replace("\\", "/")
    return re.sub(r"^[A-Za-z]:", "", name) if name[1:2] == ":" else name


def parts(name: str) -> list[str]:
    """Folders and file of a plain name, without those that say nothing; one empty part at the least."""
    return [part for part in name.split("/") if part not in ("", ".", "..")] or [""]


def loose(name: str) -> str:
    """A plain name without capitals, its ending as the first of its kind: what two systems may spell differently."""
    path = PurePosixPath(plain(name).casefold())
    return str(path.with_suffix(FAMILIES[path.suffix]) if path.suffix in FAMILIES else path)


def is_litter(name: str) -> bool:
    """Whether a file or folder is hidden or one that a system leaves beside those of people."""
    return name.startswith(".") or name.casefold() in LITTER


def located(names: Iterable[str], root: Path) -> dict[str, str]:
    """Where the files lie that a table names in another spelling.

    A name means the one file below `root` that is equal to it but for normal form, capitals and the ending's spelling;
    an absolute name, which is of another machine, the one whose path is its longest end, folder and file at the least.

    Args:
        names: as the table has them.
        root: folder that they are relative to.

    Returns:
        Name -> path below `root`, for the names that are found under another spelling only.
    """
    missing = {name: plain(name) for name in dict.fromkeys(names) if _absolute(name) or not os.path.isfile(root / name)}
    if not missing:
        return {}
    spelled: dict[str, list[str]] = {}
    for place, folders, inside in os.walk(root):
        folders[:] = sorted(folder for folder in folders if not is_litter(folder))
        for file in inside:
            path = (Path(place) / file).relative_to(root).as_posix()
            spelled.setdefault(loose(path), []).append(path)
    taken = {name for name in names if name not in missing}
    found = {name: _one(wanted, spelled) for name, wanted in missing.items()}
    return {name: path for name, path in found.items() if path is not None and path not in taken}


def _absolute(name: str) -> bool:
    return plain(name).startswith("/")


def _one(wanted: str, spelled: dict[str, list[str]]) -> str | None:
    """The one file, or None if there is none or several fit equally well."""
    if ".." in wanted.split("/"):
        return None
    pieces = parts(loose(wanted))
    ends = range(max(len(pieces) - 1, 1)) if wanted.startswith("/") else (0,)
    for first in ends:
        fitting = spelled.get("/".join(pieces[first:]), [])
        exact = [path for path in fitting if plain(path) == "/".join(parts(wanted)[first:])]
        if fitting:
            return exact[0] if len(exact) == 1 else fitting[0] if len(fitting) == 1 else None
    return None


def open_zip(file: Path) -> zipfile.ZipFile:
    """A zip whose members are named as they were where it was made: UTF-8 without its flag, and `/` for backslashes.

    Raises:
        InputError: no zip, or a damaged one.
    """
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError) as error:
        raise InputError(
            f"{file} is no folder, no photograph and no readable zip ({error}). Unpack it or zip it again."
        ) from error
    names = [_member(info) for info in archive.infolist()]
    if len(set(names)) == len(names):
        for info, name in zip(archive.infolist(), names, strict=True):
            info.filename = name
        archive.NameToInfo = {info.filename: info for info in archive.infolist()}
    return archive


def _member(info: zipfile.ZipInfo) -> str:
    """Name of a member; one that Python read as code page 437 may have been UTF-8."""
    name = info.filename
    if not info.flag_bits & UTF8 and not name.isascii():
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            pass
    return name if "/" in name else name.replace("\\", "/")
