"""What makes twins pass: one cause of difference at a time, and pictures that differ more. Thresholds stay fixed."""

from itertools import pairwise

import numpy as np
import pandas as pd
from jaxtyping import Float

from twinlib.audit.protocol import CAUSES, MAIN, WIDE, Protocol
from twinlib.audit.rates import DRAWS, Row, share
from twinlib.measure.metrics import auc

LEAST = 50  # pairs of a bin; fewer are not measured
# Bins of the pair: the larger head turn, the difference in age, the difference of the lamp's direction.
EDGES = {"yaw": (0, 10, 20, 35), "age_gap": (0, 1, 4, 12), "light_azimuth": (0, 20, 60, 120)}
LABELS = {
    "yaw": "larger head turn, degrees",
    "age_gap": "difference in age, generator years",
    "light_azimuth": "difference of the lamp's direction, degrees",
    "occluder": "covered by",
}


def ladder(asked: Protocol, scores: Float[np.ndarray, " P"], threshold: float, draws: int = DRAWS) -> list[Row]:
    """For each cause alone: share of twins that pass, share of genuine pairs that fail, AUC of the two.

    Args:
        asked: the protocol.
        scores: the score of each pair.
        threshold: lowest accepted score.
        draws: of the bootstrap.
    """
    rows: list[Row] = []
    for name, label in {MAIN: "everything, as calibrated", **CAUSES}.items():
        mask = ((asked.pairs["set"] == name) & asked.pairs["kind"].isin(("genuine", "twin"))).to_numpy()
        if mask.any():
            part, values = asked.pairs[mask], scores[mask]
            genuine = (part["kind"] == "genuine").to_numpy()
            rows.append({"set": name, "label": label, "auc": auc(values, genuine.astype(int)),
                         **_both(part, values, threshold, draws)})  # fmt: skip
    return rows


def bins(asked: Protocol, scores: Float[np.ndarray, " P"], threshold: float, draws: int = DRAWS) -> list[Row]:
    """FNMR and the twins' FMR by head turn, age, light and what covers the face, on pictures that differ more.

    Args:
        asked: the protocol.
        scores: the score of each pair.
        threshold: lowest accepted score.
        draws: of the bootstrap.
    """
    mask = (asked.pairs["set"] == WIDE).to_numpy()
    if not mask.any():
        return []
    part, values = asked.pairs[mask], scores[mask]
    first, second = (asked.images.iloc[part[side]].reset_index(drop=True) for side in "ab")
    rows: list[Row] = []
    for factor, label, name, inside in _bins(first, second):
        kinds = part[inside]["kind"]
        if min((kinds == "genuine").sum(), (kinds == "twin").sum()) >= LEAST:
            both = _both(part[inside], values[inside], threshold, draws)
            rows.append({"factor": factor, "label": label, "bin": name, **both})
    return rows


def _bins(first: pd.DataFrame, second: pd.DataFrame) -> list[tuple[str, str, str, np.ndarray]]:
    """Factor, its label, the bin's name, which pairs are in it; bare pairs alone where the factor is not the cover."""
    bare = (first["occluder"] == "none") & (second["occluder"] == "none")
    found = []
    for factor, edges in EDGES.items():
        a, b = first[factor].to_numpy(float), second[factor].to_numpy(float)
        size = np.maximum(abs(a), abs(b)) if factor == "yaw" else abs(a - b)
        for low, high in pairwise(edges):
            inside = bare.to_numpy() & (size >= low) & ((size < high) | (high == edges[-1]))
            found.append((factor, LABELS[factor], f"{low} to {high}", inside))
    for kind in ("none", *sorted(set(first["occluder"]) - {"none"})):
        one = (first["occluder"] == kind) & (second["occluder"].isin((kind, "none")))
        other = (second["occluder"] == kind) & (first["occluder"].isin((kind, "none")))
        name = "nothing" if kind == "none" else f"{kind}, one or both"
        found.append(("occluder", LABELS["occluder"], name, (one | other).to_numpy()))
    return found


def _both(part: pd.DataFrame, scores: np.ndarray, threshold: float, draws: int) -> Row:
    """FNMR and the twins' FMR of pairs inside families."""
    row: Row = {}
    for kind, name in (("genuine", "fnmr"), ("twin", "twins_fmr")):
        mask = (part["kind"] == kind).to_numpy()
        passed = scores[mask] >= threshold
        row[name] = share(~passed if kind == "genuine" else passed, part["family_a"].to_numpy()[mask], draws)
    return row
