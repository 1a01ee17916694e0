"""What one can do about twins, each costed on the same pairs: a stricter threshold, more images, a second factor."""

import numpy as np
import pandas as pd
from jaxtyping import Float

from twinlib.audit.protocol import MAIN
from twinlib.audit.rates import DRAWS, Row, share, thresholds
from twinlib.measure.checks import MIN_FALSE_ACCEPTS
from twinlib.measure.exact import calibrate

FMR = 1e-3  # of strangers, at which policies are compared
TWINS = (0.5, 0.2, 0.1, 0.05, 0.01)  # FMR of twins that a threshold of their own shall keep
FACTOR = {"accepts_twin": 0.01, "fails_owner": 0.01}  # assumed of a second factor, not measured


def stricter(pairs: pd.DataFrame, scores: Float[np.ndarray, " P"], draws: int = DRAWS) -> list[Row]:
    """A threshold of their own for people known to have a twin: what keeping the twin out costs them.

    Args:
        pairs: of the main set.
        scores: the score of each pair.
        draws: of the bootstrap.

    Returns:
        For each FMR of twins of which ten errors are counted: threshold, FNMR of twins.
    """
    kind = pairs["kind"].to_numpy()
    twins = pd.unique(pairs["family_a"].to_numpy()[kind == "twin"])
    own = (kind == "genuine") & pairs["family_a"].isin(twins).to_numpy()
    used, rows = own | (kind == "twin"), []
    for wanted in TWINS:
        if wanted * (kind == "twin").sum() >= MIN_FALSE_ACCEPTS:
            threshold = calibrate(scores[used], own[used].astype(int), wanted).threshold
            fnmr = share(scores[own] < threshold, pairs["family_a"].to_numpy()[own], draws)
            rows.append({"twins_fmr": wanted, "threshold": threshold, "fnmr": fnmr})
    return rows


def best_of(images: pd.DataFrame, e: Float[np.ndarray, "N E"], draws: int = DRAWS) -> list[Row]:
    """One, two or three enrolled images, the best score counts; the threshold is set anew for each number.

    Args:
        images: of the protocol.
        e: embeddings of unit length.
        draws: of the bootstrap.
    """
    mask = (images["set"] == MAIN).to_numpy()
    part, vectors = images[mask], e[mask]
    each = int(part.groupby("subject").size().iloc[0])
    first = part.iloc[::each]
    blocks = vectors.astype(np.float64).reshape(len(first), each, -1)  # or thresholds would round
    family, mz = first["family"].to_numpy(), (first["relation"] == "mz").to_numpy()
    same, kin = np.eye(len(first), dtype=bool), family[:, None] == family
    rows: list[Row] = []
    for k in range(1, each):
        scores = np.max([blocks[:, -1] @ blocks[:, i].T for i in range(k)], axis=0)
        kind = np.where(same, "genuine", np.where(kin, "twin", "stranger"))
        chosen = thresholds(kind.ravel(), scores.ravel())
        if FMR not in chosen:
            continue
        passed = scores >= chosen[FMR]
        twin = kin & ~same & mz[:, None]
        rows.append({"images": k, "fmr": FMR, "threshold": chosen[FMR],
                     "fnmr": share(~passed[same], family, draws),
                     "twins_fmr": share(passed[twin], family[np.nonzero(twin)[0]], draws)})  # fmt: skip
    return rows


def second_factor(row: Row) -> Row:
    """What a second factor that is independent of the face would make of both rates, under `FACTOR`.

    Args:
        row: of `rates.by_kind`.
    """
    fnmr, twins = row["genuine"]["value"], row["twin"]["value"]
    missed = 1 - (1 - fnmr) * (1 - FACTOR["fails_owner"])
    return {"assumed": FACTOR, "fmr": row["fmr"], "fnmr": missed, "twins_fmr": twins * FACTOR["accepts_twin"]}
