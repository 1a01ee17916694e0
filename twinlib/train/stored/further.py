"""A trained run scored on another data set, with its own weights: its record grows, or there is one beside it."""

import pandas as pd

from twinlib import paths
from twinlib.data.manifest import dataset_root, read_manifest
from twinlib.data.rendered import prepare
from twinlib.environment import commit
from twinlib.errors import InputError
from twinlib.records.comparison import measure
from twinlib.records.runs import Run, read_run, write_run
from twinlib.train.run import resolve_device
from twinlib.train.scoring import Scored, pair_lists, score, scored_rows, twins_of
from twinlib.train.stored.trained import trained_model


def score_further(run: Run, name: str, device: str = "auto") -> Run:
    """Score the twins of a further set with the weights that a record was made with, and write them into the record.

    Thresholds of a set without validation families come from the validation twins of the run's own set. Settings,
    hashes and what was scored before stay; `extra.further` says of which commit the new scores are.

    Args:
        run: a record; unchanged if it has the protocol `twin@name` already.
        name: of a data set; rendered first if it is one of ours and not there.
        device: auto, cpu or cuda.

    Returns:
        The record, with the protocol `twin@name`.

    Raises:
        InputError: the weights are not on this machine, the training set differs from the record's or is not here, or
            the further set tests a family of the training.
    """
    from twinlib.models.features import embed

    protocol, settings = f"twin@{name}", run.record["config"]
    if protocol in run.protocols():
        return run
    if (model := trained_model(run)) is None:
        raise InputError(
            f"{run.folder.name}: its weights are not on this machine. Train it again with `twinlib run "
            f"{run.record['name']} --profile {run.record['profile']} --seed {run.record['seed']}`."
        )
    own = read_manifest(dataset_root(settings["data"]["name"]))
    if own.sha256 != run.record["hashes"]["manifest"]:
        raise InputError(f"{run.folder.name} was trained on another content of {own.root.name!r} than lies here.")
    scored = twins_of(name, settings["data"]["size"], settings["evaluate"]["pairs"], own)
    rows, faces = scored_rows(scored), scored.faces
    device = resolve_device(device)
    e = embed(model.to(device), faces.crops, rows, device, settings["evaluate"]["batch"], faces.boxes)
    table = score(scored, rows, e)[protocol]
    held = [] if "validation" in set(table["split"]) else [run.scores("twin").query("split == 'validation'")]
    measured = measure(protocol, pd.concat([*held, table]), settings["evaluate"]["draws"])
    metrics = pd.concat([run.metrics().astype({"k": "Int64"}), measured.astype({"k": "Int64"})])
    extra = run.record["extra"]
    extra = extra | {
        "sets": extra["sets"] | {name: scored.manifest.sha256},
        "further": extra.get("further", {}) | {name: commit()[0]},
    }
    return write_run(run.record | {"extra": extra}, metrics, {protocol: table}, folder=run.folder, grow=True)


def rescored(run: Run, name: str) -> Run | None:
    """The network of a run on all pairs of another data set, as a record of its own in the build folder.

    For pages, which show faces of a small set; thresholds come from the validation families of that set.

    Args:
        run: a record.
        name: of a data set; rendered first if it is one of ours and not there.

    Returns:
        The record, made once; None where the weights are not on this machine.
    """
    from twinlib.models.features import embed

    settings = run.record["config"]
    manifest, faces = prepare(name, settings["data"]["size"])
    folder = paths.build_dir() / "rescored" / f"{run.folder.name}-{manifest.sha256[:8]}"
    if (folder / "run.json").is_file():
        return read_run(folder)
    if (model := trained_model(run)) is None:
        return None
    scored = Scored(manifest, faces, pair_lists(manifest, settings["evaluate"]["pairs"]))
    rows = scored_rows(scored)
    e = embed(model, faces.crops, rows, "cpu", settings["evaluate"]["batch"], faces.boxes)
    tables = score(scored, rows, e)
    metrics = pd.concat([measure(each, table, settings["evaluate"]["draws"]) for each, table in tables.items()])
    hashes = run.record["hashes"] | {"manifest": manifest.sha256}
    dropped = {key: value for key, value in run.record.items() if key not in ("files", "scores", "seal")}
    return write_run(dropped | {"dataset": name, "hashes": hashes}, metrics, tables, folder=folder)
