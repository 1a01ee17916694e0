"""Long work on many photographs, resumed where it was interrupted: each part is kept on disk until all are done."""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import Protocol, runtime_checkable

import numpy as np

from twinlib import files
from twinlib.errors import InputError
from twinlib.progress import progress

CHUNK = 32  # images a part: what an interrupted run may lose
FEW = 256  # below this, starting processes (three seconds each) costs more than it gains

Row = dict[str, np.ndarray | np.generic]
Columns = dict[str, np.ndarray]
Part = tuple[Path, list[str]]  # the file to write and the paths of its images inside the source


@runtime_checkable
class Step(Protocol):
    """Work on one photograph, in a `with` block that is entered once a process."""

    def __enter__(self) -> "Step": ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def row(self, path: str) -> Row:
        """What is stored of one photograph; the same names, shapes and kinds for every one, a bad one included."""


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
    maker: Maker, images: list[str], folder: Path, workers: int | None, what: str, shard: tuple[int, int] = (0, 1)
) -> list[Path]:
    """Do all `images` that have no part in `folder` yet, or a shard of them.

    Args:
        maker: opens the step; called once in every process.
        images: paths inside the source.
        folder: where the parts lie; each is whole or absent.
        workers: processes; None: one a processor core, one for few images.
        what: a word for the progress bar.
        shard: (i, n): every n-th part only, starting with the i-th.

    Returns:
        The parts in order, those of the shard: npz files with a row for each image.

    Raises:
        InputError: if `workers` is less than 1, not 0 <= i < n, or a process died.
    """
    if not 0 <= shard[0] < shard[1]:
        raise InputError(f"shard must be (i, n) with 0 <= i < n; found {shard}. The first of four is (0, 4).")
    starts = range(0, len(images), CHUNK)
    parts = [(folder / f"{i:06d}.npz", images[start : start + CHUNK]) for i, start in enumerate(starts)]
    parts = parts[shard[0] :: shard[1]]
    todo = [part for part in parts if not part[0].is_file()]
    left = sum(len(paths) for _, paths in todo)
    if workers is None:
        workers = 1 if left < FEW else len(os.sched_getaffinity(0))
    if workers < 1:
        raise InputError(f"workers: wanted 1 or more, found {workers}.")
    if todo:
        counts = _in_this_process(maker, todo) if workers == 1 else _pool(maker, todo, workers)
        total = sum(len(paths) for _, paths in parts)
        for _ in progress(_each(counts), total, what, "image", initial=total - left):
            pass
    return [file for file, _ in parts]


def joined(parts: list[Path], names: tuple[str, ...] | None = None) -> Columns:
    """Columns of all parts, or those named."""
    columns = [_read(part, names) for part in parts]
    return {name: np.concatenate([column[name] for column in columns]) for name in columns[0]}


def in_shares(
    embed: Callable[[np.ndarray], Columns],
    images: int,
    batch: int,
    out: Path,
    key: str,
    shard: tuple[int, int] | None = None,
) -> Columns | None:
    """Columns with a row for each image: those that shares have left beside `out`, and the rest made now.

    A share takes whole batches, every n-th of them, so that each forward pass sees the images that it would see in one
    run: the joined arrays are bit for bit those of one run on the same device.

    Args:
        embed: from rising rows to columns.
        images: how many there are.
        batch: images of a forward pass.
        out: file that the result goes to; shares lie in a hidden folder beside it until they are joined.
        key: hash of what decides the columns; shares of another key are not joined.
        shard: (i, n): make the share of every n-th batch, starting with the i-th, and leave it for a call without.

    Returns:
        All rows in order; None if this was a share.
    """
    row, folder = np.arange(images), out.parent / f".parts-{out.stem}-{key[:16]}"
    parts = [_read(file) for file in sorted(folder.glob("*.npz"))]
    have = np.concatenate([part["row"] for part in parts]) if parts else row[:0]
    i, n = shard or (0, 1)
    left = row[(row // batch % n == i) & ~np.isin(row, have)]
    if len(left):
        parts.append({"row": left} | embed(left))
    if shard is None:
        first = np.unique(np.concatenate([part["row"] for part in parts]), return_index=True)[1]  # shares may overlap
        whole = {name: np.concatenate([part[name] for part in parts])[first] for name in parts[0] if name != "row"}
        shutil.rmtree(folder, ignore_errors=True)
        return whole
    if len(left):
        with files.replacing(folder / f"{left[0]:09d}-{i}-of-{n}.npz") as temporary:
            np.savez(temporary, **parts[-1])
    return None


def _read(file: Path, names: tuple[str, ...] | None = None) -> Columns:
    with np.load(file) as stored:
        return {name: stored[name] for name in names or stored.files}


def _write_part(step: Step, part: Part) -> int:
    """Do the images of one part, store the rows in its file, return their number."""
    file, paths = part
    rows = [step.row(path) for path in paths]
    with files.replacing(file) as temporary:
        np.savez(temporary, **{name: np.stack([row[name] for row in rows]) for name in rows[0]})
    return len(rows)


def _each(counts: Iterable[int]) -> Iterator[int]:
    """One item an image, so that the bar counts images and not parts."""
    for count in counts:
        yield from range(count)


def _in_this_process(maker: Maker, parts: list[Part]) -> Iterator[int]:
    with maker() as step:
        for part in parts:
            yield _write_part(step, part)


def _pool(maker: Maker, parts: list[Part], workers: int) -> Iterator[int]:
    """The same in several fresh processes (forking one that runs mediapipe or torch can hang)."""
    workers, context = min(workers, len(parts)), get_context("spawn")
    with ProcessPoolExecutor(workers, context, initializer=_start, initargs=(maker,)) as pool:
        try:
            yield from pool.map(_write, parts)
        except BrokenProcessPool as error:
            raise InputError(
                f"a worker process died, perhaps for want of memory ({error}). "
                "Run the same command again, with fewer workers: what is done is kept."
            ) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


_step: Step  # of a worker process, set once by _start


def _start(maker: Maker) -> None:
    """Prepare a worker: one step, open until the process ends, on one core."""
    global _step
    os.environ["OPENCV_FOR_THREADS_NUM"] = "1"  # OpenCV, if the step uses it, is imported later
    _step = maker()


def _write(part: Part) -> int:
    return _write_part(_step, part)
