"""A set on disk: images, manifest, truth, description. Rendered in parallel, family by family, and resumable."""

import csv
import io
import json
import shutil
from collections import Counter
from functools import partial
from pathlib import Path

import numpy as np

from syntwins.extra import require_renderer
from syntwins.knobs import SPLITS, SetConfig, plain
from syntwins.mesh.shape import EXPRESSIONS, semantic_modes
from syntwins.sets.named import find_set
from syntwins.sets.plan import FamilyPlan, plan_families
from syntwins.sets.threads import one_thread
from twinlib.errors import InputError
from twinlib.files import hash_of, read_json, replacing, sha256, write_json, write_text
from twinlib.parts.jobs import done
from twinlib.paths import data_dir
from twinlib.progress import progress

GENERATOR_VERSION = 4  # raise it whenever the same configuration gives other pixels or other factors
SCHEMA = 1


def set_hash(config: SetConfig) -> str:
    """Hash of everything that decides a set's content: configuration and generator version."""
    return hash_of({"config": plain(config), "generator_version": GENERATOR_VERSION})


def synthesise(
    what: str | SetConfig,
    out: Path | None = None,
    workers: int | None = None,
) -> Path:
    """Render a data set, or return at once if it is there.

    Writes `images/`, `manifest.csv`, `truth.npz` and, last, `dataset.json` into `out`. Finished families survive an
    interruption; call again to go on. The result does not depend on the number of workers, nor on their machines.

    Args:
        what: name of a set (`SETS`) or a configuration.
        out: the set's folder; `build/data/<name>` if None. Earlier SynTwins content of another configuration is
            replaced; any other content is refused.
        workers: processes; all usable cores if None. Inside `parts.cluster.at` the workers of the cluster.

    Returns:
        The folder.

    Raises:
        InputError: for an unknown name, bad `workers`, a folder that holds something else, missing numba or OpenCV,
            or a process that died.
    """
    config = find_set(what) if isinstance(what, str) else what
    folder = Path(out) if out is not None else data_dir() / config.name
    if workers is not None and workers < 1:
        raise InputError(f"workers must be at least 1; found {workers}.")
    if is_finished(config, folder):
        return folder
    require_renderer()
    plans = plan_families(config)
    if not plans:
        raise InputError(f"the set {config.name!r} has no family. Raise a count in train, validation or test.")
    parts = _prepare_folder(config, folder)
    todo = [plan for plan in plans if not _part(parts, plan).exists()]
    try:
        rendered = done(partial(_render_one, config, folder.absolute(), parts.absolute()), todo, workers)
        for _ in progress(rendered, len(todo), f"rendering {config.name}", "family"):
            pass
        _assemble(config, folder, parts, plans)
    except FileNotFoundError:
        if not is_finished(config, folder):  # else another process has joined the parts and removed them
            raise
    return folder


def is_finished(config: SetConfig, folder: Path) -> bool:
    """Whether `folder` holds exactly this set, with the manifest it was finished with."""
    description, manifest = folder / "dataset.json", folder / "manifest.csv"
    if not (description.is_file() and manifest.is_file() and (folder / "truth.npz").is_file()):
        return False
    found = read_json(description)
    return (
        isinstance(found, dict)
        and found.get("config_hash") == set_hash(config)
        and found.get("manifest_sha256") == sha256(manifest)
    )


def _part(parts: Path, plan: FamilyPlan) -> Path:
    return parts / f"{plan.name}.npz"


def _prepare_folder(config: SetConfig, folder: Path) -> Path:
    """Make the folder ready: keep finished families of this configuration, drop what another one left."""
    parts = folder / f"parts-{set_hash(config)[:12]}"
    if parts.is_dir():
        return parts
    old = sorted(folder.glob("parts-*"))
    content = [path for path in folder.iterdir() if not path.name.startswith(".")] if folder.is_dir() else []
    ours = old or (
        (folder / "dataset.json").is_file() and read_json(folder / "dataset.json").get("generator") == "syntwins"
    )
    if content and not ours:
        raise InputError(f"{folder} holds something else ({content[0].name}). Choose an empty folder for the set.")
    for name in ("dataset.json", "manifest.csv", "truth.npz"):
        (folder / name).unlink(missing_ok=True)
    for leftover in (*old, folder / "images"):
        shutil.rmtree(leftover, ignore_errors=True)
    parts.mkdir(parents=True, exist_ok=True)
    return parts


def _render_one(config: SetConfig, folder: Path, parts: Path, plan: FamilyPlan) -> int:
    from syntwins.sets.family import render_family  # brings numba and OpenCV

    with one_thread():
        return render_family(config, folder, _part(parts, plan), plan)


def _assemble(config: SetConfig, folder: Path, parts: Path, plans: list[FamilyPlan]) -> None:
    """Join the parts in the order of the plan, describe the set, remove the parts."""
    from syntwins.sets.family import COLUMNS

    rows: list[list[str]] = []
    arrays: dict[str, list[np.ndarray]] = {}
    for plan in plans:
        with np.load(_part(parts, plan)) as part:
            rows += json.loads(str(part["rows"]))
            for key in part.files:
                if key != "rows":
                    arrays.setdefault(key, []).append(part[key])
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    write_text(folder / "manifest.csv", text.getvalue())
    with replacing(folder / "truth.npz") as temporary:
        np.savez(temporary, **_truth(rows, {key: np.concatenate(value) for key, value in arrays.items()}))
    write_json(folder / "dataset.json", _description(config, rows, sha256(folder / "manifest.csv")))
    shutil.rmtree(parts, ignore_errors=True)  # another process may be at them


def _truth(rows: list[list[str]], arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Arrays of `truth.npz`: per image, per subject, per mark, and per mark in an image.

    `mark_subject` and `seen_image`/`seen_mark` are row numbers in `subject`, `image` and the marks.
    """
    truth = {key.split("/")[1]: value for key, value in arrays.items()}
    truth["image"] = np.array([row[0] for row in rows])
    names = list(dict.fromkeys(row[2] for row in rows))
    counts = truth.pop("marks")
    place = {name: i for i, name in enumerate(names)}
    subject_of_image = np.array([place[row[2]] for row in rows])
    start = np.concatenate([[0], np.cumsum(counts)])
    truth["subject"] = np.array(names)
    truth["mark_subject"] = np.repeat(np.arange(len(names)), counts).astype(np.int32)
    truth["seen_image"] = np.repeat(np.arange(len(rows)), counts[subject_of_image]).astype(np.int32)
    truth["seen_mark"] = np.concatenate([np.arange(start[s], start[s + 1]) for s in subject_of_image]).astype(np.int32)
    truth["seen_xy"], truth["seen_visible"] = truth.pop("mark_xy"), truth.pop("mark_visible")
    truth["expression_names"], truth["semantic_names"] = np.array(EXPRESSIONS), np.array(list(semantic_modes()))
    truth["mark_kind_names"] = np.array(["mole", "freckle", "scar"])
    return truth


def _description(config: SetConfig, rows: list[list[str]], manifest_sha256: str) -> dict[str, object]:
    """Content of `dataset.json`."""
    return {
        "schema": SCHEMA,
        "name": config.name,
        "generator": "syntwins",
        "generator_version": GENERATOR_VERSION,
        "seed": config.seed,
        "config": plain(config),
        "config_hash": set_hash(config),
        "counts": {
            split: {
                "families": dict(
                    sorted(Counter(r for _, r in {(row[3], row[5]) for row in rows if row[4] == split}).items())
                ),
                "subjects": len({row[2] for row in rows if row[4] == split}),
                "images": sum(row[4] == split for row in rows),
            }
            for split in SPLITS
        },
        "manifest_sha256": manifest_sha256,
        "note": "Rendered faces; no real person. Results on them say nothing about accuracy on real twins.",
    }
