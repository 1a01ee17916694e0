"""Whether a row is finished: fitted or at its plateau, run to the end, with all its seeds, the control at chance."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from twinlib.errors import InputError
from twinlib.records.runs import Run
from twinlib.version import TRAINING

FITTED = 0.9  # accuracy over all training images from which a row counts as having learned them
MOVED = 0.01  # twin AUC that twice the images may move, for a row that fits less to have had enough


def one_setting(runs: Sequence[Run]) -> list[Run]:
    """The runs of one row in rising order of the seed, refused unless they are that.

    Args:
        runs: one a seed; they may start from different trunks.

    Raises:
        InputError: no run, two of one seed, or runs of another configuration, data set or training code.
    """
    if not runs:
        raise InputError("there is no run of this row. Train it with `twinlib study`.")
    runs = sorted(runs, key=lambda run: run.record["seed"])
    for first, second in pairwise(runs):
        two = f"{first.folder.name} and {second.folder.name}"
        if first.record["seed"] == second.record["seed"]:
            raise InputError(f"{two} are two records of seed {first.record['seed']}. Leave one out.")
        for what, of in (
            ("configurations", _settings), ("data sets", lambda run: run.record["hashes"]["manifest"]),
            ("versions of the training code", lambda run: run.record["hashes"].get("training")),
        ):  # fmt: skip
            if of(first) != of(second):
                raise InputError(f"{two} are of different {what}. Compare them as two rows, or train one again.")
    return list(runs)


def starts(runs: Sequence[Run]) -> str:
    """What runs start from, in words: "2 pre-trained trunks", "one pre-trained trunk" or "random weights"."""
    trunks = {run.record["config"]["train"]["trunk"] for run in runs if run.record["init"] == "trunk"}
    if not trunks:
        return "random weights"
    return f"{len(trunks)} pre-trained trunks" if len(trunks) > 1 else "one pre-trained trunk"


def fit(runs: Sequence[Run]) -> float | None:
    """Mean accuracy over all training images; None where a record does not say."""
    told = [run.record["extra"].get("finished", {}).get("train_accuracy") for run in runs]
    return None if None in told or not told else float(np.mean(told))


def misses(runs: Sequence[Run], seeds: int = 5, twice: Run | None = None, tuned: bool = True) -> list[str]:
    """What a row lacks to be finished, in words; empty for a finished row.

    Args:
        runs: of the row, one a seed.
        seeds: how many it should have.
        twice: one of its seeds with twice the images.
        tuned: whether its settings were chosen by tuning.
    """
    if not runs:
        return ["not run"]
    said = [run.record["extra"].get("finished", {}) for run in runs]
    found = [f"{len(runs)} of {seeds} seeds"] if len(runs) < seeds else []
    if any(not one for one in said):
        return [*found, "pilot: its records do not say how it ended"]
    if any(run.record["hashes"].get("training") != TRAINING for run in runs):
        found.append("of other training code")
    if not all(one["ended"] for one in said):
        found.append("schedule cut off")
    found += _fit(runs, twice)
    found += _control(said)
    return found if tuned else [*found, "not tuned"]


def unfinished(rows: Mapping[str, Sequence[Run]]) -> dict[str, str]:
    """Label of each row that is not finished → what it lacks, for `Table.unfinished`.

    Args:
        rows: label → its runs; rows without runs, and pilots, which do not say how they ended, are left out.
    """
    said = {label: runs for label, runs in rows.items() if any("finished" in run.record["extra"] for run in runs)}
    return {label: "; ".join(lacks) for label, runs in said.items() if (lacks := misses(runs))}


def moved(runs: Sequence[Run], twice: Run) -> float:
    """By how much twice the images moved the twin AUC of the same seed; with its sign.

    Raises:
        InputError: no run of that seed.
    """
    seed = twice.record["seed"]
    once = [run for run in runs if run.record["seed"] == seed]
    if not once:
        raise InputError(f"{twice.folder.name}: no run of seed {seed} with half its images. Train that too.")
    return _twin_auc(twice) - _twin_auc(once[0])


def _fit(runs, twice):
    accuracy = fit(runs)
    if accuracy is not None and accuracy >= FITTED:
        return []
    told = "no class centres to fit" if accuracy is None else f"fits {accuracy:.2f} of its training images"
    if twice is None:
        return [f"{told}; not run for twice as long"]
    change = moved(runs, twice)
    return [] if abs(change) < MOVED else [f"{told}; twice the images move its twin AUC by {change:+.3f}"]


def _control(said):
    """Protocols of twins without any difference whose interval leaves out chance in most seeds; none is a miss too."""
    names = sorted({name for one in said for name in one["control"]})
    ends = {name: [one["control"][name][1:] for one in said if name in one["control"]] for name in names}
    away = [name for name, of in ends.items() if 2 * sum(not low <= 0.5 <= high for low, high in of) > len(of)]
    return [f"control {name} is not at chance" for name in away] if names else ["no control"]


def _settings(run):
    """The configuration but for seed and start, which differ within a row."""
    config = {name: value for name, value in run.record["config"].items() if name != "seed"}
    train = config.get("train")
    return config | {"train": {n: v for n, v in train.items() if n != "trunk"}} if isinstance(train, dict) else config


def _twin_auc(run):
    return float(run.metrics().set_index(["protocol", "metric"]).value["twin", "auc"])
