"""Searches in a gallery in which the twin is enrolled too."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float, Int

from twinlib.audit.protocol import MAIN
from twinlib.audit.rates import DRAWS, Row, share
from twinlib.measure.checks import MIN_FALSE_ACCEPTS

FPIR = 0.01  # false positive identification rate of people without any relative in the gallery
TEMPLATES = (1, 2)  # images of a person that are averaged into a template; the last two are searched


class Gallery(NamedTuple):
    """Searches of every subject's last two images among the templates of all subjects.

    Attributes:
        scores: of each search with each template.
        subject: whose image is searched, row of `scores` in the order of the templates.
        family: of each template.
        relation: of each template's family.
    """

    scores: Float[np.ndarray, "Q S"]
    subject: Int[np.ndarray, " Q"]
    family: np.ndarray
    relation: np.ndarray


def gallery(images: pd.DataFrame, e: Float[np.ndarray, "N E"], templates: int) -> Gallery:
    """The searches.

    Args:
        images: of the main set, subjects in blocks of equally many.
        e: embeddings of unit length.
        templates: images averaged into a template, the first ones of each subject.
    """
    each = int(images.groupby("subject").size().iloc[0])
    first = images.iloc[::each]
    blocks = e.astype(np.float64).reshape(len(first), each, -1)  # or thresholds would round
    mean = blocks[:, :templates].mean(1)
    mean /= np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-12)
    scores = blocks[:, -2:].reshape(-1, e.shape[1]) @ mean.T
    subject = np.repeat(np.arange(len(first)), 2)
    return Gallery(scores, subject, first["family"].to_numpy(), first["relation"].to_numpy())


def searched(images: pd.DataFrame, e: Float[np.ndarray, "N E"], draws: int = DRAWS) -> list[Row]:
    """Rank-1 confusions of twins, and false positive identification of people whose twin alone is enrolled.

    Args:
        images: of the protocol.
        e: embeddings of unit length, in their order.
        draws: of the bootstrap.
    """
    mask = (images["set"] == MAIN).to_numpy()
    return [_row(gallery(images[mask], e[mask], count), count, draws) for count in TEMPLATES]


def _row(found: Gallery, templates: int, draws: int) -> Row:
    own = found.subject[:, None] == np.arange(found.scores.shape[1])
    kin = found.family[found.subject][:, None] == found.family
    family, twins = found.family[found.subject], found.relation[found.subject] == "mz"
    best = found.scores.argmax(1)
    wrong = best != found.subject
    to_twin = wrong & (found.family[best] == family)
    row: Row = {"templates": templates, "enrolled": found.scores.shape[1], "searches": len(found.scores)}
    row["rank1_twin"] = share(to_twin[twins], family[twins], draws)
    row["rank1_other"] = share((wrong & ~to_twin)[twins], family[twins], draws)
    row["rank1_wrong_without_relative"] = _single(wrong, found, draws)
    alone = np.where(kin, -np.inf, found.scores).max(1)  # the best of people who are no relatives
    allowed = int(FPIR * len(alone))
    row["fpir"] = FPIR
    if allowed >= MIN_FALSE_ACCEPTS:
        threshold = float(np.nextafter(np.sort(alone)[-1 - allowed], np.inf))
        unenrolled = np.where(own, -np.inf, found.scores).max(1)
        row["threshold"] = threshold
        row["fpir_twin_enrolled"] = share((unenrolled >= threshold)[twins], family[twins], draws)
        mated = found.scores[np.arange(len(best)), found.subject]
        row["missed"] = share(mated < threshold, family, draws)
    return row


def _single(wrong: np.ndarray, found: Gallery, draws: int) -> Row:
    single = found.relation[found.subject] == "single"
    return share(wrong[single], found.family[found.subject][single], draws)
