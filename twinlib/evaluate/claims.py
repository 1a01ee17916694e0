"""Every claim of the paper that can be tested here, and the verdict that the records give."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from twinlib import paths
from twinlib.errors import InputError
from twinlib.evaluate.bootstrap import Interval
from twinlib.evaluate.published import published
from twinlib.evaluate.records import paired_difference
from twinlib.evaluate.runs import Run, list_runs, read_run
from twinlib.evaluate.verdicts import CANNOT_TELL, MIN_SEEDS, verdict

NOT_RUN = "not run yet"
TWIN, HARD, AUC = "twin", "hard_twin", "auc"


@dataclass(frozen=True)
class Claim:
    """A claimed order of two systems, or of two protocols of one system.

    Attributes:
        topic: name of the chapter's subject.
        text: the claim, retold.
        better, worse: experiment and protocol claimed to score higher, and lower; None where nothing of ours can say.
        published: rows of the paper's tables whose difference it prints: (table, row, column) twice; None without.
        reason: why no record can decide; the verdict is then fixed as "cannot tell".
    """

    topic: str
    text: str
    better: tuple[str, str] | None
    worse: tuple[str, str] | None
    published: tuple[tuple[str, str, str], tuple[str, str, str]] | None = None
    reason: str = ""


class Judged(NamedTuple):
    """A claim with what our records say.

    Attributes:
        published: the paper's difference, points of %; None where it prints none.
        ours: paired difference in AUC with its interval; None where a record is missing.
        verdict: holds, does not hold, cannot tell, not run yet.
        missing: experiments without a record.
    """

    claim: Claim
    published: float | None
    ours: Interval | None
    verdict: str
    missing: tuple[str, ...]


def _helps(module: str, row: str, experiment: str) -> Claim:
    pair = ("ablation", row, "hard_twin_acc"), ("ablation", "vitb", "hard_twin_acc")
    return Claim("ablations", f"{module} alone helps on hard twins", (experiment, HARD), ("vit", HARD), pair)


def _beats(other: str, row: str, experiment: str) -> Claim:
    pair = ("main", "ahan_vitb16", "twin_acc"), ("main", row, "twin_acc")
    return Claim("main table", f"AHAN tells twins apart better than {other}", ("ahan", TWIN), (experiment, TWIN), pair)


CLAIMS = (
    Claim("main table", "twins are harder to tell apart than strangers", ("vit", "general"), ("vit", TWIN)),
    Claim(
        "main table", "AHAN tells twins apart better than the plain ViT", ("ahan", TWIN), ("vit", TWIN),
        (("ablation", "ahan", "twin_acc"), ("ablation", "vitb", "twin_acc")),
    ),
    _beats("ArcFace on a residual network", "arcface_r100", "arcface"),
    _beats("TransFace", "transface_vitb16", "transface"),
    _beats("TransFG", "transfg_vitb16", "transfg"),
    _helps("HCA", "+hca", "vit_hca"),
    _helps("FAAM", "+faam", "vit_faam"),
    _helps("TA-PWCA", "+tapwca", "vit_pair"),
    Claim(
        "ablations", "FAAM adds to HCA on hard twins", ("vit_hca_faam", HARD), ("vit_hca", HARD),
        (("ablation", "+hca+faam", "hard_twin_acc"), ("ablation", "+hca", "hard_twin_acc")),
    ),
    Claim(
        "ablations", "TA-PWCA adds to HCA on hard twins", ("vit_hca_pair", HARD), ("vit_hca", HARD),
        (("ablation", "+hca+tapwca", "hard_twin_acc"), ("ablation", "+hca", "hard_twin_acc")),
    ),
    Claim(
        "ablations", "all three together are best on hard twins", ("ahan", HARD), ("vit_hca_pair", HARD),
        (("ablation", "ahan", "hard_twin_acc"), ("ablation", "+hca+tapwca", "hard_twin_acc")),
    ),
    Claim("TA-PWCA", "a twin is a better partner than a random face", ("ahan", TWIN), ("ahan_random", TWIN)),
    Claim(
        "limits", "accuracy falls when five years lie between the images", None, None,
        reason="the renderer's years are not calendar time",
    ),
)  # fmt: skip


def recorded(profile: str) -> dict[str, list[Run]]:
    """Records of a profile by experiment, one a seed; those of smoke lie in the build folder.

    Only runs on the data set that most of them share are kept, since others cannot be compared; of two records of one
    experiment and seed, the first by name.
    """
    if profile == "smoke":
        folder = paths.build_dir() / "smoke-runs"
        runs = [read_run(file.parent) for file in sorted(folder.glob("*/run.json"))]
    else:
        runs = [run for run in list_runs() if run.record["profile"] == profile]
    sets = [run.record["hashes"]["manifest"] for run in runs]
    common = max(sorted(set(sets)), key=sets.count, default=None)
    found: dict[str, dict[int, Run]] = {}
    for run in runs:
        if run.record["hashes"]["manifest"] == common:
            found.setdefault(run.record["name"], {}).setdefault(run.record["seed"], run)
    return {name: [seeds[seed] for seed in sorted(seeds)] for name, seeds in found.items()}


def judge(claim: Claim, runs: dict[str, list[Run]], draws: int = 1000, min_seeds: int = MIN_SEEDS) -> Judged:
    """The verdict of the records on a claim.

    Args:
        claim: one of `CLAIMS`.
        runs: from `recorded`.
        draws: bootstrap draws.
        min_seeds: fewer seeds give "cannot tell".
    """
    theirs = None if claim.published is None else _difference(*claim.published)
    if claim.better is None or claim.worse is None:
        return Judged(claim, theirs, None, CANNOT_TELL, ())
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
    return Judged(claim, theirs, ours, verdict(ours, 1, min_seeds), ())


def judged(profile: str, claims: Sequence[Claim] = CLAIMS, draws: int = 1000) -> list[Judged]:
    """Every claim with its verdict."""
    runs = recorded(profile)
    return [judge(claim, runs, draws) for claim in claims]


def _scored(runs: Sequence[Run], protocol: str) -> bool:
    return bool(runs) and all(protocol in run.protocols() for run in runs)


def _difference(a: tuple[str, str, str], b: tuple[str, str, str]) -> float:
    return published("ahan", *a).value - published("ahan", *b).value


def _between_protocols(runs: Sequence[Run], a: str, b: str) -> Interval:
    """Difference of two protocols' AUC over seeds; wider than need be, as the ends of both intervals are added up."""
    ends = []
    for run in runs:
        rows = run.metrics().query(f"metric == {AUC!r}").set_index("protocol")
        one, other = rows.loc[a], rows.loc[b]
        differences = one.value - other.value, one.low - other.high, one.high - other.low
        ends.append(tuple(map(float, differences)))
    value = sum(end[0] for end in ends) / len(ends)
    families = int(runs[0].metrics().query("protocol in [@a, @b]")["families"].min())
    return Interval(value, min(end[1] for end in ends), max(end[2] for end in ends), families, len(runs))
