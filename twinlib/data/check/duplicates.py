"""The same picture twice: byte for byte, or the same after resizing, recompression, a change of brightness."""

import numpy as np
import pandas as pd
from jaxtyping import Bool, Int, UInt8
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

# Bits of 256 that may differ. Our choice, from results/benchmarks/near_duplicates.csv: on aligned crops of 112 px, JPEG
# 75 changes at most 15, half the size 23 (99 % of them 20), JPEG 30 27, both 44. Of 14.4 million pairs of LFW's crops
# two are within 20, each one photograph twice; the closest different photographs are 27 apart.
NEAR = 20
BLOCK = 1024  # fingerprints compared at a time: 1,024 × 24,050 float32 are 98 MB

Prints = UInt8[np.ndarray, "N 32"]


def exact_groups(sha256: Bool[np.ndarray, " N"] | np.ndarray, readable: Bool[np.ndarray, " N"]) -> list[np.ndarray]:
    """Rows of readable files with the same bytes, groups of two or more."""
    rows = pd.Series(np.flatnonzero(readable), dtype=np.int64)
    groups = rows.groupby(np.asarray(sha256)[rows], sort=False)
    return [group.to_numpy() for _, group in groups if len(group) > 1]


def near_groups(prints: Prints, readable: Bool[np.ndarray, " N"], bits: int = NEAR) -> list[np.ndarray]:
    """Rows of pictures that differ in at most `bits` bits of their fingerprints, also by way of others.

    Pictures without any structure (a uniform surface) are left out: all of them are alike.

    Args:
        prints: fingerprints, see `facts.fingerprint`.
        readable: rows to look at.
        bits: largest distance.

    Returns:
        Groups of two or more, exact duplicates included, in order of their first row.
    """
    rows = np.flatnonzero(readable & _structured(prints))
    if not len(rows):
        return []
    different, member = np.unique(prints[rows], axis=0, return_inverse=True)
    linked = _close(different, bits)
    graph = coo_array((np.ones(len(linked[0]), bool), linked), shape=(len(different),) * 2)
    labels = connected_components(graph, directed=False)[1][member.ravel()]
    groups = pd.Series(rows).groupby(labels, sort=False)
    return [group.to_numpy() for _, group in groups if len(group) > 1]


def _structured(prints: Prints) -> Bool[np.ndarray, " N"]:
    """Whether at least an eighth of the bits is set and an eighth is not."""
    ones = np.unpackbits(prints, axis=1).sum(1)
    return (ones >= 32) & (ones <= 224)


def _close(prints: Prints, bits: int) -> tuple[Int[np.ndarray, " E"], Int[np.ndarray, " E"]]:
    """Pairs i < j within `bits` bits: with signs s in {-1, 1}, the distance is (256 - s·s') / 2."""
    signs = np.unpackbits(prints, axis=1).astype(np.float32) * 2 - 1
    found = []
    for start in range(0, len(signs), BLOCK):
        block = signs[start : start + BLOCK] @ signs[start:].T
        i, j = np.nonzero(block >= 256 - 2 * bits)
        found.append(np.stack([i, j])[:, j > i] + start)
    i, j = np.concatenate(found, axis=1)
    return i, j


def conflicts(groups: list[np.ndarray], table: pd.DataFrame, column: str) -> list[np.ndarray]:
    """Groups that stand under more than one value of a column, e.g. one picture under two names or in two splits.

    Args:
        groups: rows, as found above.
        table: the inventory.
        column: subject, family or split; empty cells count as nothing.
    """
    values = table[column].to_numpy()
    return [group for group in groups if len({value for value in values[group] if value}) > 1]
