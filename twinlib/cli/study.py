"""`twinlib study`: trains the missing rows of the study's table, or prints its status."""

import sys
from pathlib import Path

from twinlib.ranges import Seed, Whole


def study(
    part: str = "",
    row: str = "",
    seed: Seed | None = None,
    processes: Whole | None = None,
    status: bool = False,
    dry: bool = False,
    tune: bool = False,
    twice: bool = False,
    rows: str = "",
) -> int:
    """Train every missing run of the study, one process per core; it can be stopped and restarted at any time.

    Args:
        part: only these parts of the table, separated by commas.
        row: only these rows, separated by commas.
        seed: only this seed.
        processes: how many at a time; 0 runs them one by one in this process; one per core if not given.
        status: only print what is done, running, missing and refused, with its hours.
        dry: only list what would be run.
        tune: choose the rows' settings instead, with a quarter of the budget and on validation families only.
        twice: with processes 0, the runs with twice the images.
        rows: a table of rows; the report's own if not given.
    """
    from twinlib.parts.jobs import on_cluster, usable_cores
    from twinlib.study import queue
    from twinlib.study.board import Board
    from twinlib.study.rows import chosen, read_rows, rows_file
    from twinlib.study.status import plan, summary
    from twinlib.study.work import run_here, tasks, tune_here, tuning_tasks

    file = Path(rows) if rows else rows_file()
    table = chosen(read_rows(file), part, row, seed)
    given = ["--rows", str(file.absolute())] if rows else []
    if processes == 0:
        return tune_here(table, file) if tune else run_here(table, twice)
    count = usable_cores() if processes is None else processes
    board = Board(table)
    if status or dry:
        print((plan if dry else summary)(board.look(), count))
        return 0
    missing = (lambda: tuning_tasks(table, file, given)) if tune else (lambda: tasks(board, given))
    if on_cluster():
        queue.work_on_cluster(missing(), _say)
    else:
        queue.work(missing, count, _say)
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
