"""All checks of one source together: numbers, findings and a table of images, for a person and for a machine."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from twinlib import files
from twinlib.data.check import findings
from twinlib.data.check.detector import Alignment, alignment
from twinlib.data.check.facts import exact_groups, near_groups
from twinlib.data.check.findings import Finding, quantiles
from twinlib.data.check.inventory import Inventory, check_out, facts_of, take
from twinlib.faces.faceparts import Five
from twinlib.faces.find import default_out
from twinlib.version import __version__

MEASURED = ("width", "height", "bytes", "sharpness", "brightness", "contrast")


@dataclass(frozen=True)
class Report:
    """What is known about a source.

    Attributes:
        out: folder the files are in.
        numbers: everything counted and measured, as JSON.
        found: what to know or to mend, errors first.
        images: a row for each image.
        alignment: what the face detector found; None if it was not run.
    """

    out: Path
    numbers: dict[str, Any]
    found: tuple[Finding, ...]
    images: pd.DataFrame
    alignment: Alignment | None

    @property
    def errors(self) -> list[Finding]:
        """Findings that would make results wrong."""
        return [finding for finding in self.found if finding.severity == "error"]

    def as_json(self) -> str:
        """Numbers and findings as one JSON text."""
        value = self.numbers | {"findings": [finding.as_dict() for finding in self.found]}
        return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)


def check(
    source: Path,
    pairs: Path | None = None,
    faces: bool = False,
    out: Path | None = None,
    workers: int | None = None,
    points: Five | None = None,
    follow_links: bool = False,
) -> Report:
    """Look at a data set, a folder or a zip; write `images.csv`, `report.json` and what saves work the next time.

    Args:
        source: see `take`.
        pairs: see `take`.
        faces: ask the face detector, too (or use what it has said before).
        out: folder to write into; by default `check/` in a data set, else under `build/data/`.
        workers: processes; by default one a processor core, and one for few images.
        points: five given points an image, see `read_points`.
        follow_links: see `list_photos`.

    Raises:
        InputError: see `take`. Bad photographs are findings.
    """
    inventory = take(source, pairs, follow_links)
    out = out or check_out(source)
    facts = facts_of(inventory.photos, out, workers)
    exact = exact_groups(facts["sha256"], facts["readable"])
    near = near_groups(facts["fingerprint"], facts["readable"])
    kept = default_out(source) if out == check_out(source) else out / "aligned"
    aligned = alignment(inventory, source, kept, workers, points) if faces else None
    found = findings.duplicate_findings(inventory, exact, near)
    found += findings.file_findings(inventory, facts) + findings.people_findings(inventory, facts["readable"])
    found += aligned.findings(inventory.table["image"].to_numpy()) if aligned else []
    order = {"error": 0, "warning": 1, "note": 2}
    table = findings.images_table(inventory, facts, exact, near)
    table = pd.concat([table, aligned.table], axis=1) if aligned else table
    numbers = _numbers(inventory, facts, exact, near) | {"faces": aligned.numbers() if aligned else None}
    report = Report(out, numbers, tuple(sorted(found, key=lambda one: order[one.severity])), table, aligned)
    files.write_text(out / "images.csv", table.to_csv(index=False, lineterminator="\n"))
    files.write_text(out / "report.json", report.as_json() + "\n")
    return report


def _numbers(inventory: Inventory, facts: dict[str, np.ndarray], exact: list, near: list) -> dict[str, Any]:
    table, ok = inventory.table, facts["readable"]
    per_subject = table[ok & (table["subject"] != "").to_numpy()].groupby("subject").size()
    return {
        "schema": 1,
        "twinlib": __version__,
        "source": inventory.photos.source.name,
        "form": inventory.form,
        "images": len(table),
        "readable": int(ok.sum()),
        "subjects": int(table["subject"].replace("", np.nan).nunique()),
        "families": int(table["family"].replace("", np.nan).nunique()),
        "images_by_split": _count(table["split"]),
        "families_by_relation": _count(table.drop_duplicates("family")["relation"]),
        "images_per_subject": quantiles(per_subject.to_numpy()),
        "exact_duplicates": {"groups": len(exact), "surplus_images": sum(len(group) - 1 for group in exact)},
        "near_duplicates": {"groups": len(near), "surplus_images": sum(len(group) - 1 for group in near)},
        "measured": {name: quantiles(facts[name][ok]) for name in MEASURED},
    }


def _count(values: pd.Series) -> dict[str, int]:
    return {str(name): int(n) for name, n in values[values != ""].value_counts(sort=False).items()}
