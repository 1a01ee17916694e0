"""The long part of the landmark step: images in parts of 32, in several processes, kept on disk until all are done."""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType

import numpy as np

from twinlib import files
from twinlib.data import align
from twinlib.data.images import RGB
from twinlib.data.landmarks import POINTS, FaceMeshDetector
from twinlib.data.photos import PhotoReader, Photos
from twinlib.errors import InputError
from twinlib.progress import progress

CHUNK = 32  # images a part: what an interrupted run may lose
FEW = 256  # below this, starting processes (three seconds each) costs more than it gains
STATUS = ("found", "not_found", "unreadable")

Row = dict[str, np.ndarray | np.generic]
Part = tuple[Path, list[str]]  # the file to write and the paths of its images inside the source


def make_parts(photos: Photos, size: int, folder: Path, workers: int | None) -> list[Path]:
    """Do all images of `photos` that have no part in `folder` yet.

    Args:
        photos: what to go through.
        size: side of the crops, px.
        folder: where the parts lie; each is whole or absent.
        workers: processes; None: one a processor core, one for few images.

    Returns:
        The parts in order: npz files with a row an image of `crop` and of everything that `faces.npz` and
        `faces.csv` hold.

    Raises:
        InputError: if `workers` is less than 1 or a process died.
    """
    starts = range(0, len(photos.paths), CHUNK)
    parts = [(folder / f"{i:06d}.npz", photos.paths[start : start + CHUNK]) for i, start in enumerate(starts)]
    todo = [part for part in parts if not part[0].is_file()]
    left = sum(len(paths) for _, paths in todo)
    if workers is None:
        workers = 1 if left < FEW else len(os.sched_getaffinity(0))
    if workers < 1:
        raise InputError(f"workers: wanted 1 or more, found {workers}.")
    if todo:
        counts = _in_this_process(photos.source, size, todo) if workers == 1 else _pool(photos, size, todo, workers)
        total = len(photos.paths)
        for _ in progress(_each(counts), total, "faces", "image", initial=total - left):
            pass
    return [file for file, _ in parts]


class FaceStep:
    """From one photograph to its row, in a `with` block.

    Args:
        source: data set, folder or zip the photographs are in.
        size: side of the crops, px.
    """

    def __init__(self, source: Path, size: int):
        self._reader, self._detector, self._size = PhotoReader(source), FaceMeshDetector(), size

    def __enter__(self) -> "FaceStep":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reader.__exit__(kind, error, trace)
        self._detector.__exit__(kind, error, trace)

    def write(self, part: Part) -> int:
        """Do the images of one part, store the rows in its file, return their number."""
        file, paths = part
        rows = [self.row(path) for path in paths]
        with files.replacing(file) as temporary:
            np.savez(temporary, **{name: np.stack([row[name] for row in rows]) for name in rows[0]})
        return len(rows)

    def row(self, path: str) -> Row:
        """Everything that is stored of one photograph; a bad one gives a row, too."""
        try:
            image = self._reader.read(path)
        except InputError as error:
            nothing = np.full((2, 3), np.nan), np.zeros((self._size, self._size, 3), np.uint8)
            return _row("unreadable", str(error), *nothing)
        try:
            return self._found(image)
        except InputError as error:
            matrix = align.centre_crop(image.shape[1], image.shape[0], self._size)
            return _row("not_found", str(error), matrix, align.warp(image, matrix, self._size))

    def _found(self, image: RGB) -> Row:
        """The row of a photograph with a face; an InputError gives the reason why there is none."""
        detection = self._detector.detect(image)
        if not detection.found:
            raise InputError(detection.reason)
        landmarks = detection.landmarks.astype(np.float64)
        matrix = align.similarity(align.five_points(landmarks), align.template(self._size))
        crop = align.warp(image, matrix, self._size)
        boxes = align.region_boxes(align.transform(landmarks, matrix), self._size)
        row = _row("found", detection.reason, matrix, crop, landmarks, boxes)
        return row | {"faces": np.int64(detection.faces), "attempt": np.str_(detection.attempt)}


def _row(
    status: str,
    reason: str,
    matrix: np.ndarray,
    crop: np.ndarray,
    landmarks: np.ndarray | None = None,
    boxes: np.ndarray | None = None,
) -> Row:
    """A row; without landmarks they are NaN, and the boxes are the canonical ones."""
    return {
        "status": np.str_(status),
        "reason": np.str_(reason),
        "faces": np.int64(0),
        "attempt": np.str_(""),
        "landmarks": (np.full((POINTS, 2), np.nan) if landmarks is None else landmarks).astype(np.float32),
        "matrix": matrix.astype(np.float32),
        "boxes": (align.CANONICAL_BOXES if boxes is None else boxes).astype(np.float32),
        "canonical": np.bool_(boxes is None),
        "crop": crop,
    }


def _each(counts: Iterable[int]) -> Iterator[int]:
    """One item an image, so that the bar counts images and not parts."""
    for count in counts:
        yield from range(count)


def _in_this_process(source: Path, size: int, parts: list[Part]) -> Iterator[int]:
    with FaceStep(source, size) as step:
        yield from map(step.write, parts)


def _pool(photos: Photos, size: int, parts: list[Part], workers: int) -> Iterator[int]:
    """The same in several fresh processes (forking one that runs mediapipe or torch can hang)."""
    workers = min(workers, len(parts))
    context = get_context("spawn")
    with ProcessPoolExecutor(workers, context, initializer=_start, initargs=(photos.source, size)) as pool:
        try:
            yield from pool.map(_write, parts)
        except BrokenProcessPool as error:
            raise InputError(
                f"a process of the landmark step died, perhaps for want of memory ({error}). "
                "Run the same command again, with fewer workers: what is done is kept."
            ) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


_step: FaceStep  # of a worker process, set once by _start


def _start(source: Path, size: int) -> None:
    """Prepare a worker: one detector, one core."""
    global _step
    import cv2

    cv2.setNumThreads(1)
    _step = FaceStep(source, size)


def _write(part: Part) -> int:
    return _step.write(part)
