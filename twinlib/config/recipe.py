"""What a paper trains with beside what an experiment does: `experiments/recipes.csv`, a line a published value."""

import csv
from dataclasses import dataclass

import yaml

from twinlib import paths
from twinlib.config.experiment import Experiment


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
    """The published values of an experiment, and of the one that it changes, beside its own; none where no paper is.

    Args:
        experiment: resolved, of any profile.
    """
    folder = paths.package_dir() / "experiments"
    own = folder / f"{experiment.name}.yaml"
    base = yaml.safe_load(own.read_text(encoding="utf-8")).get("base") if own.is_file() else None
    with (folder / "recipes.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["experiment"] in (experiment.name, base)]
    lines = []
    for row in rows:
        ours = value_of(experiment, row["setting"])
        short = f"{ours:g}" if isinstance(ours, float) else str(ours)
        why = row["why"].partition(": ")[2] or f"profile {experiment.profile}"
        lines.append(Line(row["setting"], row["paper"], str(ours), "" if row["paper"] in (short, str(ours)) else why))
    return lines


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
