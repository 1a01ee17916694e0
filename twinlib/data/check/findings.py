"""What a person should know or mend about a data set: each finding with how often, examples and a remedy."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from twinlib.data.check.facts import conflicts, limits_said, verdicts
from twinlib.data.check.inventory import Inventory
from twinlib.faces.photos import UNREADABLE

EXAMPLES = 10  # of a finding; images.csv holds all
QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)


@dataclass(frozen=True)
class Finding:
    """One thing that was noticed.

    Attributes:
        what: in a few words, without a name of anybody.
        severity: error (results would be wrong), warning (look at it) or note.
        count: how often.
        remedy: what to do.
        examples: some of those concerned.
    """

    what: str
    severity: str
    count: int
    remedy: str
    examples: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self) | {"examples": list(self.examples)}


def file_findings(inventory: Inventory, facts: dict[str, np.ndarray]) -> list[Finding]:
    """Unreadable files, files that are read in an unusual way, pictures of poor quality."""
    names, bad = inventory.table["image"].to_numpy(), ~facts["readable"]
    remedy = "Mend or remove them; they are left out of everything, the others are used."
    severity = "error" if bad.sum() > UNREADABLE * len(bad) else "warning"
    found = [finding("unreadable or missing files", severity, facts["reason"][bad], remedy)]
    for odd in sorted({part for text in np.unique(facts["odd"]) for part in str(text).split("; ") if part}):
        hit = np.array([odd in str(text).split("; ") for text in facts["odd"]], bool)
        found.append(finding(f"pictures that are {odd}", "note", names[hit], "Nothing to do: they are converted."))
    said = limits_said()
    for name, hit in verdicts(facts).items():
        found.append(finding(f"{name} pictures ({said[name]})", "warning", names[hit], "Look at them."))
    return [one for one in found if one.count]


def people_findings(inventory: Inventory, readable: np.ndarray) -> list[Finding]:
    """Subjects with nothing or too little to compare, families that are more than twins, notes of the reader."""
    table = inventory.table[readable & (inventory.table["subject"] != "").to_numpy()]
    images, everyone = table.groupby("subject").size(), set(inventory.table["subject"]) - {""}
    sizes = table.groupby("family")["subject"].nunique()
    loose = inventory.table["image"][inventory.table["subject"] == ""]
    triplets = [f"{family} ({n} people)" for family, n in sizes.items() if n > 2]
    found = [
        finding("images of nobody", "warning", loose, "Put each into a folder named after the person."),
        finding("people without a readable image", "warning", sorted(everyone - set(images.index)), "Add images."),
        finding(
            "people with one image", "warning", images.index[images == 1], "They give no genuine pair. Add images."
        ),
        finding("families of more than two people", "note", triplets, "Fine for triplets; check that it is no error."),
    ]
    # Notes name people; examples are what a page of a private set leaves out. All are kept: each is one of its kind.
    found.append(Finding("notes on the list", "note", len(inventory.notes), "Check the list.", inventory.notes))
    return [one for one in found if one.count]


def duplicate_findings(inventory: Inventory, exact: list[np.ndarray], near: list[np.ndarray]) -> list[Finding]:
    """Pictures that occur twice: harmless under one name, wrong under two, a leak in two splits."""
    table = inventory.table
    names = table["image"].to_numpy()
    known = {tuple(group) for group in exact}
    only_near = [group for group in near if tuple(group) not in known]
    shown = {
        "one file under two people": ("error", conflicts(exact, table, "subject")),
        "one file in two splits": ("error", conflicts(exact, table, "split")),
        "nearly the same picture under two people": ("warning", conflicts(only_near, table, "subject")),
        "nearly the same picture in two splits": ("error", conflicts(only_near, table, "split")),
        "files that occur twice": ("warning", exact),
        "nearly the same picture twice": ("warning", only_near),
    }
    remedy = {"error": "Keep one of each group.", "warning": "Look at them and keep one of each group."}
    return [
        finding(what, severity, [" = ".join(names[group[:4]]) for group in groups], remedy[severity])
        for what, (severity, groups) in shown.items()
        if groups
    ]


def images_table(
    inventory: Inventory, facts: dict[str, np.ndarray], exact: list[np.ndarray], near: list[np.ndarray]
) -> pd.DataFrame:
    """A row for each image: who, what was measured, which findings, and the number of its group of equal pictures."""
    plain = [name for name in facts if name != "fingerprint"]
    table = inventory.table.assign(**{name: facts[name] for name in plain}, **verdicts(facts)).reset_index(drop=True)
    for name, groups in (("same_file", exact), ("same_picture", near)):
        number = np.full(len(table), -1)
        for i, group in enumerate(groups):
            number[group] = i
        table[name] = pd.Series(number).where(number >= 0).astype("Int64")
    return table


def finding(what: str, severity: str, concerned: Iterable[object], remedy: str) -> Finding:
    """A finding about each of `concerned`."""
    names = [str(name) for name in concerned]
    return Finding(what, severity, len(names), remedy, tuple(names[:EXAMPLES]))


def quantiles(values: np.ndarray) -> dict[str, float]:
    """Quantiles of the finite values, 0 (least) to 1 (largest), to four digits; empty if there are none."""
    values = values[np.isfinite(values)]
    if not len(values):
        return {}
    return {f"{q:g}": float(f"{v:.4g}") for q, v in zip(QUANTILES, np.quantile(values, QUANTILES), strict=True)}
