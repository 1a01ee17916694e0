"""The comparisons that docs/analysis_plan.md fixed before the study began, and what its finished rows say of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import pandas as pd

from twinlib.errors import InputError
from twinlib.measure.bootstrap import Interval
from twinlib.measure.interval import end_text
from twinlib.measure.multiple import holm
from twinlib.records.claims import NOT_RUN, Claim, judge
from twinlib.records.comparison import paired_difference
from twinlib.records.published import verdict
from twinlib.records.runs import Run
from twinlib.records.summary import cue_table
from twinlib.study.board import Board
from twinlib.study.rows import Row


@dataclass(frozen=True)
class Comparison:
    """A claimed difference of two rows of the study.

    Attributes:
        table: comparisons of one table share Holm's correction.
        claim: number of the claim in the plan.
        text: the claim in words.
        better, worse: rows claimed to have the higher and the lower AUC.
        protocol: whose pairs; of one row against itself, these against the pairs of twins.
    """

    table: str
    claim: int
    text: str
    better: str
    worse: str
    protocol: str = "twin"


@dataclass(frozen=True)
class Answer:
    """What the records say of a comparison.

    Attributes:
        comparison: the question.
        difference: in AUC, widened by Holm's method over its table; None where a row has no run.
        verdict: holds, does not hold, cannot tell, not run yet.
        lacks: why a verdict is withheld, in words; empty where none is.
    """

    comparison: Comparison
    difference: Interval | None
    verdict: str
    lacks: str


def _each(table: str, claim: int, text: str, pairs: Sequence[tuple[str, str]], *protocols: str) -> list[Comparison]:
    return [
        Comparison(table, claim, text.format(a=a, b=b), a, b, protocol)
        for a, b in pairs
        for protocol in protocols or ("twin",)
    ]


_MODULES = [("vit_hca", "vit"), ("vit_faam", "vit"), ("vit_pair", "vit")]
_LEFT_OUT = [("ahan", "vit_hca_faam"), ("ahan", "vit_hca_pair"), ("ahan", "vit_faam_pair")]
_PLACES = [("ahan", "vit_grid"), ("ahan", "vit_mean"), ("ahan_on_grid", "vit_grid")]
_PARTNERS = [("ahan", "partner_random"), ("ahan", "partner_hard"), ("partner_twin", "partner_sibling")]
_OTHERS = [("ahan", other) for other in "arcface cosface adaface magface transface transfg dcal".split()]
_FAAM = [(f"asym_{head}_{kind}", f"asym_{head}") for head in ("vit", "mean", "grid") for kind in ("faam", "places")]
_FLIPS = [(f"asym_{row}", f"asym_{row.removeprefix('vit_')}_augment") for row in "vit hca vit_faam ahan grid".split()]
COMPARISONS = (
    *_each("ablation", 1, "{a} beats its base {b}", [("ahan", "vit")], "twin", "hard_twin"),
    *_each("ablation", 2, "{a} beats {b}: the module helps alone", _MODULES, "twin", "hard_twin"),
    *_each("ablation", 3, "{a} beats {b}: the third module adds to two", _LEFT_OUT),
    *_each("ablation", 4, "{a} beats {b}", [("vit_pair", "vit_hca")], "hard_twin"),
    *_each("ablation", 5, "{a} beats {b}: more than access to positions", _PLACES),
    *_each("regularisers", 6, "{a} beats {b}: a twin is the better partner", _PARTNERS),
    *_each("regularisers", 7, "{a} beats {b}: more than mining hard negatives", [("ahan", "hard_negatives")]),
    *_each("main table", 8, "{a} beats {b}", _OTHERS),
    Comparison("main table", 9, "strangers are easier to tell apart than twins, for ahan", "ahan", "ahan", "general"),
    *_each("asymmetry", 10, "{a} beats {b}: FAAM makes asymmetry visible", _FAAM),
    *_each(
        "asymmetry",
        11,
        "{a} beats {b}: the sign helps if mirrored faces are others",
        [("asym_signed", "asym_unsigned")],
    ),
    *_each("flips", 12, "{a} beats {b}: mirroring costs the cue", _FLIPS),
)


def answers(board: Board, comparisons: Sequence[Comparison] = COMPARISONS, draws: int = 2000) -> list[Answer]:
    """Every comparison with its verdict.

    Args:
        board: of all rows that the comparisons name, after `look`.
        comparisons: in the order of their tables.
        draws: bootstrap draws over families and seeds.

    Raises:
        InputError: a comparison names a row that is not on the board.
    """
    rows = {row.name: row for row in board.rows}
    if strange := [name for c in comparisons for name in (c.better, c.worse) if name not in rows]:
        raise InputError(f"{strange[0]!r} is no row of this study; known: {', '.join(rows)}.")
    found: list[Answer] = []
    for _, table in groupby(comparisons, key=lambda c: c.table):
        same = list(table)
        made = {c: d for c in same if (d := _difference(board, rows, c, draws)) is not None}
        drawn = [c for c in made if c.better != c.worse]  # the others add up two intervals and have no draws
        made |= dict(zip(drawn, holm([made[c] for c in drawn]), strict=True))
        found += [_answer(board, rows, c, made.get(c)) for c in same]
    return found


def told(found: Sequence[Answer]) -> pd.DataFrame:
    """Answers in words.

    Returns:
        Columns claim, comparison, pairs, difference, 95 % interval, verdict, why not.
    """
    lines = []
    for a in found:
        d, c = a.difference, a.comparison
        shown = ("–", "–") if d is None else (f"{d.value:+.3f}", f"[{end_text(d.low)}, {end_text(d.high)}]")
        lines.append((c.claim, c.text, c.protocol.replace("_", " "), *shown, a.verdict, a.lacks or "–"))
    columns = ["claim", "comparison", "pairs", "difference", "95 % interval", "verdict", "why not"]
    return pd.DataFrame(lines, columns=columns)


def of_tables(board: Board, *tables: str) -> list[Answer]:
    """The answers of some tables of the plan: ablation, regularisers, main table, asymmetry, flips."""
    return answers(board, [c for c in COMPARISONS if c.table in tables])


def row_table(board: Board, part: str, protocols: dict[str, str], draws: int = 2000) -> pd.DataFrame:
    """AUC of the rows of a part, with intervals over families and seeds.

    Args:
        board: after `look`.
        part: of the table.
        protocols: what is shown → protocol, e.g. {"twins": "twin"}.
        draws: bootstrap draws.

    Returns:
        Columns row, pairs, auc, auc_low, auc_high, seeds, lacks; rows and protocols without a record are left out.
    """
    rows = {row.name: row for row in board.rows if row.part == part}
    table = cue_table({name: board.of(row) for name, row in rows.items()}, draws, protocols)
    lacks = ["; ".join(board.misses(rows[name])) for name in table["row"]]
    names = {"cue": "pairs", "value": "auc", "low": "auc_low", "high": "auc_high"}
    return table.rename(columns=names).drop(columns="families").assign(lacks=lacks)


def gaps(board: Board) -> pd.DataFrame:
    """What is not run: a line a part, with its command and the hours of one core that it should take.

    Returns:
        Columns part, runs, hours, command; parts that are complete are left out.
    """
    lines = []
    for part in dict.fromkeys(row.part for row in board.rows):
        missing = [job for job in board.jobs if job.row.part == part and job not in board.runs]
        if missing:
            title = next(row.title for row in board.rows if row.part == part)
            spent = sum(board.seconds(job) for job in missing) / 3600
            lines.append((f"{part} {title}", len(missing), round(spent, 1), f"twinlib study --part {part}"))
    return pd.DataFrame(lines, columns=["part", "runs", "hours", "command"])


def _difference(board: Board, rows: dict[str, Row], c: Comparison, draws: int) -> Interval | None:
    better, worse = (board.of(rows[name]) for name in (c.better, c.worse))
    if c.better == c.worse:
        return judge(Claim(c.table, c.text, (c.better, c.protocol), (c.worse, "twin")), {c.better: better}).ours
    if not (better and worse and all(c.protocol in run.protocols() for run in (*better, *worse))):
        return None
    if not ({_seed(run) for run in better} & {_seed(run) for run in worse}):
        return None
    return paired_difference(better, worse, c.protocol, "auc", draws)[0]


def _answer(board: Board, rows: dict[str, Row], c: Comparison, difference: Interval | None) -> Answer:
    if difference is None:
        return Answer(c, None, NOT_RUN, "")
    lacks = [
        f"{name}: {'; '.join(found)}"
        for name in dict.fromkeys((c.better, c.worse))
        if (found := board.misses(rows[name]))
    ]
    return Answer(c, difference, verdict(difference, lacks=lacks), "; ".join(lacks))


def _seed(run: Run) -> int:
    return int(run.record["seed"])
