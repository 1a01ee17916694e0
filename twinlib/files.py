"""Files that are written whole or not at all, and hashed the same way everywhere."""

import codecs
import hashlib
import json
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from twinlib.errors import InputError

# What a file begins with that says how it is encoded; the longer mark first.
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


@contextmanager
def replacing(path: Path) -> Generator[Path]:
    """Yield a temporary path beside `path`; move it over `path` when the block ends well, remove it otherwise.

    The temporary name keeps the suffix of `path`, so that writers which look at it (numpy, pandas, Pillow) behave.

    Raises:
        InputError: if the disk is full or the folder cannot be written.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".partial-", suffix="".join(path.suffixes[-2:]))
        os.close(handle)
        temporary = Path(name)
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        raise InputError(
            f"cannot write {path}: {error.strerror or error}. Free some space or choose another folder."
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def refuse_unwritable(path: Path, folder: bool = False) -> None:
    """Refuse, before long work, what could not be written after it. Nothing is left behind.

    Args:
        path: of a file, or of a folder that files will be written into.
        folder: which of the two.

    Raises:
        InputError: it cannot be made or written, or is the other of the two already.
    """
    place = path if folder else path.parent
    try:
        if path.exists() and path.is_dir() != folder:
            kind = "a file" if folder else "a folder"
            raise InputError(f"cannot write {path}: it is {kind} already. Choose another name.")
        made = [one for one in (place, *place.parents) if not one.exists()]
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=place):
            pass
        for one in made:
            one.rmdir()
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}. Choose another folder.") from error


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, value: object) -> None:
    """Write `value` as indented JSON with sorted keys and a final newline; NaN is refused (it is not JSON)."""
    write_text(path, json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n")


class Text(NamedTuple):
    """Contents of a text file, and what to know about how they were read; empty for UTF-8."""

    text: str
    note: str


def read_text(path: Path | zipfile.Path) -> Text:
    """Read a text file as people have it: UTF-8 with or without its mark, UTF-16 with it, else Windows-1252, noted.

    Args:
        path: the file, possibly a member of a zip.

    Raises:
        InputError: if it is missing, no text (a workbook, say), or in two encodings at once.
    """
    try:
        data = path.read_bytes()
    except (FileNotFoundError, KeyError) as error:
        raise InputError(f"{path} does not exist. Check the name.") from error
    except (OSError, RuntimeError, EOFError, zipfile.BadZipFile, zlib.error) as error:  # a zip may be damaged or locked
        raise InputError(f"{path} cannot be read ({error}). Name a file that can.") from error
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise InputError(f"{path} is a workbook or a zip, no text. Save it as CSV (UTF-8).")
    for mark, encoding in MARKS.items():
        if data.startswith(mark):
            try:
                return Text(data.decode(encoding), "")
            except UnicodeDecodeError as error:
                raise InputError(f"{path} is no {encoding} text ({error}). Save it as UTF-8.") from error
    if 0 in data:
        raise InputError(f"{path} is no text: it holds zero bytes. Save it as text in UTF-8.")
    try:
        return Text(data.decode("utf-8"), "")
    except UnicodeDecodeError:
        return Text(_windows(data, str(path)), f"{path.name} is no UTF-8; it was read as Windows-1252.")


def _windows(data: bytes, where: str) -> str:
    """Text in Windows-1252, unless some of its lines are UTF-8: then two encodings were mixed."""
    kinds = {_is_utf8(line): number for number, line in enumerate(data.splitlines(), 1) if not line.isascii()}
    if len(kinds) == 2:
        raise InputError(
            f"{where} mixes encodings: line {kinds[True]} is UTF-8, line {kinds[False]} is not. Save it anew as UTF-8."
        )
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError as error:
        raise InputError(f"{where} is neither UTF-8 nor Windows-1252 ({error}). Save it as UTF-8.") from error


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def read_json(path: Path | zipfile.Path) -> Any:
    """Read a JSON file, possibly a member of a zip, in any encoding that `read_text` knows.

    Raises:
        InputError: if the file is missing, is not JSON, or gives a name twice; the message names file and line.
    """
    try:
        return json.loads(read_text(path).text, object_pairs_hook=_once)
    except (json.JSONDecodeError, RecursionError) as error:
        raise InputError(f"{path} is not valid JSON ({error}). Make it again or restore it.") from error
    except KeyError as error:
        raise InputError(f"{path} has {error.args[0]!r} twice in one object. Keep one.") from error


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object in which no name occurs twice; json itself would drop the first."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise KeyError(next(name for name in names if names.count(name) > 1))
    return found


def sha256(path: Path) -> str:
    """SHA-256 of a file as hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_of_bytes(content: bytes) -> str:
    """SHA-256 of bytes as hex."""
    return hashlib.sha256(content).hexdigest()


def hash_of(value: object) -> str:
    """SHA-256 of a JSON-able value, independent of key order."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hash_of_bytes(text.encode())


@contextmanager
def replacing_folder(folder: Path, copy: bool = False) -> Generator[Path]:
    """Yield a new folder, or a copy of the one there; it takes the folder's place when the block ends well.

    At every moment one whole folder lies at `folder`, or beside it as `.old-<name>` for the time of two renamings.

    Raises:
        InputError: if the disk is full or the folder cannot be written.
    """
    old = folder.with_name(f".old-{folder.name}")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if old.is_dir() and not folder.exists():  # killed between the two renamings
            old.rename(folder)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".partial-", ignore_cleanup_errors=True) as place:
            temporary = Path(place) / folder.name
            shutil.copytree(folder, temporary) if copy and folder.is_dir() else temporary.mkdir()
            yield temporary
            if folder.is_dir():
                folder.rename(old)
            temporary.rename(folder)
            shutil.rmtree(old, ignore_errors=True)
    except (OSError, shutil.Error) as error:
        why = getattr(error, "strerror", None) or error
        raise InputError(f"cannot write {folder}: {why}. Free some space or choose another folder.") from error
