"""One run, one record: resolve, look for the record, else train, embed, score, measure and write it."""

import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from twinlib import config, files, paths
from twinlib.config import MODELS
from twinlib.data.manifest import Manifest
from twinlib.data.rendered import prepare
from twinlib.errors import InputError
from twinlib.faces.find import Faces
from twinlib.records import runs
from twinlib.records.comparison import measure
from twinlib.records.runs import Run
from twinlib.records.schema import new_record
from twinlib.train.locks import claim
from twinlib.train.lookup import Records, claim_of, key_of, portable, records_dir
from twinlib.train.pretraining.start import start_hash, starting_weights
from twinlib.train.scoring import score, scored_rows, scored_sets
from twinlib.version import TRAINING

if TYPE_CHECKING:
    import torch


def run(
    name: str,
    profile: str = "cpu",
    device: str = "auto",
    seed: int = 0,
    overrides: tuple[str, ...] = (),
    *,
    may_train: bool | None = None,
    fresh: bool = False,
) -> Run:
    """The record of an experiment; trained on the spot if there is none and that is allowed.

    Records live in `results/runs/`, those of the smoke profile in `build/smoke-runs/`.

    Args:
        name: experiment.
        profile: smoke, cpu or full.
        device: auto, cpu or cuda.
        seed: of weights, batches and augmentation.
        overrides: `key=value` texts.
        may_train: None allows training under smoke only.
        fresh: train from nothing even if there is a record or a checkpoint.

    Raises:
        InputError: no record and no permission to train (the message names the command), or bad settings.
    """
    experiment = config.load(name, profile, overrides, seed)
    may_train = profile == "smoke" if may_train is None else may_train
    if not fresh and (found := Records(experiment.profile).of(experiment)) is not None:
        return found
    if not may_train:
        raise InputError(
            f"no record of {name!r} (profile {profile}, seed {seed}) on data set {experiment.data.name!r}; make it "
            f"with `twinlib run {name} --profile {profile} --seed {seed}{_said(overrides)}`."
        )
    return make(experiment, device, fresh=fresh)


def make(
    experiment: config.Experiment,
    device: str = "auto",
    *,
    fresh: bool = False,
    wait: bool = True,
    told: Mapping[str, object] | None = None,
    keep_weights: bool = False,
) -> Run:
    """Train an experiment to its record, unless there is one.

    Args:
        experiment: resolved.
        device: auto, cpu or cuda.
        fresh: train from nothing even if there is a record or a checkpoint.
        wait: for another process that trains this very run, then take its record; else refuse.
        told: what the record shall say of itself besides, under `extra.finished`.
        keep_weights: put the weights into the record, in half precision.

    Raises:
        BusyError: another process is training it, and `wait` is false.
        InputError: a record of it is broken, the data set is not there and none of ours, or a setting cannot be run.
    """
    with claim(claim_of(experiment), wait):
        if not fresh and (found := Records(experiment.profile).of(experiment)) is not None:  # made while we waited
            return found
        _check_network(experiment)
        manifest, faces = prepare(experiment.data.name, experiment.data.size)
        return _make(experiment, manifest, faces, resolve_device(device), fresh, dict(told or {}), keep_weights)


def _check_network(experiment: config.Experiment) -> None:
    """Refuse a network that cannot be built before a data set is rendered for it."""
    MODELS.build(experiment.model)


def resolve_device(device: str) -> str:
    """Turn auto into cuda where there is one, else cpu.

    Raises:
        InputError: cuda is wanted and there is none, or the name is unknown.
    """
    import torch

    if device not in ("auto", "cpu", "cuda"):
        raise InputError(f"device {device!r} is unknown; known: auto, cpu, cuda.")
    if device == "cuda" and not torch.cuda.is_available():
        raise InputError("device cuda is wanted but torch sees no GPU here; use --device auto or cpu.")
    return "cuda" if device != "cpu" and torch.cuda.is_available() else "cpu"


def _set_hash(manifest: Manifest) -> str | None:
    """Hash of the configuration of a rendered set; None for photographs."""
    file = manifest.root / "dataset.json"
    return files.read_json(file).get("config_hash") if file.is_file() else None


def _said(overrides: tuple[str, ...]) -> str:
    return " --set " + " ".join(overrides) if overrides else ""


def _learned(net: "torch.nn.Module") -> dict[str, object]:
    """What a page draws of the trained weights: HCA's weights of its scales, a row for each region."""
    from twinlib.ahan.hca import HCA

    found = [module.alpha.detach().softmax(1).cpu() for module in net.modules() if isinstance(module, HCA)]
    return {"hca_scales": [[round(w, 5) for w in row] for row in found[0].tolist()]} if found else {}


def _make(
    experiment: config.Experiment,
    manifest: Manifest,
    faces: Faces,
    device: str,
    fresh: bool,
    told: dict[str, object],
    keep_weights: bool,
) -> Run:
    import torch
    from safetensors.torch import save_file

    from twinlib.arithmetic import arithmetic
    from twinlib.data.feed.trainset import train_set
    from twinlib.data.packed.recordset import record_set
    from twinlib.models.features import embed, flush_denormals
    from twinlib.train.loop import finished, train, training_accuracy
    from twinlib.train.parallel import leave_to_main
    from twinlib.train.scoring import validation
    from twinlib.train.stored import checkpoint, pretrained
    from twinlib.train.stored.trained import halved

    flush_denormals()
    began = time.perf_counter()
    key = key_of(experiment, manifest)
    sets = scored_sets(experiment, manifest, faces)
    folder = paths.build_dir() / "checkpoints" / key[:16]
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    start, init = starting_weights(experiment)
    chosen = experiment.data
    if chosen.records is None:
        data = train_set(manifest, faces, families=chosen.families, relations=chosen.relations)
    else:
        data = record_set(Path(chosen.records), chosen.size)
    validate = validation(experiment, manifest, faces, device)
    ready = time.perf_counter()
    trained = train(experiment, data, f"{key}.{TRAINING}", folder, device, start, validate)
    here = time.perf_counter() - ready  # of this process; `trained.seconds` holds the parts before it was resumed too
    leave_to_main()
    with files.replacing(folder / "model.safetensors") as temporary:
        save_file(trained.model.state_dict(), temporary)
    pretrained.describe(experiment.model_name, asdict(experiment.model), folder)
    scores: dict[str, pd.DataFrame] = {}
    for scored in sets:
        rows = scored_rows(scored)
        e = embed(trained.model, scored.faces.crops, rows, device, experiment.evaluate.batch, scored.faces.boxes)
        scores |= score(scored, rows, e)
    accuracy = training_accuracy(trained.model, trained.objective.head, data, device, experiment.evaluate.batch)
    tables = [measure(name, table, experiment.evaluate.draws) for name, table in scores.items()]
    record = new_record(
        name=experiment.name,
        profile=experiment.profile,
        dataset=manifest.root.name,
        init=init,
        config=portable(experiment.as_dict()),
        key=portable(experiment.key()),
        manifest=manifest.sha256,
        weights=start_hash(experiment),
        training=TRAINING,
        seed=experiment.seed,
        device=device,
        parameters=sum(p.numel() for p in trained.model.parameters()),
        wall_s=time.perf_counter() - began - here + trained.seconds,
        extra={
            "steps": trained.steps,
            "finished": finished(trained, accuracy, tables) | told,
            "train_s": round(trained.seconds, 2),
            "threads": torch.get_num_threads(),
            "arithmetic": arithmetic(experiment.train.precision, device),
            "weights_after": files.sha256(folder / "model.safetensors"),
            "faces_found": int((faces.frame["status"] == "found").sum()),
            "images": len(faces.frame),
            "set_hash": _set_hash(manifest),
            "sets": {scored.manifest.root.name: scored.manifest.sha256 for scored in sets},
            **_learned(trained.model),
        },
    )
    target = records_dir(experiment.profile) / record["run_id"]
    beside = {pretrained.WEIGHTS: halved(trained.model)} if keep_weights else None
    written = runs.write_run(record, pd.concat(tables), scores, pd.DataFrame(trained.history), target, beside)
    checkpoint.clear(folder)  # a later run of this name trains again instead of borrowing these weights
    return written
