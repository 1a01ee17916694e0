"""Components of a set of faces: between whom the shortest joins lie, and how far two spaces differ in them."""

import numpy as np
import pandas as pd
from jaxtyping import Float, Int
from scipy.spatial.distance import pdist, squareform
from scipy.special import stdtrit

from twinlib.errors import InputError
from twinlib.evaluate.exact import Rate
from twinlib.topology.discrepancy import structure_discrepancy
from twinlib.topology.h0 import h0_pairs

KINDS = ("genuine", "twin", "stranger")


def distances(x: Float[np.ndarray, "n d"]) -> Float[np.ndarray, "n n"]:
    """Euclidean distances over their largest."""
    D = _plain(x)
    return D / max(float(D.max()), 1e-12)


def joins(D: Float[np.ndarray, "n n"], subject: Int[np.ndarray, " n"], family: Int[np.ndarray, " n"]) -> pd.DataFrame:
    """Edges of the minimum spanning tree in the order in which they join, with the kind of pair each one is.

    Args:
        D: distances.
        subject: identity of each point.
        family: family of each point.

    Returns:
        Columns i and j (points), death, kind (genuine, twin: same family, stranger) and expected, the share of that
        kind among all pairs of points, which edges drawn at random would have.

    Raises:
        InputError: fewer than two points, or what `h0_pairs` refuses.
    """
    if len(D) < 2:
        raise InputError(f"joins are between points; got {len(D)}, give at least two.")
    pairs, deaths = h0_pairs(D)
    kind = _kind(pairs[:, 0], pairs[:, 1], subject, family)
    every = _kind(*np.triu_indices(len(D), 1), subject, family)
    share = {name: float((every == name).mean()) for name in KINDS}
    found = {"i": pairs[:, 0], "j": pairs[:, 1], "death": deaths, "kind": kind}
    return pd.DataFrame(found | {"expected": [share[name] for name in kind]})


def share_of_shortest(
    D: Float[np.ndarray, "n n"], subject: Int[np.ndarray, " n"], family: Int[np.ndarray, " n"], kind: str = "twin"
) -> float:
    """Share of one kind of pair among the shortest tenth (rounded up) of the joins; arguments as for `joins`."""
    kinds = joins(D, subject, family)["kind"]
    return float((kinds.iloc[: -(-len(kinds) // 10)] == kind).mean())


def shortest_over_families(
    D: Float[np.ndarray, "n n"],
    subject: Int[np.ndarray, " n"],
    family: Int[np.ndarray, " n"],
    kind: str = "twin",
    level: float = 0.95,
) -> Rate:
    """`share_of_shortest` with a jackknife interval: each family is left out once and the tree grown anew (our choice).

    Edges of one tree depend on each other, so that a binomial interval would be too narrow; a bootstrap would draw
    families twice, whose copies join at length 0.

    Raises:
        InputError: fewer than two families.
    """
    names = np.unique(family)
    if len(names) < 2:
        raise InputError(f"an interval over families needs two or more; found {len(names)}.")
    kept = [np.flatnonzero(family != name) for name in names]
    left = np.array([share_of_shortest(D[np.ix_(k, k)], subject[k], family[k], kind) for k in kept])
    error = np.sqrt((len(names) - 1) * left.var())
    value, half = share_of_shortest(D, subject, family, kind), stdtrit(len(names) - 1, (1 + level) / 2) * error
    return Rate(value, max(0.0, float(value - half)), min(1.0, float(value + half)))


def batch_discrepancies(
    x: Float[np.ndarray, "n d"],
    z: Float[np.ndarray, "n e"],
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
        InputError: if a batch is larger than the set.
    """
    if size > len(x):
        raise InputError(f"a batch of {size} cannot be drawn from {len(x)} points.")
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        rows = rng.choice(len(x), size, replace=False)
        measure = distances if scaled else _plain
        deaths = [h0_pairs(measure(space[rows]))[1] for space in (x, z)]
        found.append(structure_discrepancy(*deaths))
    return np.array(found)


def _plain(x: Float[np.ndarray, "n d"]) -> Float[np.ndarray, "n n"]:
    return squareform(pdist(x))


def _kind(a: np.ndarray, b: np.ndarray, subject: np.ndarray, family: np.ndarray) -> np.ndarray:
    kin = np.where(family[a] == family[b], "twin", "stranger")
    return np.where(subject[a] == subject[b], "genuine", kin)
