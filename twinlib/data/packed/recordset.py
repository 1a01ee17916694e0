"""A `.rec` as a training set: crops are decoded when a batch needs them, and memory does not grow with the file."""

import functools
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt8

from twinlib import files
from twinlib.data.feed.trainset import TrainSet
from twinlib.data.readers.records import Records
from twinlib.errors import InputError
from twinlib.faces.align import CANONICAL_BOXES
from twinlib.faces.images import read_image


class RecordCrops:
    """The images of a `.rec` as if they were one array; an index of rows decodes them.

    Args:
        records: the file.
        size: side of its crops, px.
    """

    def __init__(self, records: Records, size: int):
        self._records, self._keys = records, records.images
        self.shape: tuple[int, ...] = (len(self._keys), size, size, 3)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> UInt8[np.ndarray, "... S S 3"]:
        """Crops of rows, RGB.

        Raises:
            InputError: a record is damaged, cannot be decoded, or is no crop of the size.
        """
        keys = self._keys[rows]
        return np.stack([self._crop(int(key)) for key in keys]) if np.ndim(keys) else self._crop(int(keys))

    def _crop(self, key: int) -> UInt8[np.ndarray, "S S 3"]:
        name = f"{self._records.path}: record {key}"
        try:
            crop = read_image(self._records.image(key), name)
        except InputError as error:
            raise InputError(f"{error} `twinlib data import` leaves out what cannot be read.") from error
        if crop.shape != self.shape[1:]:
            raise InputError(
                f"{name} has {crop.shape[1]} × {crop.shape[0]} px; this run takes crops of {self.shape[1]} px. "
                "Set data.size if all have that size."
            )
        return crop


def record_set(path: Path, size: int = 112) -> TrainSet:
    """Everybody in a `.rec` as a training set of people without relatives; the images are aligned crops already.

    Args:
        path: the `.rec`, with its `.idx` beside it.
        size: side of its crops, px.

    Raises:
        InputError: see `Records`; also if the first image is no crop of the size.
    """
    records = Records(path)
    crops = RecordCrops(records, size)
    if not len(crops):
        raise InputError(f"{path} holds no image.")
    _ = crops[0]  # another size is refused before any training
    subject = np.unique(records.people, return_inverse=True)[1]
    boxes = np.broadcast_to(CANONICAL_BOXES.astype(np.float32), (len(crops), *CANONICAL_BOXES.shape))
    return TrainSet(crops, boxes, np.arange(len(crops)), subject, subject, np.zeros(len(crops), bool))


def content_of(path: Path) -> str:
    """Name and hash of a `.rec`, for the key of a run: of its index and its size, since it may have hundreds of GB.

    Raises:
        InputError: there is none, or no index beside it.
    """
    index = path.with_suffix(".idx" if path.suffix.islower() else ".IDX")
    for file in (path, index):
        if not file.is_file():
            raise InputError(f"data.records: {file} does not exist. Name a .rec that has its .idx beside it.")
    return f"{path.name} {_hash(index, index.stat().st_mtime_ns, path.stat().st_size)[:16]}"


@functools.cache
def _hash(index: Path, _changed: int, size: int) -> str:
    return files.hash_of([files.sha256(index), size])
