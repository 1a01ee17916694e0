"""Scores of a record in a few bytes a pair, and the pair lists that many records share.

A list of pairs is a function of the data set: it is stored once, under the hash of its content, and a record names it.
Scores are rounded to 192 levels, a byte for each pair (our choice): half of them are spread over the range of the
scores, half over their ranks, so that neither a long tail nor a crowd near 1 is lost. It moves the AUC of 20,000 pairs
by some 1e-5, 1e-4 at most. Metrics are taken from the rounded scores, so that they are the same before and after the
disk.
"""

import gzip
import io
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float
from scipy.stats import rankdata

from twinlib.errors import InputError
from twinlib.files import hash_of_bytes, replacing

PAIR_COLUMNS = ["pair", "same", "kind", "family_a", "family_b", "split", "fold"]
TEXTS: dict[str, type] = {"kind": str, "family_a": str, "family_b": str, "split": str}
LEVELS = 192
GRID = 12  # bits of the range to which a level is rounded, which makes the levels small too
FILE = "scores.npz"
NAME = 16  # letters of a list's hash in its name


def rounded(scores: Float[np.ndarray, " P"]) -> Float[np.ndarray, " P"]:
    """Scores as they are stored: the mean of those that share one of 192 levels. Their order stays, but for ties."""
    scores = np.asarray(scores, np.float64)
    if len(scores) == 0 or (span := np.ptp(scores)) == 0:
        return np.rint(scores * 2.0**50) / 2.0**50
    share = ((rankdata(scores) - 1) / (len(scores) - 1) + (scores - scores.min()) / span) / 2
    level = np.rint(share * (LEVELS - 1)).astype(int)
    mean = np.bincount(level, scores, LEVELS) / np.maximum(np.bincount(level, minlength=LEVELS), 1)
    step = _step(float(span))
    return (np.rint(mean / step) * step)[level]


def pack(folder: Path, pairs_folder: Path, scores: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Write `scores.npz` of a record and the pair lists that are not there yet.

    Args:
        folder: of the record.
        pairs_folder: of the lists that records share.
        scores: protocol → table of `runs.score_table`.

    Returns:
        Protocol → hash of its list, which the record must name.

    Raises:
        InputError: scores that were not rounded.
    """
    parts = []
    for name in sorted(scores):
        levels, codes = np.unique(scores[name]["score"].to_numpy(np.float64), return_inverse=True)
        step = _step(np.ptp(levels))
        grid = np.rint(levels / step).astype(np.int64)
        if len(levels) > LEVELS or not np.array_equal(grid * step, levels):
            raise InputError(f"{folder.name}: scores of {name} were not rounded. Make them with `score_table`.")
        parts.append((name, step, grid[0], len(grid), len(codes), np.diff(grid), codes))
    columns = list(zip(*parts, strict=True))
    with replacing(folder / FILE) as temporary:
        np.savez_compressed(
            temporary,
            protocols=np.array(columns[0]),
            steps=np.array(columns[1]),
            sizes=np.array(columns[2:5], np.int64),  # lowest level in steps, number of levels, of pairs
            jumps=np.concatenate(columns[5]).astype(np.uint16),  # from level to level, in steps
            codes=np.concatenate(columns[6]).astype(np.uint8),
        )
    return {name: _write_pairs(pairs_folder, scores[name]) for name in sorted(scores)}


def unpack(content: bytes, pairs_folder: Path, protocol: str, listed: str, where: str) -> pd.DataFrame:
    """Pairs and scores of a protocol of a record.

    Args:
        content: of `scores.npz`.
        pairs_folder: of the lists.
        protocol: which.
        listed: hash of its list.
        where: the record, for messages.

    Raises:
        InputError: the file or the list is missing, damaged, or not the one that the record was made with.
    """
    remedy = "Take it from version control again, or make the record anew with `twinlib run`."
    file = pairs_folder / f"{listed[:NAME]}.csv.gz"
    try:
        text = gzip.decompress(file.read_bytes())
        pairs = pd.read_csv(io.BytesIO(text), dtype=TEXTS, keep_default_na=False)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise InputError(f"{file} cannot be read ({type(error).__name__}: {error}). {remedy}") from error
    try:
        scores = _scores(content, protocol)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, ValueError, KeyError, IndexError) as error:
        raise InputError(f"{where}: {FILE} cannot be read ({type(error).__name__}). {remedy}") from error
    if hash_of_bytes(text) != listed or len(pairs) != len(scores):
        raise InputError(f"{file} is not the list that {where} was scored on. {remedy}")
    return pairs.assign(score=scores)


def _scores(content: bytes, protocol: str) -> Float[np.ndarray, " P"]:
    with np.load(io.BytesIO(content)) as stored:
        at = stored["protocols"].tolist().index(protocol)
        first, levels, pairs = stored["sizes"]
        begin = int((levels - 1)[:at].sum())
        jumps = stored["jumps"][begin : begin + levels[at] - 1].astype(np.int64)
        grid = first[at] + np.concatenate([[0], np.cumsum(jumps)])
        return (grid * stored["steps"][at])[stored["codes"][pairs[:at].sum() : pairs[: at + 1].sum()]]


def _step(span: float) -> float:
    """Distance of the grid that the levels lie on: a power of two."""
    return float(2.0 ** (np.floor(np.log2(span)) - GRID)) if span else 2.0**-50


def _write_pairs(folder: Path, table: pd.DataFrame) -> str:
    """Store a list under the hash of its text, unless it is there; the whole hash."""
    text = table[PAIR_COLUMNS].to_csv(index=False, lineterminator="\n").encode()
    name = hash_of_bytes(text)
    file = folder / f"{name[:NAME]}.csv.gz"
    if not file.is_file():
        with replacing(file) as temporary:  # without name and time: the same list is the same bytes
            temporary.write_bytes(gzip.compress(text, mtime=0))
    return name
