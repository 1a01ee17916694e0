import numpy as np
import pandas as pd

from twinlib.data.check import duplicates
from twinlib.data.check.duplicates import NEAR, conflicts, exact_groups, near_groups


def prints(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (n, 32), dtype=np.uint8)


def flipped(print_: np.ndarray, bits: int, seed: int = 0) -> np.ndarray:
    values = np.unpackbits(print_)
    values[np.random.default_rng(seed).choice(256, bits, replace=False)] ^= 1
    return np.packbits(values)


def as_sets(groups) -> list[set[int]]:
    return [set(group.tolist()) for group in groups]


def test_exact_groups_by_hand():
    hashes = np.array(["a", "b", "a", "", "", "b", "c"])
    readable = np.array([True, True, True, False, False, True, True])
    assert as_sets(exact_groups(hashes, readable)) == [{0, 2}, {1, 5}]


def test_near_groups_against_all_pairs(monkeypatch):
    monkeypatch.setattr(duplicates, "BLOCK", 7)
    table = prints(40)
    table[5], table[30] = flipped(table[2], NEAR), flipped(table[2], NEAR + 1, seed=1)
    table[11] = table[3]
    table[12] = flipped(table[3], 3)
    readable = np.ones(40, bool)
    distance = (np.unpackbits(table[:, None] ^ table[None], axis=2)).sum(2)
    slow = {(i, j) for i in range(40) for j in range(i) if distance[i, j] <= NEAR}
    groups = near_groups(table, readable)
    assert {(i, j) for group in as_sets(groups) for i in group for j in group if j < i} == slow
    assert as_sets(groups) == [{2, 5}, {3, 11, 12}]


def test_one_picture_is_linked_by_way_of_another():
    table = prints(3)
    table[1], table[2] = flipped(table[0], 15), flipped(flipped(table[0], 15), 15, seed=5)
    assert as_sets(near_groups(table, np.ones(3, bool))) == [{0, 1, 2}]


def test_unreadable_and_structureless_pictures_are_left_out():
    table = np.zeros((4, 32), np.uint8)
    assert near_groups(table, np.ones(4, bool)) == []
    table = np.repeat(prints(1), 4, axis=0)
    assert as_sets(near_groups(table, np.array([True, True, False, True]))) == [{0, 1, 3}]
    assert near_groups(prints(0), np.zeros(0, bool)) == []


def test_conflicts_are_groups_under_two_values():
    table = pd.DataFrame({"subject": ["a", "a", "b", "", "c"]})
    groups = [np.array(rows) for rows in ([0, 1], [1, 2], [2, 3], [3, 4])]
    assert as_sets(conflicts(groups, table, "subject")) == [{1, 2}]
