"""Who trains what: a lock on a file for each run, so that two processes never train the same one at once.

The system lets a lock go when its process ends, however it ends: a claim never outlives its holder, and nothing has to
be cleared away after `kill -9`. The files stay; only their locks mean something.
"""

import json
import os
import platform
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from twinlib import paths
from twinlib.errors import InputError

try:
    import fcntl
except ImportError:  # Windows: no claims, two processes there must not train the same run
    fcntl = None

TRIES, PAUSE = 5, 0.05  # of a claim that does not wait: a look by `holder` holds the lock for an instant


class BusyError(InputError):
    """Another process has the claim."""


@contextmanager
def claim(name: str, wait: bool = True) -> Generator[None]:
    """Hold the claim of a run for the length of the block. Of several processes of one run, the first holds it.

    Args:
        name: of the run.
        wait: for another process to let it go, which standard error tells; else refuse.

    Raises:
        BusyError: another process has it, and `wait` is false; the message names the process.
        InputError: the folder of the claims cannot be written.
    """
    if fcntl is None or os.environ.get("RANK", "0") != "0":
        yield
        return
    file = claims_dir() / f"{name}.lock"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise InputError(f"cannot write {file}: {error.strerror}. Free some space or choose another folder.") from error
    try:
        _lock(handle, file, wait)
        said = {"pid": os.getpid(), "host": platform.node(), "since": time.time()}
        os.truncate(handle, 0)
        os.pwrite(handle, json.dumps(said).encode(), 0)
        yield
    finally:
        os.close(handle)  # lets the lock go


def holder(name: str) -> dict[str, object] | None:
    """Who has the claim of a run now: pid, host, since (seconds of the clock); None if nobody has.

    Args:
        name: of the run.
    """
    if fcntl is None:
        return None
    try:
        with (claims_dir() / f"{name}.lock").open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return None
    except BlockingIOError:
        return _said(claims_dir() / f"{name}.lock")
    return None


def claims_dir() -> Path:
    """Folder of the locks."""
    return paths.build_dir() / "claims"


def _lock(handle: int, file: Path, wait: bool) -> None:
    import fcntl  # whether there is one was asked before

    for _ in range(TRIES):
        try:
            return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(PAUSE)
    if not wait:
        raise BusyError(f"process {_said(file).get('pid', '?')} is training this run. Wait for it or end it.")
    print(f"waiting for process {_said(file).get('pid', '?')}, which is training the same run", file=sys.stderr)
    fcntl.flock(handle, fcntl.LOCK_EX)


def _said(file: Path) -> dict[str, object]:
    try:
        return json.loads(file.read_text())
    except (OSError, ValueError):  # seen between the lock and the words
        return {}
