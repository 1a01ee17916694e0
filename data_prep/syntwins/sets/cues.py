"""How large the differences between twins are, in pixels of the aligned crop.

A model sees crops in which five points lie on a template, so one centimetre of face has a fixed length there. What
is smaller than a pixel survives only as a change of brightness, and what the alignment undoes does not survive at all.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float

from syntwins.identity import Subject
from syntwins.knobs import SetConfig
from syntwins.mesh.head import head
from syntwins.mesh.regions import FACE
from syntwins.paint.marks import FRECKLE, MOLE
from syntwins.sets.plan import plan_families, subject_of
from twinlib.errors import InputError
from twinlib.faces import align

SIZES = (64, 112, 160, 224)
FAMILIES = 200  # families measured; drawing one costs four milliseconds
PERCENTILES = (5, 50, 95)


def px_per_cm(size: int) -> float:
    """Length of one centimetre of the mean face, seen from the front, in an aligned crop of `size` px."""
    matrix = align.similarity(align.five_points(_front(head().mean[:FACE])), align.template(size))
    return float(np.hypot(*matrix[:, 0]))


def cue_sizes(config: SetConfig, sizes: Sequence[int] = SIZES, families: int = FAMILIES) -> pd.DataFrame:
    """Sizes of the cues between the identical twins of a set; drawn, not rendered.

    Args:
        config: the set.
        sizes: sides of the aligned crop, px.
        families: how many of the set's first families of identical twins are measured.

    Returns:
        Columns cue, of (which percentile or mean), count, and one a size, named "<size> px". Marks: the Gaussian
        radius. Asymmetry, shape: the root mean square over landmarks, x and y, of what differs between two twins
        after both are aligned; shape leaves asymmetry out.

    Raises:
        InputError: if the set has no family of identical twins.
    """
    plans = [plan for plan in plan_families(config) if plan.relation == "mz"][:families]
    if not plans or config.members < 2:
        raise InputError(f"the set {config.name!r} has no identical twins whose cues could be measured.")
    twins = [(subject_of(config, plan, 0), subject_of(config, plan, 1)) for plan in plans]
    everybody = [subject for pair in twins for subject in pair]
    rows = [
        *_mark_rows("mole, sigma", MOLE, everybody),
        *_mark_rows("freckle, sigma", FRECKLE, everybody),
        ("asymmetry between twins", "rms", len(twins), _between(twins, _asymmetry)),
        ("shape between twins", "rms", len(twins), _between(twins, _symmetric)),
    ]
    table = pd.DataFrame([row[:3] for row in rows], columns=["cue", "of", "count"])
    for size in sizes:
        table[f"{size} px"] = [row[3] * px_per_cm(size) for row in rows]
    return table


def _front(points: Float[np.ndarray, "N 3"]) -> Float[np.ndarray, "N 2"]:
    """The view from the front, y down."""
    return points[:, :2] * [1, -1]


def _mark_rows(cue: str, kind: int, subjects: list[Subject]) -> list[tuple[str, str, int, float]]:
    sigma = np.concatenate([subject.marks.sigma[subject.marks.kind == kind] for subject in subjects])
    if not len(sigma):
        return []
    return [(cue, f"{p} %", len(sigma), float(np.percentile(sigma, p))) for p in PERCENTILES]


def _asymmetry(subject: Subject) -> Float[np.ndarray, "468 3"]:
    return subject.asymmetry


def _symmetric(subject: Subject) -> Float[np.ndarray, "468 3"]:
    return subject.displacement[:FACE] - subject.asymmetry


def _between(twins: list[tuple[Subject, Subject]], part: Callable[[Subject], Float[np.ndarray, "468 3"]]) -> float:
    """Root mean square a coordinate of the difference between aligned twins, cm."""
    squares = []
    for pair in twins:
        a, b = (_aligned(head().mean[:FACE] + part(subject)) for subject in pair)
        squares.append(((a - b) ** 2).mean())
    return float(np.sqrt(np.mean(squares)))


def _aligned(points: Float[np.ndarray, "468 3"]) -> Float[np.ndarray, "468 2"]:
    """Landmarks after the alignment that a crop gets, in cm of the mean face."""
    flat = _front(points)
    matrix = align.similarity(align.five_points(flat), align.template(112))
    return align.transform(flat, matrix) / px_per_cm(112)
