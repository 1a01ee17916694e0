"""What `twinlib study --status` and `--dry` print."""

import time
from collections.abc import Sequence

import pandas as pd

from twinlib.study.board import Board, Job
from twinlib.train.locks import holder


def summary(board: Board, processes: int = 1) -> str:
    """A line a part, then what runs, what is refused, and which trained rows are not finished.

    Args:
        board: what there is, as `Board.look` found it.
        processes: cores that the hours left are shared by.
    """
    states = {job: board.state(job) for job in board.jobs}
    lines = []
    for part in dict.fromkeys(row.part for row in board.rows):
        mine = [job for job in board.jobs if job.row.part == part]
        count = {
            state: sum(states[job] == state for job in mine) for state in ("done", "running", "missing", "refused")
        }
        spent = sum(
            run.record["wall_s"]
            for run in {board.runs[j].folder: board.runs[j] for j in mine if j in board.runs}.values()
        )
        left = sum(board.seconds(job) for job in _wanted(board, mine))
        title = f"{part} {next(row.title for row in board.rows if row.part == part)}"
        rows = {row.name for row in board.rows if row.part == part}
        finished = sum(not board.misses(row) for row in board.rows if row.part == part)
        lines.append({"part": title, "rows": len(rows), "finished": finished, **count,
                      "hours spent": f"{spent / 3600:.1f}", "hours left": f"{left / 3600:.1f}"})  # fmt: skip
    left = sum(board.seconds(job) for job in _wanted(board, board.jobs))
    told = [
        pd.DataFrame(lines).to_string(index=False),
        f"left: {hours(left)} of one core, {hours(left / processes)} on {processes}",
    ]
    told += [f"running: {job} {_who(job)}" for job in board.jobs if states[job] == "running"]
    reasons = dict.fromkeys(board.refused[job] for job in board.jobs if states[job] == "refused")
    told += [
        f"refused: {_some([job for job in board.jobs if board.refused.get(job) == why])}: {why}" for why in reasons
    ]
    for row in board.rows:
        if board.of(row) and (lacks := board.misses(row)):
            told.append(f"not finished: {row.name}: {'; '.join(lacks)}")
    return "\n".join(told)


def plan(board: Board, processes: int) -> str:
    """What would be trained, in order, with the hours it should take."""
    jobs = todo(board, board.jobs, ("missing",))
    total = sum(board.seconds(job) for job in jobs)
    lines = [
        f"{number:4} part {job.row.part}  {job}  {hours(board.seconds(job))}" for number, job in enumerate(jobs, 1)
    ]
    return "\n".join(
        [*lines, f"{len(jobs)} runs, {hours(total)} of one core, {hours(total / processes)} on {processes}"]
    )


def todo(board: Board, jobs: Sequence[Job], states: tuple[str, ...]) -> list[Job]:
    """Jobs in one of some states; two rows that are one run count once."""
    found = {job.claim: job for job in reversed(jobs) if board.state(job) in states}
    return [job for job in jobs if found.get(job.claim) == job]


def hours(seconds: float | int) -> str:
    """A length of time for a reader: minutes below two hours."""
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _wanted(board: Board, jobs: Sequence[Job]) -> list[Job]:
    """Jobs that are still to be done or being done, those that wait for their trunk too."""
    found = todo(board, jobs, ("running", "missing", "refused"))
    return [job for job in found if job.blocked or job not in board.refused]


def _some(jobs: Sequence[Job]) -> str:
    return str(jobs[0]) + (f" and {len(jobs) - 1} more" if len(jobs) > 1 else "")


def _who(job: Job) -> str:
    said = holder(job.claim) or {}
    since = said.get("since")
    told = "" if since is None else f" for {hours(time.time() - float(str(since)))}"
    return f"(process {said.get('pid', '?')} on {said.get('host', '?')}{told})"
