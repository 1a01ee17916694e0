"""Components of a set of faces: between whom the shortest joins lie, and how far two spaces differ in them."""

import numpy as np
import pandas as pd
from jaxtyping import Float
from scipy.spatial.distance import pdist, squareform
from scipy.special import stdtrit

from twinlib.arrays import Column, Rows, groups, one_length, vectors
from twinlib.errors import InputError
from twinlib.measure.exact import Rate
from twinlib.ranges import Count, Level, Seed, within
from twinlib.topology.persistence import h0_pairs, structure_discrepancy

KINDS = ("genuine", "twin", "stranger")


def distances(x: Rows) -> Float[np.ndarray, "n n"]:
    """Euclidean distances over their largest."""
    D = _plain(x)
    return D / max(float(D.max()), 1e-12)


def joins(D: Rows, subject: Column, family: Column) -> pd.DataFrame:
    """Edges of the minimum spanning tree in the order in which they join, with the kind of pair each one is.

    Args:
        D: distances.
        subject: identity of each point.
        family: family of each point.

    Returns:
        Columns i and j (points), death, kind (genuine, twin: same family, stranger) and expected, the share of that
        kind among all pairs of points, which edges drawn at random would have.

    Raises:
        InputError: fewer than two points, what `h0_pairs` refuses, labels of another number than of points, or one that
            is missing.
    """
    far, who, kin = _named(D, subject, family)
    if len(far) < 2:
        raise InputError(f"joins are between points; got {len(far)}, give at least two.")
    pairs, deaths = h0_pairs(far)
    kind = _kind(pairs[:, 0], pairs[:, 1], who, kin)
    every = _kind(*np.triu_indices(len(far), 1), who, kin)
    share = {name: float((every == name).mean()) for name in KINDS}
    found = {"i": pairs[:, 0], "j": pairs[:, 1], "death": deaths, "kind": kind}
    return pd.DataFrame(found | {"expected": [share[name] for name in kind]})


def share_of_shortest(D: Rows, subject: Column, family: Column, kind: str = "twin") -> float:
    """Share of one kind of pair among the shortest tenth (rounded up) of the joins; arguments as for `joins`."""
    kinds = joins(D, subject, family)["kind"]
    return float((kinds.iloc[: -(-len(kinds) // 10)] == kind).mean())


def shortest_over_families(
    D: Rows,
    subject: Column,
    family: Column,
    kind: str = "twin",
    level: float = 0.95,
) -> Rate:
    """`share_of_shortest` with a jackknife interval: each family is left out once and the tree grown anew (our choice).

    Edges of one tree depend on each other, so that a binomial interval would be too narrow; a bootstrap would draw
    families twice, whose copies join at length 0. Both ends are NaN where every family left out gives the same share.

    Raises:
        InputError: fewer than two families, or as `joins`.
    """
    within(Level, level=level)
    D, subject, family = _named(D, subject, family)
    names = pd.unique(family)
    if len(names) < 2:
        raise InputError(f"an interval over families needs two or more; found {len(names)}.")
    kept = [np.flatnonzero(family != name) for name in names]
    left = np.array([share_of_shortest(D[np.ix_(k, k)], subject[k], family[k], kind) for k in kept])
    error = np.sqrt((len(names) - 1) * left.var()) if np.ptp(left) > 0 else np.nan
    value, half = share_of_shortest(D, subject, family, kind), stdtrit(len(names) - 1, (1 + level) / 2) * error
    return Rate(value, *(float(end) for end in np.clip([value - half, value + half], 0, 1)))


def batch_discrepancies(
    x: Rows,
    z: Rows,
    size: int,
    draws: int,
    seed: int = 0,
    *,
    scaled: bool = True,
) -> Float[np.ndarray, " draws"]:
    """Discrepancy of the components of random batches in two spaces.

    Args:
        x: points in one space.
        z: the same points in the other.
        size: of a batch.
        draws: how many.
        seed: of the draws.
        scaled: distances over their largest in each space; else as they are, which is what TopoFR's alignment compares
            where x is given over the largest possible distance of two images.

    Raises:
        InputError: if a batch is larger than the set, or the spaces hold other numbers of points.
    """
    within(Count, size=size, draws=draws)
    within(Seed, seed=seed)
    x, z = vectors(x, "x"), vectors(z, "z")
    one_length(x=x, z=z)
    if size > len(x):
        raise InputError(f"a batch of {size} cannot be drawn from {len(x)} points.")
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        rows = rng.choice(len(x), size, replace=False)
        measure = distances if scaled else _plain
        one, other = (h0_pairs(measure(space[rows]))[1] for space in (x, z))
        found.append(structure_discrepancy(one, other))
    return np.array(found)


def _named(D, subject, family):
    """Distances with the names of their points, checked."""
    far, who, kin = vectors(D, "D"), groups(subject, "subject"), groups(family, "family")
    one_length(D=far, subject=who, family=kin)
    return far, who, kin


def _plain(x: Rows) -> Float[np.ndarray, "n n"]:
    return squareform(pdist(vectors(x, "x")))


def _kind(a: np.ndarray, b: np.ndarray, subject: np.ndarray, family: np.ndarray) -> np.ndarray:
    kin = np.where(family[a] == family[b], "twin", "stranger")
    return np.where(subject[a] == subject[b], "genuine", kin)
