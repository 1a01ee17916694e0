"""Where a system breaks: twin AUC and accuracy by pose, occlusion and age gap, and the paper's limits of the three."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd

from twinlib.arrays import one_row_each, table_of
from twinlib.data.hard_pairs import factor_of_pairs
from twinlib.data.rendered import SETS
from twinlib.errors import InputError
from twinlib.measure.bootstrap import Interval, bootstrap_by, bootstrap_split
from twinlib.records.finished import one_setting
from twinlib.records.published import CANNOT_TELL, verdict
from twinlib.records.runs import Run
from twinlib.records.tables import Table

MIN_PAIRS = 20  # of each kind in a bin; fewer are not measured


@dataclass(frozen=True)
class Factor:
    """A nuisance factor and the value beyond which the paper says that accuracy falls.

    Attributes:
        column: of the manifest.
        label: for the axis, with the unit.
        limit: the paper's.
        edges: of the bins; the limit is one of them.
        reason: why the claim cannot be judged; the verdict is then fixed.
    """

    column: str
    label: str
    limit: float
    edges: tuple[float, ...]
    reason: str = ""


FACTORS = {
    "pose": Factor("yaw", "larger head turn of the pair, degrees", 45.0, (0.0, 10.0, 20.0, 30.0, 45.0, 90.0)),
    "occlusion": Factor("occluded", "larger covered share of the face", 0.4, (0.0, 0.02, 0.2, 0.4, 1.0)),
    "age gap": Factor("age_gap", "difference in age, generator years", 5.0, (0.0, 1.0, 2.5, 5.0, 8.0, 15.0),
                      "the generator's years are not calendar time"),
}  # fmt: skip


def protocol_of(runs: Sequence[Run]) -> tuple[str, str]:
    """Protocol with the widest range of factors that all runs scored, and its data set.

    Returns:
        `twin@extremes` and `extremes` where it was scored, else `twin` and the runs' own data set.

    Raises:
        InputError: no run, or none with twin pairs.
    """
    if not runs or any("twin" not in run.protocols() for run in runs):
        raise InputError("factors need a run that scored twin pairs. Make one with `twinlib run vit`.")
    wide = all("twin@extremes" in run.protocols() for run in runs)
    return ("twin@extremes", "extremes") if wide else ("twin", str(runs[0].record["dataset"]))


def by_factor(
    runs: Sequence[Run], images: pd.DataFrame, pairs: pd.DataFrame, protocol: str, factor: Factor, draws: int = 2000
) -> pd.DataFrame:
    """AUC and balanced accuracy of the test pairs in each bin of a factor.

    Args:
        runs: of one system, one a seed.
        images: manifest of the data set of the protocol.
        pairs: its pair list, as drawn for the runs.
        protocol: of the scores; the threshold of the accuracy comes from the validation pairs of `twin`.
        factor: one of `FACTORS`.
        draws: bootstrap draws over families.

    Returns:
        Columns low, high, genuine, impostor, families, seeds, and for auc and accuracy the value and both interval
        ends. Bins with fewer than 20 pairs of a kind have NaN values.

    Raises:
        InputError: the pair list is not the one that was scored, or the manifest lacks the factor.
    """
    tables = [run.scores(protocol) for run in one_setting(runs)]
    listed = _listed(tables[0], pairs)
    held = [run.scores("twin").query("split == 'validation'") for run in one_setting(runs)]
    validation = held[0], np.array([table["score"] for table in held])
    test = (tables[0]["split"] == "test").to_numpy()
    size = factor_of_pairs(images, listed, factor.column)
    scores, rows = np.array([table["score"] for table in tables]), []
    for low, high in pairwise(factor.edges):
        inside = test & (size >= low) & ((size < high) | (high == factor.edges[-1]))
        part = tables[0][inside]
        counts = [int((part["same"] == kind).sum()) for kind in (1, 0)]
        row = [low, high, *counts, part["family_a"].nunique(), len(runs)]
        for metric in ("auc", "balanced_accuracy"):
            found = (np.nan,) * 3
            if min(counts) >= MIN_PAIRS:
                i = bootstrap_by(part, scores[:, inside], metric, validation, draws)
                found = i.value, i.low, i.high
            row += found
        rows.append(row)
    measured = [f"{name}{end}" for name in ("auc", "accuracy") for end in ("", "_low", "_high")]
    return pd.DataFrame(rows, columns=["low", "high", "genuine", "impostor", "families", "seeds", *measured])


def _listed(scored: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """The pair list in the order of the scores."""
    listed = table_of(pairs, ("pair", "same", "family_a"), "pairs")
    found = listed.set_index(one_row_each(listed["pair"], "pairs.pair")).reindex(scored["pair"])
    same = found["same"].to_numpy() == scored["same"].to_numpy()
    family = found["family_a"].astype(str).to_numpy() == scored["family_a"].astype(str).to_numpy()
    if found["same"].isna().any() or not (same & family).all():
        raise InputError(
            "the pair list is not the one that the runs scored. Render the data set again, or run them anew."
        )
    return found.reset_index(drop=True)


def beyond_limit(
    runs: Sequence[Run], images: pd.DataFrame, pairs: pd.DataFrame, protocol: str, factor: Factor, draws: int = 2000
) -> tuple[Interval | None, str]:
    """AUC within the paper's limit minus AUC beyond it, and the verdict on "it falls beyond".

    Families and seeds are drawn for both sides at once.

    Args:
        runs: these and the others as for `by_factor`.
        images: manifest.
        pairs: pair list.
        protocol: of the scores.
        factor: one of `FACTORS`.
        draws: bootstrap draws.

    Returns:
        None where either side has too few pairs.
    """
    tables = [run.scores(protocol) for run in one_setting(runs)]
    size = factor_of_pairs(images, _listed(tables[0], pairs), factor.column)
    test = (tables[0]["split"] == "test").to_numpy()
    part, within = tables[0][test], size[test] < factor.limit
    if any((part["same"] == kind)[side].sum() < MIN_PAIRS for kind in (0, 1) for side in (within, ~within)):
        return None, CANNOT_TELL
    difference = bootstrap_split(part, np.array([table["score"][test] for table in tables]), within, "auc", draws)
    return difference, CANNOT_TELL if factor.reason else verdict(difference)


def judgeable(factor: Factor, most: float) -> Factor:
    """The factor, with a reason why its limit cannot be judged where training ended short of it.

    A network that never saw a value beyond the limit, nor up to it, fails there for another reason than the paper's.

    Args:
        factor: one of `FACTORS`.
        most: largest value of the factor in a training image.
    """
    if factor.reason or most >= factor.limit:
        return factor
    return replace(factor, reason=f"training ends at {most:.3g}, short of the limit of {factor.limit:g}")


def reach(dataset: str) -> dict[str, float]:
    """Largest head turn and covered share that a rendered set draws, by column; without its images.

    Returns:
        Nothing for a set that is not one of ours; a set with covers may cover anything.
    """
    if dataset not in SETS:
        return {}
    variation = SETS[dataset].variation
    return {"yaw": variation.yaw_max, "occluded": 1.0 if variation.occluders else 0.0}


def limits_table(
    runs: Sequence[Run],
    images: pd.DataFrame,
    pairs: pd.DataFrame,
    protocol: str,
    profile: str,
    draws: int = 2000,
    factors: Mapping[str, Factor] = FACTORS,
) -> Table:
    """The paper's three limits, each with the difference in AUC and the verdict; a limit nobody reaches is a dash.

    Args:
        runs: these and the next three as for `by_factor`.
        images: manifest.
        pairs: pair list.
        protocol: of the scores.
        profile: of the runs.
        draws: bootstrap draws.
        factors: with the reasons of `judgeable`.
    """
    table = Table("Within the limit minus beyond it", profile, protocol, flag_small=profile == "smoke")
    for name, factor in factors.items():
        difference, judged = beyond_limit(runs, images, pairs, protocol, factor, draws)
        claim = f"accuracy falls beyond {factor.limit:g} ({factor.label})"
        table.add(name, "difference in twin AUC", difference, claim=claim, verdict=judged)
    return table
