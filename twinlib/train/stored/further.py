"""A trained run scored on one more data set, with its own weights; the record grows by a protocol."""

import pandas as pd

from twinlib.data.manifest import dataset_root, read_manifest
from twinlib.environment import commit
from twinlib.errors import InputError
from twinlib.records.comparison import measure
from twinlib.records.runs import Run, write_run
from twinlib.train.run import resolve_device
from twinlib.train.scoring import score, scored_rows, twins_of
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
