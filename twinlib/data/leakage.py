"""What must not leak: families into two splits, identities into two folds, truth into inputs, rows into rankings."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

from twinlib.arrays import groups, table_of
from twinlib.errors import InputError

# All that a model's input may be chosen by. Everything else of a manifest is truth: it says how an image was made.
# The relation of a family is a label of training, like subject and family: photographs have it too.
INPUT_COLUMNS = frozenset({"image", "path", "subject", "family", "relation", "split", "fold"})


def families_of(related: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Families implied by a list of related pairs: A-B and B-C make one family of A, B and C.

    Args:
        related: pairs of subjects that are twins or siblings.

    Returns:
        Subject -> number of its family, 0, 1, … in order of the subjects' names.
    """
    names, graph = _graph(related)
    return dict(zip(names, connected_components(graph, directed=False)[1].tolist(), strict=True))


def refuse_torn_families(related: Iterable[tuple[str, str]], split_of: dict[str, str]) -> None:
    """Refuse splits that tear a family, also one that is only known as a chain of pairs.

    Args:
        related: pairs of subjects that are twins or siblings.
        split_of: subject -> split; subjects without one are in none.

    Raises:
        InputError: names two subjects, their splits and the chain of pairs between them.
    """
    names, graph = _graph(related)
    for family in np.unique(components := connected_components(graph, directed=False)[1]):
        members = [i for i in np.flatnonzero(components == family) if names[i] in split_of]
        for other in members[1:]:
            here, there = split_of[names[members[0]]], split_of[names[other]]
            if here != there:
                chain = "–".join(names[i] for i in _path(graph, members[0], other))
                raise InputError(
                    f"the family {chain} is in two splits: {names[members[0]]} in {here}, {names[other]} in {there}. "
                    "Put the whole family into one."
                )


def refuse_shared_families(pairs: pd.DataFrame) -> None:
    """Refuse a pair list with a family in two splits.

    Raises:
        InputError: names the family and its splits; or a family is missing.
    """
    _refuse_shared(pairs, ("family_a", "family_b"), "split", "family")


def refuse_shared_identities(pairs: pd.DataFrame, subject_of: dict[str, str]) -> None:
    """Refuse a k-fold list with an identity in two folds: its threshold would have seen the tested faces.

    Args:
        pairs: image_a, image_b and fold.
        subject_of: image -> subject.

    Raises:
        InputError: names the identity and its folds; or an image whose subject nobody knows.
    """
    named = table_of(pairs, ("image_a", "image_b", "fold"), "pairs")
    for side in "ab":
        images = named[f"image_{side}"]
        if unknown := [image for image in images if image not in subject_of]:
            raise InputError(f"image {unknown[0]!r} has no subject. Give the subject of every image of the list.")
        named[side] = images.map(subject_of)
    _refuse_shared(named, ("a", "b"), "fold", "identity")


def inputs(table: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """The columns of a manifest that training or evaluation may read.

    Args:
        table: the manifest.
        columns: those wanted.

    Raises:
        InputError: names the first column that is truth, or that the table lacks.
    """
    for column in columns:
        if column not in INPUT_COLUMNS:
            raise InputError(
                f"column {column!r} is truth about how an image was made and never an input; allowed: "
                f"{', '.join(sorted(INPUT_COLUMNS))}. Take boxes and landmarks from the detector."
            )
        if column not in table:
            raise InputError(f"the manifest has no column {column!r}. Make it again.")
    return table[list(columns)]


def _refuse_shared(table, columns, place, what):
    """Refuse a value of `columns` that occurs under two values of `place`."""
    table = table_of(table, (*columns, place), "pairs")
    for name in (*columns, place):
        groups(table[name], f"pairs.{name}")
    sides = [table[[name, place]].set_axis(["who", "where"], axis=1) for name in columns]
    long = pd.concat(sides, ignore_index=True).drop_duplicates()
    twice = long[long.duplicated("who")]
    if len(twice):
        who = twice.who.iloc[0]
        where = sorted(map(str, long["where"][long.who == who]))
        raise InputError(f"{what} {who!r} is in {place} {' and '.join(where)}. Keep each {what} in one {place}.")


def _graph(related):
    """Sorted names and the adjacency of a list of pairs."""
    pairs = [(str(a), str(b)) for a, b in related]
    names = sorted({name for pair in pairs for name in pair})
    number = {name: i for i, name in enumerate(names)}
    rows, columns = ([number[pair[side]] for pair in pairs] for side in (0, 1))
    return names, coo_array((np.ones(len(pairs)), (rows, columns)), shape=(len(names),) * 2).tocsr()


def _path(graph, start, end):
    """Shortest chain of pairs from one subject to another."""
    before = breadth_first_order(graph, start, directed=False, return_predecessors=True)[1]
    chain = [end]
    while chain[-1] != start:
        chain.append(before[chain[-1]])
    return chain[::-1]
