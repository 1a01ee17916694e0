"""All pairs of a set of embeddings in one pass: tiles of the cosine matrix, counted into histograms, never stored.

Memory is that of the embeddings and one tile. Counting rides on the product: embeddings are scaled so that the matrix
product is the bin number already, which plain numpy truncates and counts; no compiled kernel was faster by enough.
"""

from typing import Annotated, Literal, NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Int

from twinlib.arrays import Column, Rows, groups, one_length, vectors
from twinlib.errors import InputError
from twinlib.measure.checks import false_accepts
from twinlib.ranges import Count, Within, within

BINS = 65536  # of width 3.1e-5 on the cosine
TILE = 1024  # images a side: a tile is 4 MB of scores and 8 MB of bin numbers, which a processor's cache may hold

Against = Literal["twin", "stranger", "impostor"]


class Bounded(NamedTuple):
    """A value and how far it can be from the one of the unbinned scores, in either direction."""

    value: float
    error: float


class BoundedTar(NamedTuple):
    """TAR at a FAR from a histogram.

    Attributes:
        value: share of genuine pairs accepted.
        error: greatest distance from the value of the unbinned scores.
        threshold: cosine; the exact threshold lies in the bin around it.
        k: number of impostor pairs that may be accepted.
    """

    value: float
    error: float
    threshold: float
    k: int


class ScoreHistograms(NamedTuple):
    """Numbers of pairs by cosine, in equal bins over [-1, 1].

    Scores are those of single precision, whose own rounding (some 1e-7) is in no bound.

    Attributes:
        genuine: two images of one subject.
        twin: two subjects of one family.
        stranger: two families.
    """

    genuine: Int[np.ndarray, " B"]
    twin: Int[np.ndarray, " B"]
    stranger: Int[np.ndarray, " B"]

    def impostors(self, against: Against) -> Int[np.ndarray, " B"]:
        """Histogram of a kind of impostor pair; "impostor" is both kinds."""
        return self.twin + self.stranger if against == "impostor" else getattr(self, against)

    def auc(self, against: Against = "impostor") -> Bounded:
        """AUC; pairs of one bin count half, so the error is at most half their share.

        Raises:
            InputError: no genuine or no such impostor pair.
        """
        g, i = self._both(against)
        below = np.cumsum(i) - i
        pairs = float(g.sum()) * float(i.sum())
        tied = float((g * i.astype(float)).sum())
        return Bounded((float((g * below.astype(float)).sum()) + tied / 2) / pairs, tied / 2 / pairs)

    def tar_at_far(self, far: float, against: Against = "impostor", minimum: int = 1) -> BoundedTar:
        """TAR at a FAR, defined as `metrics.tar_at_far`; the bin that holds the threshold bounds the error.

        Raises:
            InputError: no such pairs, or too few for the FAR; the message says how many are needed.
        """
        g, i = self._both(against)
        k = false_accepts(int(i.sum()), far, minimum)
        at_or_above = np.cumsum(i[::-1])[::-1]
        b = int(np.flatnonzero(at_or_above > k)[-1])  # the bin of the (k+1)-th largest impostor score
        low, high = (float(g[start:].sum() / g.sum()) for start in (b + 1, b))
        return BoundedTar((low + high) / 2, (high - low) / 2, float((b + 0.5) * 2 / g.size - 1), k)

    def _both(self, against):
        g, i = self.genuine, self.impostors(against)
        for name, part in (("genuine", g), (against, i)):
            if part.sum() == 0:
                raise InputError(
                    f"there is no {name} pair. Give subjects with two images each, and families for twins."
                )
        return g, i


def all_pairs(
    embeddings: Rows,
    subjects: Column,
    families: Column | None = None,
    bins: int = BINS,
    tile: int = TILE,
) -> ScoreHistograms:
    """Cosine of every pair of images, counted by kind of pair.

    Args:
        embeddings: a row for each image, of any length but 0.
        subjects: subject of each image.
        families: family of each image; every subject a family of its own if not given.
        bins: of the histograms.
        tile: images a side of a tile; memory grows with its square.

    Returns:
        Three histograms that hold all N (N - 1) / 2 pairs.

    Raises:
        InputError: rows that do not match, NaN, a vector of zeros, a subject or family that is missing, or a subject in
            two families.
    """
    within(Annotated[int, Within("[2, inf)")], bins=bins)
    within(Count, tile=tile)
    vector, who = vectors(embeddings, "embeddings"), groups(subjects, "subjects")
    kin = who if families is None else groups(families, "families")
    one_length(embeddings=vector, subjects=who, families=kin)
    subject, family = pd.factorize(who)[0], pd.factorize(kin)[0]
    if families is not None and len(np.unique(np.stack([subject, family], 1), axis=0)) > len(np.unique(subject)):
        homes = pd.Series(family).groupby(subject).nunique()
        name = who[int(np.argmax(subject == homes.idxmax()))]
        raise InputError(f"subject {name!r} is in {homes.max()} families. Put each subject into one.")
    order = np.lexsort((subject, family))  # relatives become neighbours: only tiles near the diagonal hold any
    subject, family = subject[order], family[order]
    rows, columns = _operands(vector, order, bins)
    n = len(rows)
    counts = np.zeros(
        (3, bins + 2), np.int64
    )  # all, genuine, twin; slots `bins` for a cosine of 1, `bins + 1` for i >= j
    scores, number = np.empty(tile * tile, np.float32), np.empty(tile * tile, np.int64)
    for r in range(0, n, tile):
        for c in range(r, n, tile):
            a, b = rows[r : r + tile], columns[c : c + tile]
            shape = len(a), len(b)
            product, index = (block[: shape[0] * shape[1]].reshape(shape) for block in (scores, number))
            np.matmul(a, b.T, out=product)
            index[...] = product  # truncates: the bin number
            if c == r:
                index[np.tril_indices(len(a))] = bins + 1
            counts[0] += np.bincount(index.ravel(), minlength=bins + 2)
            for kind, related in enumerate(_related(index, subject, family, r, c), start=1):
                counts[kind] += np.bincount(related, minlength=bins + 2)
    counts[:, bins - 1] += counts[:, bins]
    everything, genuine, twin = counts[:, :bins]
    return ScoreHistograms(genuine, twin, everything - genuine - twin)


def _operands(embeddings, order, bins):
    """Unit vectors, once scaled to bins and once plain, with one column more that moves -1 to bin 0."""
    lengths = np.linalg.norm(embeddings, axis=1)
    if not (np.isfinite(lengths) & (lengths > 0)).all():
        bad = int(np.flatnonzero(~(np.isfinite(lengths) & (lengths > 0)))[0])
        raise InputError(f"embedding {bad} is NaN or a vector of zeros. Leave the image out.")
    columns = np.ones((len(order), embeddings.shape[1] + 1), np.float32)
    columns[:, :-1] = (embeddings / lengths[:, None])[order]
    return columns * np.float32(bins / 2), columns


def _related(index, subject, family, r, c):
    """Bin numbers of the genuine and of the twin pairs in a tile: blocks of one family."""
    rows, columns = family[r : r + index.shape[0]], family[c : c + index.shape[1]]
    genuine, twin = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for name in np.intersect1d(rows, columns):
        (r0, r1), (c0, c1) = _span(rows, name), _span(columns, name)
        block = index[r0:r1, c0:c1]
        same = subject[r + r0 : r + r1, None] == subject[None, c + c0 : c + c1]
        genuine.append(block[same])
        twin.append(block[~same])
    return np.concatenate(genuine), np.concatenate(twin)


def _span(sorted_names, name):
    """First and past-the-last position of a name."""
    return np.searchsorted(sorted_names, name, "left"), np.searchsorted(sorted_names, name, "right")
