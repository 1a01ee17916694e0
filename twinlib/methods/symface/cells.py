"""SymFace: which printed cells improve, what the ways of averaging its loss give, how far classes lie apart."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float

from twinlib.arrays import Column, Rows, groups, numbers, one_length, vectors
from twinlib.errors import InputError
from twinlib.methods.symface import Halves
from twinlib.methods.symface.halves import epoch

ADDED = "+symface"  # ending of the rows with the loss; the row without it is their base


def cells(values: pd.DataFrame, table: str) -> pd.DataFrame:
    """The printed cells of a table with SymFace beside those without it.

    Args:
        values: `results/paper_values.csv`.
        table: table1 or table2.

    Returns:
        Columns row, column, base, added, better (added > base), tied (both printed alike).
    """
    here = values[(values["source"] == "symface") & (values["table"] == table)]
    here = here.assign(value=pd.to_numeric(here["value"]))
    wide = here.pivot(index="row", columns="column", values="value")
    rows = [
        (row.removesuffix(ADDED), column, wide.loc[row.removesuffix(ADDED), column], added)
        for row in wide.index
        if row.endswith(ADDED)
        for column, added in wide.loc[row].dropna().items()
    ]
    out = pd.DataFrame(rows, columns=["row", "column", "base", "added"])
    return out.assign(better=out["added"] > out["base"], tied=out["added"] == out["base"])


class Averages(NamedTuple):
    """Means over an epoch's batches of one and the same sum of pulls."""

    paper: float  # the sum over the epoch, divided by 2 p N_sym
    by_epoch: float  # each batch's sum times T / 2 p N_sym
    by_batch: float  # each batch's sum divided by twice its own number of halves; batches without any left out
    empty: float  # share of batches without a split face: 0 / 0 in the form by batch


def averages(rho: Column, pull: Column, batch: int, cfg: Halves, seed: int = 0) -> Averages:
    """The symmetry loss of one epoch averaged in three ways.

    Args:
        rho: frontness of every image.
        pull: squared distance that the halves of every image would have.
        batch: samples of a batch.
        cfg: which faces are split.
        seed: of the epoch.

    Raises:
        InputError: if no face is split, or the lists differ in length.
    """
    rho, pull = numbers(rho, "rho"), numbers(pull, "pull")
    one_length(rho=rho, pull=pull)
    plan = epoch(rho, batch, seed, 0, cfg)
    if not len(plan.split):
        raise InputError("no face is split: lower tau or raise p.")
    chosen = [rows[np.isin(rows, plan.split)] for rows in plan.batches]
    sums = np.array([(rho[rows] * pull[rows]).sum() for rows in chosen])
    counts = np.array([len(rows) for rows in chosen])
    paper = float((rho[plan.split] * pull[plan.split]).sum() / (2 * len(plan.split)))
    by_epoch = float((sums * len(sums) / (2 * len(plan.split))).mean())
    some = counts > 0
    return Averages(paper, by_epoch, float((sums[some] / (2 * counts[some])).mean()), float(1 - some.mean()))


class Spread(NamedTuple):
    """How far classes lie apart; the paper's Table 3 prints one number and no formula."""

    trace: float  # trace of the covariance of the classes' unit mean embeddings
    mean_square: float  # mean squared distance of two of those means


def between_classes(embedding: Rows, subject: Column) -> Spread:
    """Two readings of "inter-class variance".

    Args:
        embedding: any length; scaled to 1 before and after averaging.
        subject: identity.

    Raises:
        InputError: for fewer than two classes, or an embedding or a class mean that is zero or not finite.

    Notes:
        With C classes the second is 2 C / (C − 1) times the first where that divides by C: they tell the same.
    """
    rows, who = _of_subjects(embedding, subject)
    if len(pd.unique(who)) < 2:
        raise InputError("a spread between classes needs at least two; got one subject.")
    unit = _unit(rows, "embedding")
    means = _unit(np.stack([unit[who == s].mean(0) for s in pd.unique(who)]), "mean of class")
    trace = float(((means - means.mean(0)) ** 2).sum(1).mean())
    return Spread(trace, 2 * trace * len(means) / (len(means) - 1))


def _unit(rows: Float[np.ndarray, "N E"], what: str) -> Float[np.ndarray, "N E"]:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    if not (np.isfinite(length) & (length > 0)).all():
        bad = int(np.flatnonzero(~(np.isfinite(length) & (length > 0)))[0])
        raise InputError(f"{what} {bad} is zero or not finite, so it has no direction. Leave it out.")
    return rows / length


def raw_trace(embedding: Rows, subject: Column) -> float:
    """Trace of the covariance of the classes' means of embeddings as they are: it grows with their length, no bound."""
    rows, who = _of_subjects(embedding, subject)
    means = np.stack([rows[who == s].mean(0) for s in pd.unique(who)])
    return float(means.var(axis=0).sum())


def _of_subjects(embedding, subject):
    """Embeddings with the identity of each."""
    rows, who = vectors(embedding, "embedding"), groups(subject, "subject")
    one_length(embedding=rows, subject=who)
    return rows, who
