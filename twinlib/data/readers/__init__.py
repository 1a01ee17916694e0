"""Readers of the layouts that face data comes in. All end in a `Collection`: the manifest's columns, and pairs."""

from twinlib.data.packed.insightface import read_bin, read_npz, write_bin, write_npz
from twinlib.data.readers.collection import Collection, packed
from twinlib.data.readers.formats import FORMATS, Source, read
from twinlib.data.readers.lists import write_lfw
from twinlib.data.readers.records import Records

__all__ = [
    "FORMATS",
    "Collection",
    "Records",
    "Source",
    "packed",
    "read",
    "read_bin",
    "read_npz",
    "write_bin",
    "write_lfw",
    "write_npz",
]
