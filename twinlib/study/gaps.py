"""What has not been run, in one list: what is missing, the command, the time, and what it would answer.

Entries of `GAPS` close by themselves once their records or measurements are there; the study's parts come from its
rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from twinlib import paths
from twinlib.records.published import MIN_SEEDS
from twinlib.records.runs import Run
from twinlib.study.board import Board
from twinlib.study.row_runs import every_row
from twinlib.study.rows import read_rows
from twinlib.study.status import hours
from twinlib.study.verdicts import gaps as unfinished

OPEN, DONE = "not run", "run"
# What each part of the study's table would answer.
ASKED = {
    "1": "Does each module help, alone and beside the others, and more than access to every token?",
    "2": "Is a twin a better partner than a random, a hard or a sibling's face, or than mining hard negatives?",
    "3": "Does AHAN beat the field's losses and transformers?",
    "4": "Can a network read asymmetry at all, and does FAAM make it readable?",
    "4b": "Does calling a mirrored face the same person cost the asymmetry?",
    "5": "How does each network gain from more families?",
    "6": "Do the findings hold for a network of twelve blocks?",
    "7": "Does SymFace's loss help or harm on twins?",
    "8": "Does TopoFR's alignment help recognition?",
    "9": "How do the two networks made for twins compare?",
    "10": "Do learned regions, another midline or a sign change the verdicts?",
}


@dataclass(frozen=True)
class Gap:
    """Something that a page of the report cannot show yet.

    Attributes:
        key: its name in links, `gaps.html#gap-<key>`.
        page: name of the page that misses it.
        what: what is missing, in words.
        answers: the question that it would answer.
        command: what would make it.
        names: rows of the study; open while one of them has too few records of the profile.
        seeds: how many records each of them needs.
        needs: a protocol that the records must have been scored on, or a key of what they hold beside scores.
        file: of `results/benchmarks`; open while it is missing.
        column, rows: and while this column of the file does not hold all these values.
    """

    key: str
    page: str
    what: str
    answers: str
    command: str
    names: tuple[str, ...] = ()
    seeds: int = 1
    needs: str = ""
    file: str = ""
    column: str = ""
    rows: tuple[str, ...] = ()

    def missing(self, runs: Mapping[str, Sequence[Run]]) -> list[str]:
        """An entry for each run or measurement that is missing; the name of its row, or of the file."""
        if self.names:
            return [n for n in self.names for _ in range(self.seeds - sum(map(self._serves, runs.get(n, ()))))]
        file = paths.results_dir() / "benchmarks" / self.file
        if not self.file or not file.is_file():
            return [self.file or self.what]
        known = set(pd.read_csv(file)[self.column].astype(str)) if self.column else set()
        return [] if known.issuperset(self.rows) else [self.file]

    def _serves(self, run: Run) -> bool:
        return not self.needs or self.needs in run.protocols() or self.needs in run.record["extra"]


_ABLATION = tuple("vit vit_hca vit_faam vit_pair vit_hca_faam vit_hca_pair vit_faam_pair ahan".split())
_FIELD = tuple("arcface cosface adaface magface transface transfg".split())
_SYM = tuple(f"sym_{loss}" for loss in "mobilefacenet shufflefacenet vargfacenet arcface cosface adaface".split())
_LOCAL = tuple(f"local_global{end}" for end in ("", "_transformer", "_spatial", "_code", "_triplet"))
_RUN = "twinlib study --row {name}"
GAPS = (
    Gap("rows", "06_main", "AHAN, the plain ViT and the head that sees every token",
        "Does AHAN tell twins apart better than the network that it is made of?", _RUN, ("vit", "vit_grid", "ahan"), 5),
    Gap("field", "06_main", "the field's losses and transformers under our protocol",
        "Does AHAN beat them on the same pairs?", _RUN, _FIELD, MIN_SEEDS),
    Gap("combinations", "07_ablations", "every combination of the three modules with all its seeds",
        "Which module helps, and do they add up?", _RUN, _ABLATION, MIN_SEEDS),
    Gap("reading", "07_ablations", "networks that end in the mean of tokens or in the places of all of them",
        "Do the modules do more than a head that reads every token?", _RUN, ("vit_mean", "ahan_mean", "ahan_on_grid"),
        MIN_SEEDS),
    Gap("random", "04_ta_pwca", "AHAN with random partners, with all its seeds",
        "Does the twin beat any partner?", _RUN, ("partner_random",), MIN_SEEDS),
    Gap("ladder", "13_mechanisms", "scores on test sets with one cause each",
        "Which cause does each network use?", _RUN, ("ahan",), needs="twin@study2-asymmetry"),
    Gap("extremes", "12_where_it_breaks", "scores on the set of extreme turns, covers and ages",
        "Does accuracy fall beyond the paper's limits?", "twinlib synth extremes", ("ahan",),
        needs="twin@extremes"),
    Gap("inspected", "14_pair_inspector", "AHAN's record with its pairs",
        "Which pairs does it get wrong?", _RUN, ("ahan",)),
    Gap("scales", "02_hca", "the scales that HCA has learned to prefer",
        "Which region prefers which sharpness?", _RUN, ("ahan",),
        needs="hca_scales"),
    Gap("symface", "08_symface", "SymFace's losses on our twins",
        "Does pulling the halves of a face together help or harm on twins?", _RUN,
        (*_SYM, *(f"{name}_base" for name in _SYM), "sym_split", "sym_unit", "sym_batch")),
    Gap("symface-tables", "08_symface", "SymFace's tables with networks of ours: its training sets are not at hand",
        "Are its published gains reached again?", "twinlib run sym_arcface --profile full"),
    Gap("topofr", "09_topofr", "TopoFR and its variants on our twins",
        "Does the alignment of images and embeddings help?", _RUN,
        ("topofr", "topofr_direct", "topofr_plain", "topofr_code")),
    Gap("topofr-depth", "09_topofr", "every training at another depth",
        "Does the discrepancy grow with depth?", "python -m benchmarks.topofr_curves",
        file="topofr_batches.csv", column="depth", rows=("10", "18")),
    Gap("topofr-holes", "09_topofr", "holes of higher dimensions in large samples: ripser's time grows too fast",
        "Do they grow with the sample, as published?", ""),
    Gap("topofr-tables", "09_topofr", "TopoFR's later figures and its tables: their text is not at hand",
        "Are its published gains reached again?", "twinlib run topofr --profile full"),
    Gap("miao", "10_miao", "Miao's network and its variants on our twins", "What do the pyramid and its choices add?",
        _RUN, ("miao", "miao_p2", "miao_plain", "miao_twins")),
    Gap("miao-curves", "10_miao", "short trainings of every variant", "Do the learning curves look as published?",
        "python -m benchmarks.miao_curves", file="miao_curves.csv", column="run",
        rows=("pyramid, p5", "pyramid, p2", "no pyramid", "p5, lr × 10")),
    Gap("local-global", "11_local_global", "the local-global network and its variants on our twins",
        "Are its expectations reached?", _RUN, _LOCAL),
    Gap("probes", "13_mechanisms", "simple scores that see one cause each", "Can every cause be found at all?",
        "python benchmarks/syntwins_probes.py", file="syntwins_probes.csv"),
    Gap("alignment", "15_your_data", "accuracy by alignment", "Does it matter who found the points?",
        "python benchmarks/lfw_alignment.py", file="lfw_alignment.csv"),
    Gap("costs", "16_cost", "times and sizes of every network", "What does each network cost?",
        "python benchmarks/peer_costs.py", file="peer_costs.csv"),
)  # fmt: skip
KEYS = tuple(gap.key for gap in GAPS)


def table(profile: str, board: Board | None = None) -> pd.DataFrame:
    """Every gap of a profile, those of the study first.

    Args:
        profile: whose records count; the study's parts are listed whatever it is.
        board: of the study's rows, after `look`; read from the records if not given.

    Returns:
        Columns key, page, what, answers, command, runs, minutes (NaN where nothing tells), state.
    """
    lines = [*_study(board or Board(read_rows()).look()), *_others(profile)]
    return pd.DataFrame(lines, columns=["key", "page", "what", "answers", "command", "runs", "minutes", "state"])


def time(minutes: float) -> str:
    """Minutes for a reader; "not known" where nothing tells."""
    return "not known" if minutes != minutes else hours(60 * minutes)


def _study(board: Board) -> list[tuple]:
    left = unfinished(board).set_index("command")
    lines = []
    for part, title in {row.part: row.title for row in board.rows}.items():
        command = f"twinlib study --part {part}"
        known = command in left.index
        runs, spent = (int(left["runs"][command]), 60 * float(left["hours"][command])) if known else (0, 0.0)
        count = sum(row.part == part for row in board.rows)
        what, asked = f"study, part {part}, {title}: {runs} runs of {count} rows", ASKED.get(part, "")
        lines.append((f"study-{part}", "study", what, asked, command, runs, spent, OPEN if runs else DONE))
    return lines


def _others(profile: str) -> list[tuple]:
    runs, lines = every_row(profile), []
    for gap in GAPS:
        lacks = gap.missing(runs)
        command = gap.command.format(name=lacks[0] if lacks else "", profile=profile)
        trained = [name for name in lacks if name in gap.names]
        spent = sum(map(_Minutes(runs), trained)) if trained else float("nan")
        lines.append((gap.key, gap.page, gap.what, gap.answers, command, len(lacks), spent, OPEN if lacks else DONE))
    return lines


class _Minutes:
    """Minutes that a run should take: as its row's took, else all, times the ratio of both under smoke."""

    def __init__(self, runs: Mapping[str, Sequence[Run]]) -> None:
        self.spent = {
            name: sum(run.record["wall_s"] for run in some) / 60 / len(some) for name, some in runs.items() if some
        }
        smoke = pd.read_csv(paths.results_dir() / "benchmarks/peers_smoke.csv").set_index("what")["processor_s"]
        self.smoke = {str(name): float(seconds) for name, seconds in smoke.items()}

    def __call__(self, name: str) -> float:
        if name in self.spent or not self.spent:
            return self.spent.get(name, float("nan"))
        known = [other for other in self.spent if other in self.smoke]
        scale = sum(self.spent[k] for k in known) / sum(self.smoke[k] for k in known) if known else float("nan")
        return scale * self.smoke.get(name, float("nan"))
