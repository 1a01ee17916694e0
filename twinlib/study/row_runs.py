"""The runs that a page shows: those of rows of the study, one a seed."""

from collections.abc import Mapping

from twinlib import config
from twinlib.errors import InputError
from twinlib.records.runs import Run
from twinlib.study.board import Board
from twinlib.study.rows import Row, read_rows
from twinlib.train.lookup import Records
from twinlib.train.run import run


def every_seed(names: Mapping[str, str], profile: str, device: str = "auto") -> dict[str, list[Run]]:
    """The runs that there are of some rows, one a seed; under smoke, the first seed, trained on the spot.

    Args:
        names: label → row of the study.
        profile: cpu: the records of the study, with the settings that its tuning chose. full: runs of the row's
            experiment with its own changes. smoke: the same, without the row's data sets, which smoke does not render.
        device: for training under smoke.

    Returns:
        Label → runs in the order of the seeds; an empty list for a row without any.

    Raises:
        InputError: a row is unknown.
    """
    rows = {row.name: row for row in read_rows()}
    if unknown := [name for name in names.values() if name not in rows]:
        raise InputError(f"{unknown[0]!r} is no row of the study; known: {', '.join(rows)}.")
    wanted = {label: rows[name] for label, name in names.items()}
    if profile == "smoke":
        return {label: [run(row.experiment, profile, device, 0, _without_sets(row))] for label, row in wanted.items()}
    if profile == "cpu":
        board = Board(list(dict.fromkeys(wanted.values()))).look()
        return {label: board.of(row) for label, row in wanted.items()}
    known = Records(profile)
    of = {
        label: [known.of(config.load(row.experiment, profile, row.overrides, seed)) for seed in row.seeds]
        for label, row in wanted.items()
    }
    return {label: [one for one in found if one is not None] for label, found in of.items()}


def every_row(profile: str) -> dict[str, list[Run]]:
    """Row of the study → its runs, of all rows that have one; under smoke nothing is trained for it.

    Args:
        profile: as in `every_seed`.
    """
    if profile != "smoke":
        found = every_seed({row.name: row.name for row in read_rows()}, profile)
        return {name: runs for name, runs in found.items() if runs}
    known = Records(profile)
    if not known.runs:
        return {}
    made = {row.name: known.of(config.load(row.experiment, profile, _without_sets(row), 0)) for row in read_rows()}
    return {name: [one] for name, one in made.items() if one is not None}


def _without_sets(row: Row) -> tuple[str, ...]:
    return tuple(text for text in row.overrides if not text.startswith(("data.", "evaluate.", "sampler.")))
