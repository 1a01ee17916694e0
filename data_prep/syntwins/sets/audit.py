"""What a rendered set holds, and whether anything in it is there twice or leaks between splits."""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from syntwins.knobs import parse_config
from syntwins.sets.cues import cue_sizes
from syntwins.sets.dataset import GENERATOR_VERSION
from twinlib import files
from twinlib.data import audit
from twinlib.data.manifest import SPLITS, Manifest, read_manifest
from twinlib.errors import InputError

NONE = 1e-6  # what is smaller counts as absent
EDGES: dict[str, tuple[float | int, ...]] = {
    "yaw": (-75, -60, -45, -30, -15, 0, 15, 30, 45, 60, 75),
    "pitch": (-45, -15, -10, -5, 0, 5, 10, 15, 45),
    "roll": (-90, -15, -10, -5, 0, 5, 10, 15, 90),
    "light_azimuth": (-90, -60, -30, 0, 30, 60, 90),
    "light_elevation": (-30, 0, 20, 40, 80),
    "age_gap": (0, NONE, 3, 6, 9, 12),
    "occluded": (0, NONE, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6),
    "blur": (0, 0.2, 0.4, 0.8, 1.6, 12),
    "noise": (0, 0.005, 0.01, 0.015, 0.2),
    "jpeg": (10, 70, 80, 90, 100),
}
"""Bins of the histograms; the last one includes its upper edge. No age gap and no cover have a bin of their own."""

GROUPS = ("sex", "tone_bin", "age_bin")


@dataclass(frozen=True)
class SetAudit:
    """Tables about one set.

    Attributes:
        name: the set.
        tables: counts, balance, factors, duplicates, cues (only where the set has identical twins).
        problems: what must not be; empty if the set is sound.
    """

    name: str
    tables: dict[str, pd.DataFrame]
    problems: list[str]

    def __str__(self) -> str:
        parts = [f"{title}\n{table.round(3).to_string(index=False)}" for title, table in self.tables.items()]
        verdict = "sound" if not self.problems else "NOT SOUND: " + "; ".join(self.problems)
        return "\n\n".join([*parts, f"{self.name}: {verdict}"])

    def plain(self) -> dict[str, object]:
        """The same as JSON-able data, rows as objects."""
        tables = {title: table.to_dict("records") for title, table in self.tables.items()}
        return {"name": self.name, "problems": self.problems, "tables": tables}


def audit_set(root: Path) -> SetAudit:
    """Audit a rendered set: counts, balance of people, factors, duplicates and leakage, sizes of the cues.

    Args:
        root: its folder; every image file is read once.

    Raises:
        InputError: if the folder holds no SynTwins set, or its manifest is refused.
    """
    if not (root / "dataset.json").is_file():
        raise InputError(f"{root} holds no rendered set. Make one with `twinlib synth {root.name}`.")
    described, manifest = files.read_json(root / "dataset.json"), read_manifest(root)
    if not isinstance(described, dict) or described.get("generator") != "syntwins":
        raise InputError(f"{root / 'dataset.json'} does not describe a SynTwins set; only those can be audited here.")
    if (version := described.get("generator_version")) != GENERATOR_VERSION:
        raise InputError(
            f"{root} was rendered by generator {version}, this is {GENERATOR_VERSION}. "
            f"Render it again with `twinlib synth {described['name']}`."
        )
    config = parse_config(described["config"])
    tables = {"counts": audit.counts(manifest), "balance": balance(manifest), "factors": factor_counts(manifest)}
    tables["duplicates"] = duplicates(manifest)
    if "mz" in set(manifest.images["relation"]) and config.members > 1:
        tables["cues"] = cue_sizes(config)
    found = tables["duplicates"]
    wrong = found[found["found"] > found["allowed"]]
    problems = [f"{row.found} × {row.what}" for row in wrong.itertuples()]
    if described.get("manifest_sha256") != files.sha256(root / "manifest.csv"):
        problems.append("manifest.csv is not the file that dataset.json records")
    return SetAudit(config.name, tables, problems)


def balance(manifest: Manifest) -> pd.DataFrame:
    """Families per split and bin of sex, skin tone and age of the family's first member.

    Returns:
        Columns group, bin, then a column a split that the set has.
    """
    people = manifest.images.drop_duplicates("family")
    rows = []
    for group in GROUPS:
        counted = people.groupby([group, "split"]).size().unstack(fill_value=0)
        rows += [{"group": group, "bin": name, **row} for name, row in counted.to_dict("index").items()]
    splits = [split for split in SPLITS if (people["split"] == split).any()]
    return pd.DataFrame(rows)[["group", "bin", *splits]]


def factor_counts(manifest: Manifest) -> pd.DataFrame:
    """Images per split and bin of every factor; kinds of occluder and expression are bins of their own.

    Returns:
        Columns factor, bin, then a column a split that the set has.
    """
    images, tables = manifest.images, []
    for factor in (*EDGES, "occluder", "expression"):
        values = images[factor]
        if factor in EDGES:
            edges = EDGES[factor]
            labels = [_label(a, b) for a, b in pairwise(edges)]
            values = pd.cut(values, [*edges[:-1], np.nextafter(edges[-1], np.inf)], labels=labels, right=False)
        counted = pd.crosstab(values, images["split"], dropna=False)
        tables.append(counted.rename_axis("bin").reset_index().astype({"bin": str}).assign(factor=factor))
    splits = [split for split in SPLITS if (images["split"] == split).any()]
    return pd.concat(tables, ignore_index=True)[["factor", "bin", *splits]]


def _label(low: float | int, high: float | int) -> str:
    return "none" if high == NONE else f"{0 if low == NONE else low:g} to {high:g}"


def duplicates(manifest: Manifest) -> pd.DataFrame:
    """Everything that must be there once, counted: images by their bytes, faces by their true shape.

    Returns:
        Columns what, found, allowed.
    """
    shared = audit.split_audit(manifest).set_index("what")["shared"]
    hashes = pd.Series([files.sha256(manifest.root / path) for path in manifest.images["path"]])
    with np.load(manifest.root / "truth.npz") as truth:
        faces = [a.tobytes() + b.tobytes() for a, b in zip(truth["semantic"], truth["asymmetry"], strict=True)]
        family = [str(subject).rsplit("-", 1)[0] for subject in truth["subject"]]
    homes = pd.DataFrame({"face": faces, "family": family}).groupby("face")["family"].nunique()
    rows = [(f"{name} in two splits", int(count), 0) for name, count in shared.items()]
    rows += [("image file that repeats another", int(hashes.duplicated().sum()), 0)]
    rows += [("face shape in two families", int((homes > 1).sum()), 0)]
    return pd.DataFrame(rows, columns=["what", "found", "allowed"])
