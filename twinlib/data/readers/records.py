"""The `.rec` with its `.idx`, as insightface ships training sets: encoded faces with the number of their person.

The format is MXNet's RecordIO, read here without mxnet. A record is a magic word, a word of three bits (is this a part
of a record?) and 29 bits of length, and the data, padded to four bytes; where the data hold the magic word themselves,
they are cut there and the word is left out. The data are a header (number of further labels, label, two ids), further
labels, and an image. Records without an image are tables of insightface's own and left out.
"""

import mmap
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Int

from twinlib.data.readers.collection import Collection, suffix
from twinlib.errors import InputError

MAGIC = 0xCED7230A
WORD = struct.pack("<I", MAGIC)
LENGTH = (1 << 29) - 1  # the bits of a record's second word that are its length
HEADER = struct.Struct("<IfQQ")  # number of further labels, label, two ids
CHUNK = 1 << 20  # records whose headers are looked at together
WHOLE, FIRST, MIDDLE, LAST = range(4)  # the three bits: a record, or a part of one


class Records(Mapping[str, bytes]):
    """Images of a `.rec` by their names, `000000001.jpg` for the record of key 1; read when needed.

    Args:
        path: the `.rec`; the `.idx` of the same name lies beside it.

    Raises:
        InputError: a file is missing or empty, the index is damaged or not of this file, or the file is cut off.
    """

    def __init__(self, path: Path):
        self.path = path
        index = path.with_suffix(".idx" if path.suffix.islower() else ".IDX")
        for file in (path, index):
            if not file.is_file() or not file.stat().st_size:
                raise InputError(f"{file} does not exist or is empty. A .rec and its .idx belong together: copy both.")
        with path.open("rb") as opened:
            self._map = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        size = len(self._map)
        key, offset = _index(index)
        if not np.array_equal(key, np.arange(key[0], key[0] + len(key))):  # by key, so that one is found by bisection
            order = np.argsort(key, kind="stable")
            key, offset = key[order], offset[order]
        rising = offset if (np.diff(offset) > 0).all() else np.sort(offset)
        if (np.diff(key) == 0).any() or (np.diff(rising) == 0).any():
            raise InputError(f"{index}: a key or a place occurs twice. Copy it again with its .rec.")
        if key[0] < 0:
            raise InputError(f"{index}: key {key[0]} is below 0. Copy it again with its .rec.")
        if rising[0] < 0 or rising[-1] + 8 + HEADER.size > size or (rising % 4).any():
            raise InputError(f"{index} names places that {path.name} of {size} bytes has not. Copy both files again.")
        self.own_keys: Int[np.ndarray, " R"] = key
        self._offset, self._rising = offset, rising
        self._labels: np.ndarray | None = None
        self._suffix = ""
        self._data(int(key[np.argmax(offset)]))  # the last one, of which something lacks if the file was cut off

    def __reduce__(self) -> tuple:
        return Records, (self.path,)  # a worker process maps the file itself

    def __len__(self) -> int:
        return len(self.images)

    def __iter__(self) -> Iterator[str]:
        return (self.name(int(key)) for key in self.images)

    def __getitem__(self, name: str) -> bytes:
        return self.image(int(name.split(".")[0]))

    def name(self, key: int) -> str:
        """Name of an image; all end as the first one is encoded."""
        self._suffix = self._suffix or suffix(self.image(int(self.images[0])))
        return f"{key:09d}{self._suffix}"

    @property
    def images(self) -> Int[np.ndarray, " N"]:
        """Keys of the records that hold an image, rising."""
        return self.own_keys[self.labels >= 0]

    @property
    def people(self) -> Int[np.ndarray, " N"]:
        """Number of the person on each of `images`, as it was stored."""
        return self.labels[self.labels >= 0]

    @property
    def labels(self) -> Int[np.ndarray, " R"]:
        """Label of every record; −1 for those without an image. The headers are read once, on first use.

        Raises:
            InputError: names the first record that is none, or whose label is no number of a person.
        """
        if self._labels is None:
            words = np.frombuffer(self._map, "<u4", len(self._map) // 4)
            cuts = range(0, len(self.own_keys), CHUNK)
            self._labels = np.concatenate([self._labelled(words, slice(cut, cut + CHUNK)) for cut in cuts])
            if not (self._labels >= 0).any():
                raise InputError(f"{self.path} holds no image.")
        return self._labels

    def image(self, key: int) -> bytes:
        """The encoded image of a record.

        Raises:
            InputError: there is no such record, its length is not what follows, or it is no record.
        """
        data = self._data(key)
        start = HEADER.size + 4 * HEADER.unpack_from(data)[0]
        if not start < len(data):
            raise InputError(f"{self._of(key)} holds no image.")
        return data[start:]

    def _labelled(self, words: np.ndarray, rows: slice) -> np.ndarray:
        at = self._offset[rows] // 4
        if (bad := words[at] != MAGIC).any():
            raise InputError(f"{self._of(int(self.own_keys[rows][bad.argmax()]))} does not begin as one. {REMEDY}")
        kind, length, more = (
            words[at + 1] >> 29,
            (words[at + 1] & LENGTH).astype(np.int64),
            words[at + 2].astype(np.int64),
        )
        start = HEADER.size + 4 * more
        if (bad := (kind == WHOLE) & (length < start)).any():
            raise InputError(f"{self._of(int(self.own_keys[rows][bad.argmax()]))} is shorter than its labels. {REMEDY}")
        place = np.where(more > 0, np.minimum(at + 8, len(words) - 1), at + 3)
        label = words[place].view("<f4").astype(np.float64)
        for i in np.flatnonzero((kind != WHOLE) & (length < start)):  # the magic word stands among its labels
            data = self._data(int(self.own_keys[rows][i]))
            label[i] = struct.unpack_from("<f", data, HEADER.size if HEADER.unpack_from(data)[0] else 4)[0]
        empty = (kind == WHOLE) & (length == start)
        if (bad := ~empty & ~((label >= 0) & (label == np.floor(label)) & (label < 2**31))).any():
            i = int(bad.argmax())
            raise InputError(
                f"{self._of(int(self.own_keys[rows][i]))}: label {label[i]} is no number of a person. {REMEDY}"
            )
        return np.where(empty, -1, np.where(np.isfinite(label), label, 0)).astype(np.int64)

    def _data(self, key: int) -> bytes:
        """The data of a record, its parts joined."""
        row = int(np.searchsorted(self.own_keys, key))
        if row == len(self.own_keys) or self.own_keys[row] != key:
            raise InputError(f"{self.path} has no record {key}.")
        at = int(self._offset[row])
        following = int(np.searchsorted(self._rising, at)) + 1
        end = int(self._rising[following]) if following < len(self._rising) else len(self._map)
        parts, wanted = [], (WHOLE, FIRST)
        while True:
            magic, second = struct.unpack_from("<II", self._map, at) if at + 8 <= end else (0, 0)
            kind, length = second >> 29, second & LENGTH
            if magic != MAGIC or kind not in wanted:
                raise InputError(f"{self._of(key)} does not begin as one, or lacks a part. {REMEDY}")
            if at + 8 + length > end:
                raise InputError(f"{self._of(key)} claims {length} bytes, {end - at - 8} are there. {REMEDY}")
            parts.append(self._map[at + 8 : at + 8 + length])
            at += 8 + length + -length % 4
            if kind in (WHOLE, LAST):
                break
            wanted = (MIDDLE, LAST)
        if at < end and self._map[at : at + 4] != WORD:  # more follows, and it is no record
            raise InputError(f"{self._of(key)} claims fewer bytes than are there. {REMEDY}")
        data = WORD.join(parts)
        if len(data) < HEADER.size or len(data) < HEADER.size + 4 * HEADER.unpack_from(data)[0]:
            raise InputError(f"{self._of(key)} is shorter than its labels. {REMEDY}")
        return data

    def _of(self, key: int) -> str:
        return f"{self.path}: record {key}"


REMEDY = "The file is cut off or damaged, or its .idx is of another one: copy both again."


def read_rec(path: Path) -> Collection:
    """Images of a `.rec`, every person a family of one.

    Raises:
        InputError: see `Records`.
    """
    records = Records(path)
    names = list(records)
    people = [f"person{label:07d}" for label in records.people]
    table = pd.DataFrame({"image": names, "path": names, "subject": people, "family": people})
    return Collection(table.assign(split="", relation="single"), None, records)


def _index(file: Path) -> tuple[np.ndarray, np.ndarray]:
    """Keys and places of an index: lines of two whole numbers."""
    with file.open("rb") as opened:
        first = opened.readline(100)
    if first.count(b"\t") != 1:
        raise InputError(
            f"{file}: line 1: wanted a key and a place with a tab between, found {first!r:.60}. "
            "Copy it again with its .rec."
        )
    try:
        table = pd.read_csv(file, sep="\t", header=None, names=["key", "at"], dtype=np.int64, index_col=False)
    except (ValueError, OverflowError) as error:  # also every parser error of pandas
        raise InputError(f"{file} is no index of records ({error}). Copy it again with its .rec.") from error
    return table["key"].to_numpy(), table["at"].to_numpy()
