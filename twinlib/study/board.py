"""What is done of the study: every row and seed with its record, and what is running, missing or refused."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from twinlib.config import Experiment
from twinlib.errors import InputError
from twinlib.records.finished import FITTED, fit, misses
from twinlib.records.runs import Run
from twinlib.study.rows import Row
from twinlib.train.locks import holder
from twinlib.train.lookup import Records, claim_of

GUESS = 11.5 * 60 / 48_000  # seconds an image of training, as measured for the plain ViT; only until a record tells


@dataclass(frozen=True)
class Job:
    """A row and a seed.

    Attributes:
        row: of the table.
        seed: one of its seeds.
        twice: with twice the images, to see whether the row had enough.
        experiment: what is trained.
        claim: what it is claimed by.
        blocked: why it cannot be trained now, e.g. for want of its trunk; empty if it can.
    """

    row: Row
    seed: int
    twice: bool
    experiment: Experiment = field(compare=False)
    claim: str = field(compare=False)
    blocked: str = field(compare=False, default="")

    def __str__(self) -> str:
        return f"{self.row.name} seed {self.seed}" + (" (twice the images)" if self.twice else "")


State = Literal["done", "running", "missing", "refused"]


@dataclass
class Board:
    """Every job of some rows in the order in which they are taken, and how it stands.

    Attributes:
        rows: the rows, in the order of their parts.
        runs: job → its record.
        refused: job → why its record does not count, or why there can be none.
    """

    rows: Sequence[Row]
    runs: dict[Job, Run] = field(default_factory=dict)
    refused: dict[Job, str] = field(default_factory=dict)

    @cached_property
    def jobs(self) -> list[Job]:
        """Part by part; within a part the first seed of every row, then the second; then the doubled runs."""
        parts = list(dict.fromkeys(row.part for row in self.rows))
        order = [(parts.index(row.part), seed, at) for at, row in enumerate(self.rows) for seed in row.seeds]
        return [job_of(self.rows[at], seed) for _, seed, at in sorted(order)]

    def look(self) -> "Board":
        """Read the records; the board itself, with a doubled run for each row that is trained and did not fit."""
        records = {profile: Records(profile) for profile in dict.fromkeys(row.profile for row in self.rows)}
        self.runs, self.refused = {}, {}
        self.jobs[:] = [job for job in self.jobs if not job.twice]
        self._find(self.jobs, records)
        doubled = [job_of(row, row.seeds[0], twice=True) for row in self.rows if self._wants_twice(row)]
        self._find(doubled, records)
        for job in doubled:
            last = max(at for at, other in enumerate(self.jobs) if other.row.part == job.row.part)
            self.jobs.insert(last + 1, job)
        return self

    def state(self, job: Job) -> State:
        """How a job stands now."""
        if job in self.runs:
            return "done"
        if job in self.refused:
            return "refused"
        return "running" if holder(job.claim) is not None else "missing"

    def of(self, row: Row) -> list[Run]:
        """The records of a row, one a seed."""
        return [run for job, run in self.runs.items() if job.row == row and not job.twice]

    def misses(self, row: Row) -> list[str]:
        """What a row lacks to be finished."""
        twice = next((run for job, run in self.runs.items() if job.row == row and job.twice), None)
        return misses(self.of(row), len(row.seeds), twice, row.tuned is not None)

    def seconds(self, job: Job) -> float:
        """Seconds of one core that a job should take: as its row took, else its part, else all, else a guess."""
        done = [(other, run) for other, run in self.runs.items() if run.record["config"]["train"].get("passes")]
        for same in (
            [run for other, run in done if other.row == job.row],
            [run for other, run in done if other.row.part == job.row.part],
            [run for _, run in done],
        ):
            if same:
                spent = sum(run.record["wall_s"] for run in same)
                return (
                    job.experiment.train.passes * spent / sum(run.record["config"]["train"]["passes"] for run in same)
                )
        return job.experiment.train.passes * GUESS

    def _find(self, jobs: Sequence[Job], records: dict[str, Records]) -> None:
        for job in jobs:
            if job.blocked:
                self.refused[job] = job.blocked
                continue
            try:
                run = records[job.row.profile].of(job.experiment)
            except InputError as error:
                self.refused[job] = str(error)
                continue
            if run is not None and run.record["hashes"].get("training") is None:
                self.refused[job] = f"{run.folder.name} is a pilot: it does not say what code trained it. Move it away."
            elif run is not None:
                self.runs[job] = run

    def _wants_twice(self, row: Row) -> bool:
        runs = self.of(row)
        return len(runs) == len(row.seeds) and ((accuracy := fit(runs)) is None or accuracy < FITTED)


def job_of(row: Row, seed: int, twice: bool = False) -> Job:
    """A row and a seed, resolved."""
    experiment = row.of(seed, twice)
    try:
        return Job(row, seed, twice, experiment, claim_of(experiment))
    except InputError as error:
        return Job(row, seed, twice, experiment, f"blocked-{row.name}-{seed}", str(error))
