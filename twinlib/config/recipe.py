"""What a paper trains with beside what an experiment does: `experiments/recipes.csv`, a line a published value."""

import csv
from dataclasses import dataclass
from fnmatch import fnmatch

from twinlib import paths
from twinlib.config.experiment import Experiment

OTHER = "changed by this experiment, or by --set"


@dataclass(frozen=True)
class Line:
    """One setting.

    Attributes:
        setting: dotted key, as `--set` takes it.
        paper: the published value; "not given" where there is none.
        ours: the experiment's.
        why: why they differ; empty where they do not.
    """

    setting: str
    paper: str
    ours: str
    why: str


def recipe(experiment: Experiment) -> list[Line]:
    """The published values of an experiment, the paper's or its code's, beside its own; none where no paper is.

    Args:
        experiment: resolved, of any profile.
    """
    with (paths.package_dir() / "experiments/recipes.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if meant(row["experiments"], experiment.name)]
    lines = []
    for row in rows:
        ours = value_of(experiment, row["setting"])
        short = f"{ours:g}" if isinstance(ours, float) else str(ours)
        stated, _, why = row["why"].partition(": ")
        if row["paper"] in (short, str(ours)):
            why = ""
        elif stated not in (short, str(ours)):  # the reason is one for another value
            why = OTHER if experiment.profile == "full" else f"profile {experiment.profile}"
        lines.append(Line(row["setting"], row["paper"], short, why))
    return lines


def meant(patterns: str, name: str) -> bool:
    """Whether one of the patterns of a line of the recipes fits the name of an experiment."""
    return any(fnmatch(name, pattern) for pattern in patterns.split())


def plan(experiment: Experiment) -> str:
    """What a run would do: steps, batches, its start, and a table "paper, ours, why" where there is a paper."""
    train = experiment.train
    text = [
        f"{experiment.name}, profile {experiment.profile}: {train.steps:,} steps of {train.accumulate} x {train.batch} "
        f"images ({train.passes:,} in all), data set {experiment.data.name}, {experiment.data.size} px, "
        f"starts from {train.trunk or 'random weights'}"
    ]
    if lines := recipe(experiment):
        rows = [("setting", "paper", "ours", "why"), *((i.setting, i.paper, i.ours, i.why) for i in lines)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        text += ["", *("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows)]
    return "\n".join(text)


def value_of(experiment: Experiment, setting: str) -> object:
    """A setting by its dotted key; None where the experiment has no such part."""
    first, *rest = setting.split(".")
    found: object = experiment.names().get(first, getattr(experiment, first, None))
    for name in rest:
        found = found.get(name) if isinstance(found, dict) else getattr(found, name, None)
    return found
