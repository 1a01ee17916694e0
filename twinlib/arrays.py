"""What a caller passes as a list of values: taken by position, whatever carries it, or refused by its name.

Lists, NumPy, pandas with any index, nullable and masked arrays, tensors, arrow: each becomes a plain NumPy array. No
index is ever aligned.
"""

import math
from collections.abc import Iterable, Mapping, Sized
from decimal import Decimal
from numbers import Real
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float

from twinlib.errors import InputError

SHOWN = 8  # rows that a message names


@runtime_checkable
class HasArray(Protocol):
    """A column of another library, which NumPy can read."""

    def __array__(self, dtype: object = None, copy: object = None) -> np.ndarray:
        """Its values."""


Column = Sized | HasArray  # one value for each pair, image or family, in any carrier
Rows = Sized | HasArray  # one row of values for each
Columns = pd.DataFrame | Mapping[str, Column]  # a table, under any index


def column(values: object, name: str) -> np.ndarray:
    """One-dimensional array of the values, in their order.

    Args:
        values: any one-dimensional array-like.
        name: of the argument, for the message.

    Raises:
        InputError: not one-dimensional, or no list of values at all (a text, a set, a generator).
    """
    array = _plain(values, name)
    if array.ndim != 1:
        found = "one value or no list" if array.ndim == 0 else f"an array of {array.ndim} dimensions {array.shape}"
        raise InputError(f"{name} must be a list of values, one-dimensional; found {found}. Pass one column.")
    return array


def numbers(values: object, name: str) -> Float[np.ndarray, " N"]:
    """Finite numbers, as float64.

    Raises:
        InputError: as `column`, or a value is missing, NaN, infinite or no number; the message says where.
    """
    array = column(values, name)
    found = _floats(array, name).astype(np.float64)
    if (bad := ~np.isfinite(found)).any():
        raise InputError(
            f"{name}: {int(bad.sum())} of {found.size} values are NaN or infinite (the first at position "
            f"{int(np.argmax(bad))}). What could not be measured must be left out or valued on purpose, not passed."
        )
    return found


def number_rows(values: object, name: str) -> Float[np.ndarray, "S N"]:
    """Rows of finite numbers, as float64: one row, or several of one length.

    Raises:
        InputError: as `numbers`, or more than two dimensions.
    """
    array = _plain(values, name)
    if array.ndim not in (1, 2):
        raise InputError(f"{name} must be one row of numbers or several of one length; found shape {array.shape}.")
    return numbers(array.reshape(-1), name).reshape(-1, array.shape[-1])


def vectors(values: object, name: str) -> Float[np.ndarray, "N D"]:
    """A row of numbers for each image, as they are; NaN is left to who reads them.

    Raises:
        InputError: not two-dimensional, or no numbers.
    """
    array = _plain(values, name)
    if array.ndim != 2:
        raise InputError(f"{name} must be a row of numbers for each image; found shape {array.shape}.")
    floats = _floats(array.reshape(-1), name).reshape(array.shape)
    return floats if floats.dtype in (np.float32, np.float64) else floats.astype(np.float64)


def labels(values: object, name: str) -> Bool[np.ndarray, " N"]:
    """Yes or no: 1, 0, True, False.

    Raises:
        InputError: as `column`, or anything else, a missing value among it.
    """
    array = column(values, name)
    if array.dtype.kind == "b":
        return array
    if array.dtype.kind == "O":
        odd = [value for value in array if not (isinstance(value, Real | np.bool_) and value in (0, 1))]
    else:
        odd = array[~np.isin(array, (0, 1))].tolist() if array.dtype.kind in "iuf" else array.tolist()
    if odd:
        seen = ", ".join(dict.fromkeys(repr(value) for value in odd))
        raise InputError(f"{name} must hold 0 and 1 only; found {seen[:60]}. Use 1 for one person, 0 for two.")
    return array.astype(bool)


def groups(values: object, name: str) -> np.ndarray:
    """Names or numbers of groups (families, subjects, folds, kinds), none of them missing.

    Raises:
        InputError: as `column`; a value is missing (NaN, None), empty or blank, with the rows; or texts and numbers
            are mixed, so that 1 and "1" would be two groups.
    """
    array = column(values, name)
    texts = np.array([isinstance(value, str | bytes) for value in array], bool) if array.dtype.kind == "O" else None
    blank = [isinstance(value, str) and not value.strip() for value in array] if array.dtype.kind in "OU" else False
    missing = np.flatnonzero(pd.isna(array) | blank)
    if missing.size:
        rows = ", ".join(map(str, missing[:SHOWN])) + (", …" if missing.size > SHOWN else "")
        raise InputError(
            f"{name}: {missing.size} of {array.size} values are missing, NaN or blank (rows {rows}, counted from 0). "
            "They would count as one more group: fill them in, or leave these rows out."
        )
    if texts is not None and texts.any() and not texts.all():
        raise InputError(f"{name} mixes texts and numbers, so that 1 and '1' would be two groups. Use one of them.")
    return array.astype(object) if array.dtype.kind in "US" else array


def one_length(**columns: np.ndarray) -> int:
    """Length of columns that belong together.

    Raises:
        InputError: their lengths differ; each is named.
    """
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise InputError(f"{' and '.join(lengths)} must be of one length, a value for each; found {found}.")
    return next(iter(lengths.values()))


def table_of(table: object, names: Iterable[str], name: str) -> pd.DataFrame:
    """Columns of a table (a frame, or a mapping of columns), by position: the index is dropped.

    Args:
        table: a row for each pair or image.
        names: of the columns that are needed; all are kept.
        name: of the argument, for the message.

    Raises:
        InputError: no table, or a column is missing or occurs twice.
    """
    if not isinstance(table, pd.DataFrame):
        if not isinstance(table, Mapping):
            raise InputError(f"{name} must be a table with named columns; found {type(table).__name__}.")
        table = pd.DataFrame({key: column(values, f"{name}.{key}") for key, values in table.items()})
    if missing := [key for key in names if key not in table]:
        raise InputError(f"{name} lacks the columns {missing}; it has {[str(key) for key in table]}.")
    if twice := [key for key in names if isinstance(table[key], pd.DataFrame)]:
        raise InputError(f"{name} has two columns {twice[0]!r}. Remove or rename one.")
    return table.reset_index(drop=True)


def one_row_each(values: object, name: str) -> np.ndarray:
    """`groups` whose values name one row each.

    Raises:
        InputError: as `groups`, or a value occurs twice.
    """
    array = groups(values, name)
    if (twice := pd.Series(array).duplicated()).any():
        raise InputError(f"{name}: {array[int(twice.argmax())]!r} occurs twice. Remove one row.")
    return array


def _plain(values: Any, name: str) -> np.ndarray:
    """The array that a carrier holds; missing values are NaN or None."""
    if hasattr(values, "detach"):  # a tensor; bfloat16 is no type of NumPy
        values = values.detach().cpu()
        values = (values.double() if values.is_floating_point() else values).numpy()
    if isinstance(values, np.ma.MaskedArray):
        hidden, values = np.ma.getmaskarray(values), values.data.astype(object)
        values[hidden] = None
    if isinstance(values, list | tuple) and any(hasattr(value, "detach") for value in values):
        values = [_plain(value, name) for value in values]
    if isinstance(values, list | tuple) and any(isinstance(value, pd.Series) for value in values):
        values = [np.asarray(value) for value in values]
    try:
        array = np.asarray(values)
        if array.dtype.kind in "US" and isinstance(values, list | tuple):  # [1, "a"] would become two texts
            array = np.asarray(values, dtype=object)
    except (ValueError, TypeError) as error:
        raise InputError(f"{name} must be a list of values, one-dimensional; found rows of other lengths.") from error
    return array


def _floats(array: np.ndarray, name: str) -> np.ndarray:
    """Numbers of any kind, missing ones as NaN."""
    if array.dtype.kind in "biuf":
        return array
    values = array.tolist() if array.dtype.kind == "O" else []
    good = [isinstance(value, Real | Decimal | np.bool_) or pd.isna(value) is True for value in values]
    if len(good) < array.size or not all(good):
        at = good.index(False) if values else 0
        raise InputError(f"{name} must be numbers; found {array[at]!r} at position {at}. Convert the column first.")
    return np.array([math.nan if pd.isna(value) else float(value) for value in values])
