"""What stands in for the numpy names of a pickle: holders of bytes, so that no code of numpy sees foreign input."""

import math
from collections.abc import Callable

from twinlib.errors import InputError

ONE_BYTE = ("u1", "|u1", "b1", "|b1")
OBJECTS = ("O8", "O", "|O")


class DType:
    """A dtype by its name."""

    def __init__(self, name: str | bytes, align: object = False, copy: object = False):
        self.name = name.decode("latin-1") if isinstance(name, bytes) else str(name)

    def __setstate__(self, state: object) -> None:
        """Byte order and flags: of no matter for one byte."""


class Array:
    """An array of bytes, of truth values or of objects.

    Attributes:
        data: bytes of the elements, one each, or their list.
    """

    def __init__(self) -> None:
        self.data: bytes | list[object] = b""

    def __setstate__(self, state: tuple) -> None:
        """State of a numpy array: version, shape, dtype, Fortran order, data."""
        _, shape, dtype, _, data = state
        self.fill(shape, dtype, data)

    def fill(self, shape: tuple, dtype: object, data: object) -> "Array":
        """Take over the data if they are what shape and dtype promise.

        Raises:
            InputError: another dtype, or another number of elements.
        """
        if not isinstance(dtype, DType) or dtype.name not in (*ONE_BYTE, *OBJECTS):
            found = getattr(dtype, "name", type(dtype).__name__)
            raise InputError(f"the pickle holds an array of {found}; wanted uint8, bool or objects.")
        wanted = list if dtype.name in OBJECTS else (bytes, bytearray)
        if not isinstance(data, wanted) or len(data) != math.prod(shape):
            raise InputError(f"the pickle holds an array of shape {tuple(shape)} with data of another size.")
        self.data = data if isinstance(data, list) else bytes(data)
        return self


def _reconstruct(kind: object, shape: object, code: object) -> Array:
    """An empty array, to be filled by its state."""
    return Array()


def _scalar(dtype: object, data: object) -> Array:
    """One truth value as numpy writes it."""
    return Array().fill((), dtype, data)


def _frombuffer(data: object, dtype: object, shape: tuple, order: object) -> Array:
    """An array as protocol 5 writes it."""
    return Array().fill(shape, dtype, data)


def _encode(text: str, encoding: str) -> bytes:
    """Bytes as Python 3 writes them into protocols 0 to 2."""
    return text.encode("latin-1")


STAND_INS: dict[tuple[str, str], Callable[..., object]] = {
    ("numpy", "ndarray"): Array,
    ("numpy", "dtype"): DType,
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy.core.multiarray", "scalar"): _scalar,
    ("numpy._core.multiarray", "scalar"): _scalar,
    ("numpy.core.numeric", "_frombuffer"): _frombuffer,
    ("numpy._core.numeric", "_frombuffer"): _frombuffer,
    ("_codecs", "encode"): _encode,
}
