"""Long work on many photographs, resumed where it was interrupted: each part is kept on disk until all are done."""

import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, runtime_checkable

import numpy as np

from twinlib import files
from twinlib.errors import InputError
from twinlib.parts.jobs import done, on_cluster, usable_cores
from twinlib.progress import progress

CHUNK = 32  # images a part: what an interrupted run may lose
FEW = 256  # below this, starting processes (three seconds each) costs more than it gains

Row = dict[str, np.ndarray | np.generic]
Columns = dict[str, np.ndarray]
Part = tuple[Path, Sequence[Any]]  # the file to write and its items


@runtime_checkable
class Step(Protocol):
    """Work on photographs, in a `with` block that is entered once a process."""

    def __enter__(self) -> "Step": ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def rows(self, items: Sequence[Any]) -> Columns:
        """What is stored of each, in order; the same names, shapes and kinds for every one, a bad one included."""


Maker = Callable[[], Step]  # must be picklable: a class with its arguments, by functools.partial


def parts_of(out: Path, name: str, key: str) -> Path:
    """Hidden folder for the parts of a piece of work; parts of other work of this name, now stale, are removed.

    Args:
        out: folder that the result goes to.
        name: of the work.
        key: hash of what decides the result.
    """
    folder = out / f".{name}-{key}"
    for stale in set(out.glob(f".{name}-*")) - {folder}:
        shutil.rmtree(stale)
    return folder


def make_parts(
    maker: Maker, items: Sequence[Any], folder: Path, workers: int | None, what: str, size: int | None = None
) -> list[Path]:
    """Do all `items` that have no part in `folder` yet; see `jobs.done` for where.

    Args:
        maker: opens the step; called once in every process.
        items: what `Step.rows` takes, e.g. paths inside the source.
        folder: where the parts lie; each is whole or absent. Workers of a cluster see it under the same path.
        workers: processes; None: one a processor core, one for few images.
        what: a word for the progress bar.
        size: items a part; CHUNK if None.

    Returns:
        The parts in order: npz files with a row for each item.

    Raises:
        InputError: if `workers` is less than 1, a process died, or a worker's part is not seen here.
    """
    folder, size = folder.absolute(), size or CHUNK
    starts = range(0, len(items), size)
    parts = [(folder / f"{i:06d}.npz", items[start : start + size]) for i, start in enumerate(starts)]
    todo = [part for part in parts if not part[0].is_file()]
    left = sum(len(given) for _, given in todo)
    if workers is None:
        workers = 1 if left < FEW else usable_cores()
    if workers < 1:
        raise InputError(f"workers: wanted 1 or more, found {workers}.")
    if todo:
        here = workers == 1 and not on_cluster()
        counts = _in_this_process(maker, todo) if here else done(partial(_write, maker), todo, workers)
        for _ in progress(_each(counts), len(items), what, "image", initial=len(items) - left):
            pass
    files_of = [file for file, _ in parts]
    if unseen := next((file for file in files_of if not file.is_file()), None):
        raise InputError(f"a worker wrote {unseen}, which is not here. All machines must share this folder.")
    return files_of


def joined(parts: list[Path], names: tuple[str, ...] | None = None) -> Columns:
    """Columns of all parts, or those named."""
    columns = [_read(part, names) for part in parts]
    return {name: np.concatenate([column[name] for column in columns]) for name in columns[0]}


def stacked(rows: list[Row]) -> Columns:
    """Columns of rows that have the same names."""
    return {name: np.stack([row[name] for row in rows]) for name in rows[0]}


def _read(file: Path, names: tuple[str, ...] | None = None) -> Columns:
    with np.load(file) as stored:
        return {name: stored[name] for name in names or stored.files}


def _write_part(step: Step, part: Part) -> int:
    """Do the items of one part, store their rows in its file, return their number."""
    file, items = part
    columns = step.rows(items)
    with files.replacing(file) as temporary:
        np.savez(temporary, **columns)
    return len(items)


def _each(counts: Iterable[int]) -> Iterator[int]:
    """One item an image, so that the bar counts images and not parts."""
    for count in counts:
        yield from range(count)


def _in_this_process(maker: Maker, parts: list[Part]) -> Iterator[int]:
    with maker() as step:
        for part in parts:
            yield _write_part(step, part)


_open = threading.local()  # the step of each thread of a worker process, and the folder that it works for


def _write(maker: Maker, part: Part) -> int:
    """In a worker: the step stays open from part to part, and is closed when other work comes."""
    folder = part[0].parent
    if getattr(_open, "folder", None) != folder:
        os.environ["OPENCV_FOR_THREADS_NUM"] = "1"  # the processes use every core; OpenCV is imported later
        if hasattr(_open, "step"):
            _open.step.__exit__(None, None, None)
        _open.step, _open.folder = maker().__enter__(), folder
    return _write_part(_open.step, part)
