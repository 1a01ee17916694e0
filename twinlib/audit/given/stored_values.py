"""Embeddings and scores from files, each matched to the pictures by name."""

import zipfile
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float

from twinlib.audit.given.rendered_crops import unit
from twinlib.errors import InputError

SHOWN = 3  # names in a message
BROKEN = (zipfile.BadZipFile, zlib.error)  # of a damaged .npz


class Embeddings:
    """An .npz with `names` and `emb`, as `twinlib embed` writes it; names may end in .jpg and begin with images/.

    Raises:
        InputError: no such file, other arrays, other lengths, NaN, a vector of zeros, or a name that occurs twice.
    """

    def __init__(self, file: Path) -> None:
        if not file.is_file():
            raise InputError(f"{file} does not exist. Write it with `twinlib embed`.")
        try:
            with file.open("rb") as opened, np.load(opened, allow_pickle=False) as stored:
                told, e = np.asarray(stored["names"]), np.asarray(stored["emb"])
                names = told.astype(str).tolist() if told.ndim == 1 else []
        except (KeyError, ValueError, TypeError, OSError, EOFError, MemoryError, *BROKEN) as error:
            raise InputError(
                f"{file} holds no arrays names and emb ({error}). Write it with `twinlib embed`."
            ) from error
        if e.ndim != 2 or len(e) != len(names) or e.dtype.kind != "f" or not e.shape[1]:
            found = f"{len(names)} names, {e.dtype} {list(e.shape)}"
            raise InputError(f"{file}: wanted a row of floats for each name, found {found}. Write it again.")
        self.file, self.e = file, unit(e.astype(np.float64), names)  # or large and tiny numbers would be lost
        self._row = {plain(name): i for i, name in enumerate(names)}
        if len(self._row) < len(names):
            twice = pd.Series([plain(name) for name in names]).duplicated()
            raise InputError(f"{file}: {names[int(twice.argmax())]!r} occurs twice. Keep one of its rows.")

    def of(self, names: list[str]) -> Float[np.ndarray, "N E"]:
        """Rows by name, of unit length.

        Raises:
            InputError: names that the file lacks; the first few are listed.
        """
        if missing := [name for name in names if plain(name) not in self._row]:
            raise InputError(f"{self.file} lacks {_some(missing)} of {len(names)} images. Embed them too.")
        return self.e[[self._row[plain(name)] for name in names]]


class Scores:
    """A CSV with image_a, image_b and score (higher = more alike), as `--export` began it.

    Raises:
        InputError: no such file or columns, a score that is no finite number, a pair that occurs twice.
    """

    def __init__(self, file: Path) -> None:
        from twinlib.data.text import words
        from twinlib.data.text.table_files import read_table

        table = read_table(file, words.PAIRS | {"score": ["similarity", "cosine"]})
        if missing := {"image_a", "image_b", "score"} - set(table.frame):
            raise InputError(f"{file} lacks the columns {sorted(missing)}. It needs image_a, image_b and score.")
        ends = zip(table.frame["image_a"], table.frame["image_b"], strict=True)
        keys = [_pair(plain(a), plain(b)) for a, b in ends]
        self.file, self._scores = file, dict(zip(keys, table.numbers(["score"])[:, 0], strict=True))
        if len(self._scores) < len(keys):
            row = int(pd.Series(keys).duplicated().argmax())
            raise InputError(f"{file}: row {table.lines[row]}: the pair {' '.join(keys[row])} occurs twice. Keep one.")

    def of(self, a: list[str], b: list[str]) -> Float[np.ndarray, " P"]:
        """Scores of pairs by name, in either order.

        Raises:
            InputError: pairs that the file lacks; the first few are listed.
        """
        keys = [_pair(plain(x), plain(y)) for x, y in zip(a, b, strict=True)]
        if missing := [" ".join(key) for key in keys if key not in self._scores]:
            raise InputError(f"{self.file} lacks {_some(missing)} of {len(keys)} pairs. Score them too.")
        return np.array([self._scores[key] for key in keys])


def plain(name: str) -> str:
    """A name as the audit calls it: neither folder images/ nor ending."""
    name = name.replace("\\", "/").removeprefix("./").removeprefix("images/")
    return name.removesuffix(".jpg")


def _pair(a: str, b: str) -> tuple[str, str]:
    return (a, b) if a <= b else (b, a)


def _some(names: list[str]) -> str:
    more = ", …" if len(names) > SHOWN else ""
    return f"{len(names)} ({', '.join(names[:SHOWN])}{more})"
