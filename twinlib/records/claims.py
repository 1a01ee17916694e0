"""Every claim of the paper that can be tested here, and the verdict that the records give."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from twinlib.data.manifest import dataset_root, read_manifest
from twinlib.data.pairs import PAIR_SEED
from twinlib.data.protocols import twin_pairs
from twinlib.errors import InputError
from twinlib.measure.bootstrap import Interval
from twinlib.measure.multiple import holm
from twinlib.records import by_factor
from twinlib.records.comparison import paired_difference
from twinlib.records.finished import unfinished
from twinlib.records.published import (
    CANNOT_TELL,
    MIN_SEEDS,
    added_costs,
    free_once_trained,
    published,
    verdict,
)
from twinlib.records.runs import Run

Rows = Mapping[str, Sequence[Run]]  # row of the study → its runs, one a seed
NOT_RUN = "not run yet"
TWIN, HARD, AUC = "twin", "hard_twin", "auc"


@dataclass(frozen=True)
class Claim:
    """A claimed order of two systems, or of two protocols of one system.

    Attributes:
        topic: name of the chapter's subject.
        text: the claim, retold.
        better, worse: row of the study and protocol claimed to score higher, and lower; None where none can say.
        published: rows of the paper's tables whose difference it prints: (table, row, column) twice; None without.
        reason: why no difference of records can decide.
        fixed: the verdict where none can.
        by: what decides instead of a difference of records: all runs → verdict, difference or None, and why.
    """

    topic: str
    text: str
    better: tuple[str, str] | None
    worse: tuple[str, str] | None
    published: tuple[tuple[str, str, str], tuple[str, str, str]] | None = None
    reason: str = ""
    fixed: str = CANNOT_TELL
    by: "Callable[[Rows], Ruling] | None" = None


class Ruling(NamedTuple):
    """A verdict that no difference of two records gives, with what was seen."""

    verdict: str
    why: str
    ours: Interval | None = None


class Judged(NamedTuple):
    """A claim with what our records say.

    Attributes:
        published: the paper's difference, points of %; None where it prints none.
        ours: paired difference in AUC with its interval; None where a record is missing.
        verdict: holds, does not hold, cannot tell, not run yet.
        missing: rows without a record.
        why: what was seen, where no difference of records decides.
    """

    claim: Claim
    published: float | None
    ours: Interval | None
    verdict: str
    missing: tuple[str, ...]
    why: str = ""


def _helps(module: str, row: str, experiment: str) -> tuple[Claim, Claim]:
    pair = ("ablation", row, "hard_twin_acc"), ("ablation", "vitb", "hard_twin_acc")
    hard = Claim("ablations", f"{module} alone helps on hard twins", (experiment, HARD), ("vit", HARD), pair)
    return hard, Claim("ablations", f"{module} alone helps on all twins", (experiment, TWIN), ("vit", TWIN))


def _beats(other: str, row: str, experiment: str) -> Claim:
    pair = ("main", "ahan_vitb16", "twin_acc"), ("main", row, "twin_acc")
    return Claim("main table", f"AHAN tells twins apart better than {other}", ("ahan", TWIN), (experiment, TWIN), pair)


def _adds(text: str, better: tuple[str, str], worse: tuple[str, str]) -> Claim:
    """`better` and `worse`: a row of the study and its row in the paper's ablation."""
    (a, row_a), (b, row_b) = better, worse
    pair = ("ablation", row_a, "hard_twin_acc"), ("ablation", row_b, "hard_twin_acc")
    return Claim("ablations", f"{text} on hard twins", (a, HARD), (b, HARD), pair)


def _amount(quantity: str, text: str) -> Claim:
    def rule(_: Rows) -> Ruling:
        row = added_costs().set_index("quantity").loc[quantity]
        return Ruling(str(row["verdict"]), f"counted: {row['ours']:.1f} % more, published {row['published']:.0f} %")

    return Claim("cost", text, None, None, by=rule)


def _limit(name: str, text: str) -> Claim:
    """A limit of the paper, judged as the chapter on limits judges it."""

    def rule(runs: Rows) -> Ruling:
        ahan = runs.get("ahan", [])
        if not _scored(ahan, TWIN):
            return Ruling(NOT_RUN, "ahan")
        factor = by_factor.FACTORS[name]
        factor = by_factor.judgeable(
            factor, by_factor.reach(ahan[0].record["dataset"]).get(factor.column, factor.limit)
        )
        if factor.reason:
            return Ruling(CANNOT_TELL, factor.reason)
        protocol, dataset = by_factor.protocol_of(ahan)
        if not (dataset_root(dataset) / "manifest.csv").is_file():
            return Ruling(CANNOT_TELL, f"needs the factors of set {dataset}: twinlib synth {dataset}")
        images = read_manifest(dataset_root(dataset)).images
        pairs = twin_pairs(images, PAIR_SEED, int(ahan[0].record["config"]["evaluate"]["pairs"]))
        ours, judged = by_factor.beyond_limit(ahan, images, pairs, protocol, factor)
        return Ruling(judged, f"AUC within the limit minus beyond it, {protocol}", ours)

    return Claim("limits", text, None, None, by=rule)


CLAIMS = (
    Claim(
        "main table", "twins are harder to tell apart than strangers, for AHAN", ("ahan", "general"), ("ahan", TWIN),
        (("general", "ahan_vitb16", "acc"), ("main", "ahan_vitb16", "twin_acc")),
    ),
    Claim(
        "main table", "AHAN tells twins apart better than the plain ViT", ("ahan", TWIN), ("vit", TWIN),
        (("ablation", "ahan", "twin_acc"), ("ablation", "vitb", "twin_acc")),
    ),
    _adds("AHAN tells twins apart better than the plain ViT", ("ahan", "ahan"), ("vit", "vitb")),
    _beats("ArcFace on a residual network", "arcface_r100", "arcface"),
    _beats("CosFace", "cosface_r100", "cosface"),
    _beats("AdaFace", "adaface_ir101", "adaface"),
    _beats("MagFace", "magface_ir100", "magface"),
    _beats("TransFace", "transface_vitb16", "transface"),
    Claim("main table", "AHAN tells hard twins apart better than TransFace", ("ahan", HARD), ("transface", HARD),
          (("main", "ahan_vitb16", "hard_twin_acc"), ("main", "transface_vitb16", "hard_twin_acc"))),
    _beats("TransFG", "transfg_vitb16", "transfg"),
    *_helps("HCA", "+hca", "vit_hca"),
    *_helps("FAAM", "+faam", "vit_faam"),
    *_helps("TA-PWCA", "+tapwca", "vit_pair"),
    _adds("TA-PWCA alone helps more than HCA alone", ("vit_pair", "+tapwca"), ("vit_hca", "+hca")),
    _adds("FAAM adds to HCA", ("vit_hca_faam", "+hca+faam"), ("vit_hca", "+hca")),
    _adds("TA-PWCA adds to HCA", ("vit_hca_pair", "+hca+tapwca"), ("vit_hca", "+hca")),
    _adds("TA-PWCA adds to HCA and FAAM", ("ahan", "ahan"), ("vit_hca_faam", "+hca+faam")),
    _adds("FAAM adds to HCA and TA-PWCA", ("ahan", "ahan"), ("vit_hca_pair", "+hca+tapwca")),
    Claim("TA-PWCA", "a twin is a better partner than a random face", ("ahan", TWIN), ("partner_random", TWIN)),
    Claim("TA-PWCA", "twin partners beat hard-negative mining", ("ahan", TWIN), ("hard_negatives", TWIN)),
    Claim("TA-PWCA", "a twin is a better partner than a sibling", ("partner_twin", TWIN), ("partner_sibling", TWIN)),
    Claim("TA-PWCA", "TA-PWCA costs nothing once training is over", None, None,
          by=lambda _: Ruling(*free_once_trained())),
    _amount("parameters", "AHAN has a third more parameters"),
    _amount("operations", "AHAN takes 36 % more operations"),
    _limit("pose", "accuracy falls beyond head turns of 45 degrees"),
    _limit("occlusion", "accuracy falls when over 40 % of the face is covered"),
    Claim("limits", "accuracy falls when five years lie between the images", None, None,
          reason="the renderer's years are not calendar time"),
    Claim("FAAM", "the asymmetry of a face is stable over the years", None, None,
          reason="the renderer keeps it by construction"),
)  # fmt: skip


def judge(claim: Claim, runs: Rows, draws: int = 2000, min_seeds: int = MIN_SEEDS) -> Judged:
    """The verdict of the records on a claim.

    Args:
        claim: one of `CLAIMS`.
        runs: row of the study → its runs; a row that is not finished gives "cannot tell".
        draws: bootstrap draws; by default those of every table, so that one difference has one interval.
        min_seeds: fewer seeds give "cannot tell".
    """
    theirs = None if claim.published is None else _difference(*claim.published)
    if claim.by is not None:
        ruling = claim.by(runs)
        return Judged(claim, theirs, ruling.ours, ruling.verdict, (), ruling.why)
    if claim.better is None or claim.worse is None:
        return Judged(claim, theirs, None, claim.fixed, (), claim.reason)
    sides = claim.better, claim.worse
    missing = tuple(dict.fromkeys(name for name, protocol in sides if not _scored(runs.get(name, ()), protocol)))
    if missing:
        return Judged(claim, theirs, None, NOT_RUN, missing)
    (name, protocol), (other, other_protocol) = sides
    if protocol != other_protocol:
        ours = _between_protocols(runs[name], protocol, other_protocol)
    else:
        try:
            ours = paired_difference(runs[name], runs[other], protocol, AUC, draws)[0]
        except InputError:  # no seed in common, or other pairs
            return Judged(claim, theirs, None, NOT_RUN, (name, other))
    lacks = unfinished({side: runs[side] for side in dict.fromkeys((name, other))})
    said = verdict(ours, 1, min_seeds, lacks=list(lacks.values()))
    return Judged(claim, theirs, ours, said, (), "; ".join(f"{row}: {what}" for row, what in lacks.items()))


def judged(runs: Rows, claims: Sequence[Claim] = CLAIMS, draws: int = 2000) -> list[Judged]:
    """Every claim with its verdict; intervals of claims of one topic are widened together by Holm's method.

    Args:
        runs: row of the study → its runs, one a seed.
        claims: in the order of the page.
        draws: as for `judge`.
    """
    found = [judge(claim, runs, draws) for claim in claims]
    for topic in dict.fromkeys(claim.topic for claim in claims):
        of_topic = [(i, each) for i, each in enumerate(found) if each.claim.topic == topic and _paired(each.claim)]
        drawn = [(i, each.ours) for i, each in of_topic if each.ours is not None]
        for (i, _), ours in zip(drawn, holm([interval for _, interval in drawn]), strict=True):
            said = found[i].verdict if found[i].why else verdict(ours)
            found[i] = found[i]._replace(ours=ours, verdict=said)
    return found


def _paired(claim: Claim) -> bool:
    """Whether one interval is drawn for its difference: that between two protocols adds up two."""
    return not claim.by and bool(claim.better and claim.worse) and claim.better[1] == claim.worse[1]


def _scored(runs: Sequence[Run], protocol: str) -> bool:
    return bool(runs) and all(protocol in run.protocols() for run in runs)


def _difference(a: tuple[str, str, str], b: tuple[str, str, str]) -> float:
    return published("ahan", *a).value - published("ahan", *b).value


def _between_protocols(runs: Sequence[Run], a: str, b: str) -> Interval:
    """Difference of two protocols' AUC over seeds; wider than need be, as the ends of both intervals are added up."""
    ends = []
    for run in runs:
        rows = run.metrics().query(f"metric == {AUC!r}").set_index("protocol").to_dict("index")
        one, other = rows[a], rows[b]
        ends.append([one["value"] - other["value"], one["low"] - other["high"], one["high"] - other["low"]])
    value = sum(end[0] for end in ends) / len(ends)
    families = int(runs[0].metrics().query("protocol in [@a, @b]")["families"].min())
    low, high = float(np.min([end[1] for end in ends])), float(np.max([end[2] for end in ends]))  # NaN stays NaN
    return Interval(value, low, high, families, len(runs))
