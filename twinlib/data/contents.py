"""What the pictures of a data set contain, as one hash that is cheap to ask for again.

Rendered sets are named by their generator's version and need none of this. In a set of one's own a picture may be
replaced by another of the same size, and then nothing that was made of it holds: neither crops nor a run's record.
"""

import json
from contextlib import suppress
from pathlib import Path

from twinlib import files
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
