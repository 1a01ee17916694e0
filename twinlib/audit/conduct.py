"""The steps of `twinlib audit`: from what the user has to a report, a page and an exit code."""

import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from twinlib import files
from twinlib.audit import baseline
from twinlib.audit.audited import audited, cosines
from twinlib.audit.given import own_pairs
from twinlib.audit.given.onnx_file import OnnxFile
from twinlib.audit.given.own_pairs import Own
from twinlib.audit.given.presets import preset
from twinlib.audit.given.rendered_crops import embedded_by_file
from twinlib.audit.given.stored_values import Embeddings, Scores
from twinlib.audit.protocol import Protocol, export, refuse_other_folder, rendered
from twinlib.audit.report.audit_page import page, per_cent
from twinlib.errors import InputError
from twinlib.measure.metrics import auc

WORSE = 1  # exit code
REVERSED = 0.3  # AUC of one person against strangers; even noise has about .5


class Given(NamedTuple):
    """A recogniser in one of its forms, as a path; the other forms are None."""

    onnx: str | None
    embeddings: str | None
    scores: str | None
    export: str | None
    input: str


class Answers(NamedTuple):
    """What a recogniser says.

    Attributes:
        name: of it.
        input: preset, or how its answers came.
        scores: of the protocol's pairs.
        e: embeddings of its images, of unit length; None if only scores were given.
        own: scores of the user's own pairs; NaN where there is none.
        wrong: why these have none.
        notes: what was odd about the file.
    """

    name: str
    input: str
    scores: Float[np.ndarray, " P"]
    e: Float[np.ndarray, "N E"] | None
    own: Float[np.ndarray, " O"]
    wrong: list[str]
    notes: list[str]


def conduct(
    given: Given, own: str | None, score_threshold: float | None, out: str, against: str | None, workers: int | None
) -> int:
    """Audit, write, print; 1 if twins pass more often than in the baseline. See `command.audit` for the arguments.

    Raises:
        InputError: as the parts; what can be refused is refused before anything is rendered.
    """
    listed = own_pairs.read(Path(own)) if own else None
    asker = _Asker(given)
    before = baseline.read(Path(against)) if against else None
    if given.export:
        refuse_other_folder(Path(given.export))
    files.refuse_unwritable(Path(given.export or out), folder=True)
    asked = rendered(workers)
    if before:
        baseline.refuse_other(before, asked.version)
    if given.export:
        print(export(asked, Path(given.export)))
        return 0
    began = time.perf_counter()
    found = asker.answers(asked, listed)
    refuse_reversed(asked.pairs["kind"].to_numpy(), found.scores, found.name)
    report = audited(asked, found.scores, found.e, found.name, tell=_tell)
    report |= {"input": found.input, "notes": found.notes, "own": None}
    if listed:
        report["own"] = own_pairs.judged(listed, found.own, found.wrong, score_threshold)
    verdict = baseline.worse(report, before) if before else []
    report["seconds"] = round(time.perf_counter() - began, 1)
    files.write_json(Path(out) / "audit.json", report)
    files.write_text(Path(out) / "audit.html", page(report))
    print(in_words(report))
    print(f"{out}/audit.html, {out}/audit.json")
    for text in verdict:
        print(f"worse: {text}")
    return WORSE if verdict else 0


def refuse_reversed(kind: np.ndarray, scores: Float[np.ndarray, " P"], name: str) -> None:
    """Refuse scores that are all equal, and distances, which are smaller for one person: rates would be reversed.

    Args:
        kind: of each pair.
        scores: of each.
        name: of what gave them.

    Raises:
        InputError: all pairs have one score, or strangers score higher than one person in most comparisons.
    """
    if np.ptp(scores) == 0:
        raise InputError(
            f"{name}: all {len(scores)} pairs score {scores[0]:g}. Find out what makes all pictures look the same."
        )
    used = (kind == "genuine") | (kind == "stranger")
    if auc(scores[used], (kind[used] == "genuine").astype(int)) < REVERSED:
        said = "strangers score higher than one person, as distances would"
        raise InputError(f"{name}: {said}. Give scores, higher = more alike.")


class _Asker:
    """The recogniser, read and checked."""

    def __init__(self, given: Given) -> None:
        self.given, self.preset = given, preset(given.input)
        self.network = OnnxFile(Path(given.onnx), self.preset) if given.onnx else None
        if self.network:
            self.network.refuse_unsteady()
        self.embeddings = Embeddings(Path(given.embeddings)) if given.embeddings else None
        self.scores = Scores(Path(given.scores)) if given.scores else None

    def answers(self, asked: Protocol, own: Own | None) -> Answers:
        nothing = np.zeros(0)
        if self.network:
            e = embedded_by_file(asked.images, self.preset, self.network.file)
            mine, wrong = own_pairs.by_photographs(own, self.preset, self.network) if own else (nothing, [])
            name = Path(str(self.given.onnx)).name
            return Answers(name, self.given.input, cosines(asked, e), e, mine, wrong, self.network.notes)
        names = asked.images["image"].to_numpy()
        if self.embeddings:
            e = self.embeddings.of(names.tolist())
            mine = own_pairs.by_values(own, self.embeddings) if own else nothing
            return Answers(Path(str(self.given.embeddings)).name, "embeddings", cosines(asked, e), e, mine, [], [])
        assert self.scores
        scores = self.scores.of(names[asked.pairs["a"]].tolist(), names[asked.pairs["b"]].tolist())
        mine = own_pairs.by_values(own, self.scores) if own else nothing
        return Answers(Path(str(self.given.scores)).name, "scores", scores, None, mine, [], [])


def in_words(report: dict) -> str:
    """The report in a few lines, the shift first."""
    shift = report["shift"]
    lines = [
        f"shift: rendered strangers score {shift['stranger']['mean']:.3f} on average, one person "
        f"{shift['genuine']['mean']:.3f}; thresholds of photographs do not hold here"
    ]
    for row in report["rates"]:
        parts = [f"FMR {row['fmr']:g} of strangers (score {row['threshold']:.4f})"]
        parts.append(f"FNMR {per_cent(row['genuine']['value'])}")
        for kind, name in (("alike", "look-alikes"), ("sibling", "siblings"), ("twin", "twins")):
            if kind in row:
                one = row[kind]
                ends = f"{per_cent(one['low'])} to {per_cent(one['high'])}"
                parts.append(f"FMR of {name} {per_cent(one['value'])} ({ends})")
        lines.append(", ".join(parts))
    return "\n".join([*lines, f"note: {report['note']}"])


def _tell(text: str) -> None:
    print(f"measuring: {text}", file=sys.stderr, flush=True)
