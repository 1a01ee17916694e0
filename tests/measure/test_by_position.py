"""Every public function of scores, labels, families and folds takes any list by position, and refuses by name."""

import inspect

import numpy as np
import pandas as pd
import pytest
import torch

from twinlib.data.hard_pairs import hard_twin_pairs, outside_hardness
from twinlib.data.protocols import candidates
from twinlib.errors import InputError
from twinlib.measure import metrics
from twinlib.measure.allpairs import all_pairs
from twinlib.measure.bootstrap import bootstrap_by, bootstrap_difference, bootstrap_split
from twinlib.measure.exact import calibrate, confusion, mcnemar
from twinlib.measure.kfold import folds_of, kfold_accuracy, kfold_insightface, kfold_sphereface
from twinlib.measure.verification import check_list, joined, verify_pairs
from twinlib.measure.weighted import Sorted
from twinlib.methods.miao.triplets import measured
from twinlib.methods.symface import cells
from twinlib.methods.topofr import components
from twinlib.records.runs import score_table
from twinlib.verify.calibrated import choose

N = 120
RNG = np.random.default_rng(0)
SAME = np.arange(N) % 2
SCORES = np.clip(0.2 * RNG.normal(size=N) + 0.4 * SAME, -1, 1)
OTHER = np.clip(SCORES + 0.1 * RNG.normal(size=N), -1, 1)
FOLD = np.arange(N) // 2 % 4
FAMILIES = np.array([f"f{i // 6:02d}" for i in range(N)])
KINDS = np.where(SAME == 1, "genuine", "twin")
E, F = RNG.normal(size=(2, N, 5))
NEAR = components.distances(E[np.arange(N) // 6 * 6] + 0.3 * F)  # twins among the nearest, but not all of them
FIRST = np.arange(N) < N / 2
TABLE = pd.DataFrame(
    {"pair": np.arange(N), "same": SAME, "kind": KINDS, "family_a": FAMILIES, "family_b": FAMILIES, "split": "test",
     "fold": FOLD}
)  # fmt: skip
MANIFEST = pd.DataFrame(
    {"image": [f"i{i:03d}" for i in range(N)], "subject": [f"s{i // 3:02d}" for i in range(N)], "family": FAMILIES,
     "split": "test", "relation": "mz"}
)  # fmt: skip
POOL = len(candidates(MANIFEST, "twin"))
PLAN = dict(batch=8, cfg=cells.Halves(p=1.0, tau=0.0))

# name → function and its lists, which all belong together; tables and rows of vectors are lists too
FUNCTIONS = {
    "auc": (metrics.auc, {"scores": SCORES, "same": SAME}),
    "eer": (metrics.eer, {"scores": SCORES, "same": SAME}),
    "roc": (metrics.roc, {"scores": SCORES, "same": SAME}),
    "det": (metrics.det, {"scores": SCORES, "same": SAME}),
    "tar_at_far": (lambda **x: metrics.tar_at_far(far=0.1, **x), {"scores": SCORES, "same": SAME}),
    "accuracy_at": (lambda **x: metrics.accuracy_at(threshold=0.2, **x), {"scores": SCORES, "same": SAME}),
    "balanced_accuracy": (lambda **x: metrics.balanced_accuracy(threshold=0.2, **x), {"scores": SCORES, "same": SAME}),
    "threshold": (metrics.threshold_at_best_balanced_accuracy, {"scores": SCORES, "same": SAME}),
    "triplet_accuracy": (metrics.triplet_accuracy, {"positive": SCORES, "negative": OTHER}),
    "confusion": (lambda **x: confusion(threshold=0.2, **x), {"scores": SCORES, "same": SAME}),
    "calibrate": (lambda **x: calibrate(fmr=0.2, **x), {"scores": SCORES, "same": SAME}),
    "kfold_accuracy": (kfold_accuracy, {"scores": SCORES, "same": SAME, "fold": FOLD}),
    "kfold_insightface": (kfold_insightface, {"scores": SCORES, "same": SAME, "fold": FOLD}),
    "kfold_sphereface": (kfold_sphereface, {"features_a": E, "features_b": F, "same": SAME, "fold": FOLD}),
    "folds_of": (folds_of, {"fold": FOLD}),
    "check_list": (check_list, {"same": SAME, "fold": FOLD}),
    "joined": (lambda **x: joined(flip="concat", **x), {"e": E, "f": F}),
    "verify_pairs": (
        lambda **x: verify_pairs(E, **x),
        {"a": np.arange(N), "b": np.arange(N)[::-1].copy(), "same": SAME, "fold": FOLD},
    ),
    "mcnemar": (mcnemar, {"right_a": SAME, "right_b": FIRST}),
    "bootstrap_by": (lambda **x: bootstrap_by(metric="auc", draws=20, **x), {"pairs": TABLE, "scores": SCORES}),
    "bootstrap_by, threshold": (
        lambda pairs, scores: bootstrap_by(pairs, scores, "balanced_accuracy", (pairs, scores), draws=20),
        {"pairs": TABLE, "scores": SCORES},
    ),
    "bootstrap_difference": (
        lambda **x: bootstrap_difference(metric="auc", draws=20, **x),
        {"pairs": TABLE, "scores_a": SCORES, "scores_b": OTHER},
    ),
    "bootstrap_split": (
        lambda **x: bootstrap_split(metric="auc", draws=20, **x),
        {"pairs": TABLE, "scores": SCORES, "first": FIRST},
    ),
    "Sorted": (Sorted.of, {"pairs": TABLE, "scores": SCORES}),
    "score_table": (score_table, {"pairs": TABLE, "scores": SCORES}),
    "choose": (
        lambda **x: choose(target_fmr=0.2, kind="twin", weights="w", align="none", **x),
        {"scores": SCORES, "pairs": TABLE},
    ),
    "all_pairs": (
        lambda **x: all_pairs(bins=64, **x),
        {"embeddings": E, "subjects": np.arange(N) // 2, "families": FAMILIES},
    ),
    "joins": (components.joins, {"D": NEAR, "subject": np.arange(N) // 2, "family": FAMILIES}),
    "shortest": (
        components.shortest_over_families,
        {"D": NEAR, "subject": np.arange(N) // 2, "family": FAMILIES},
    ),
    "batch_discrepancies": (lambda **x: components.batch_discrepancies(size=8, draws=2, **x), {"x": E, "z": F}),
    "between_classes": (cells.between_classes, {"embedding": E, "subject": np.arange(N) // 2}),
    "raw_trace": (cells.raw_trace, {"embedding": E, "subject": np.arange(N) // 2}),
    "averages": (lambda **x: cells.averages(**PLAN, **x), {"rho": np.abs(SCORES) + 0.1, "pull": np.abs(OTHER)}),
    "measured": (lambda triplets: measured(E, triplets), {"triplets": RNG.integers(N, size=(9, 3))}),
    "outside_hardness": (outside_hardness, {"pairs": TABLE, "scores": SCORES}),
    "hard_twin_pairs": (
        lambda hardness: hard_twin_pairs(MANIFEST, hardness, 0), {"hardness": RNG.normal(size=POOL)}
    ),
}  # fmt: skip
ALL = [pytest.param(*FUNCTIONS[name], id=name) for name in FUNCTIONS]
SHUFFLED = RNG.permutation(POOL)


def under_another_index(values, index):
    if isinstance(values, pd.DataFrame):
        return values.set_axis(index[: len(values)], axis=0)
    return pd.Series(list(values), index=index[: len(values)]) if values.ndim == 1 else pd.DataFrame(
        values, index=index[: len(values)]
    )  # fmt: skip


def as_tensor(values):
    numeric = not isinstance(values, pd.DataFrame) and values.dtype.kind in "biuf"
    return torch.from_numpy(values) if numeric else values


CARRIERS = {
    "list": lambda values: values if isinstance(values, pd.DataFrame) else values.tolist(),
    "mapping": lambda values: values.to_dict("list") if isinstance(values, pd.DataFrame) else tuple(values),
    "shuffled index": lambda values: under_another_index(values, SHUFFLED),
    "repeated index": lambda values: under_another_index(values, np.zeros(POOL, int)),
    "text index": lambda values: under_another_index(values, SHUFFLED.astype(str)),
    "tensor": as_tensor,
    "objects": lambda values: values if isinstance(values, pd.DataFrame) else values.astype(object),
    "nullable": lambda values: values.convert_dtypes() if isinstance(values, pd.DataFrame) else values,
}


def plain(found):
    """A result as nested lists, whatever it is made of."""
    if isinstance(found, pd.DataFrame):
        return found.to_dict("list")
    if isinstance(found, np.ndarray):
        return found.tolist()
    if isinstance(found, dict):
        return {key: plain(value) for key, value in found.items()}
    if isinstance(found, list | tuple):
        return [plain(value) for value in found]
    return plain(vars(found)) if hasattr(found, "__dict__") else found


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize(("function", "lists"), ALL)
def test_the_carrier_of_a_list_changes_nothing(function, lists, carrier):
    given = {name: CARRIERS[carrier](values) for name, values in lists.items()}
    assert repr(plain(function(**given))) == repr(plain(function(**lists)))  # as texts, for NaN


@pytest.mark.parametrize(("function", "lists"), ALL)
def test_two_dimensions_and_other_lengths_are_refused_by_name(function, lists):
    for name, values in lists.items():
        if isinstance(values, np.ndarray) and values.ndim == 1:
            with pytest.raises(InputError, match=name.replace("_", ".")):
                function(**lists | {name: values[:, None, None]})
        if len(lists) > 1:
            with pytest.raises(InputError):
                function(**lists | {name: values[:-1]})


GROUPS = ("family", "families", "subject", "subjects", "fold")


@pytest.mark.parametrize("missing", [None, np.nan, "", "  "], ids=repr)
@pytest.mark.parametrize(("function", "lists"), ALL)
def test_a_missing_group_is_refused_with_its_row(function, lists, missing):
    for name, values in lists.items():
        if name in GROUPS:
            holed = values.astype(object)
            holed[3] = missing
            with pytest.raises(InputError, match=rf"{name}: 1 of {N} values are missing, NaN or blank \(rows 3,"):
                function(**lists | {name: holed})
        if name == "pairs" and function not in (outside_hardness, FUNCTIONS["choose"][0]):
            with pytest.raises(InputError, match=r"pairs.family_b: 1 of .*\(rows 3,"):
                function(**lists | {name: TABLE.assign(family_b=[*FAMILIES[:3], missing, *FAMILIES[4:]])})


def test_a_shuffled_series_gave_another_accuracy_once():
    """The case that was reported: labels by index, scores by position."""
    order = RNG.permutation(N)
    series = pd.Series(SCORES).loc[order].set_axis(RNG.permutation(N))
    plain_way = kfold_accuracy(SCORES[order], SAME[order], FOLD[order])
    assert kfold_accuracy(series, list(SAME[order]), pd.Series(FOLD[order], index=order)).mean == plain_way.mean
    filtered = pd.Series(SCORES)[SCORES > -1]
    assert kfold_accuracy(filtered, SAME, FOLD).mean == kfold_accuracy(SCORES, SAME, FOLD).mean


def test_numbers_as_scores_of_labels_only():
    for function in (metrics.auc, kfold_accuracy):
        rest = {"fold": FOLD} if "fold" in inspect.signature(function).parameters else {}
        with pytest.raises(InputError, match=r"scores must be numbers; found '0.5' at position 0"):
            function(["0.5"] * N, SAME, **rest)
        with pytest.raises(InputError, match="same must hold 0 and 1 only"):
            function(SCORES, np.where(SAME == 1, 1, -1), **rest)
