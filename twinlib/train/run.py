"""One run, one record: resolve, look for the record, else train, embed, score, measure and write it."""

import shutil
import time
from pathlib import Path

import numpy as np
import pandas as pd

from twinlib import config, paths
from twinlib.data import protocols
from twinlib.data.faces import Faces
from twinlib.data.manifest import Manifest, dataset_root, read_manifest
from twinlib.data.prepare import prepare
from twinlib.errors import InputError
from twinlib.evaluate import records
from twinlib.evaluate.measure import measure
from twinlib.evaluate.runs import Run

PROTOCOLS = {"twin": protocols.twin_pairs, "general": protocols.general_pairs, "sibling": protocols.sibling_pairs}
PAIR_SEED = 0  # pair lists belong to the data set: every model is scored on the same pairs


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
    root = dataset_root(experiment.data.name)
    if not (root / "manifest.csv").is_file():
        prepare(experiment.data.name, experiment.data.size)
    if not fresh and (found := _find(experiment, _hash(experiment, read_manifest(root)))) is not None:
        return found
    if not may_train:
        raise InputError(
            f"no record of {name!r} (profile {profile}, seed {seed}) on data set {experiment.data.name!r}; make it "
            f"with `twinlib run {name} --profile {profile} --seed {seed}{_said(overrides)}`."
        )
    manifest, faces = prepare(experiment.data.name, experiment.data.size)
    return _make(experiment, manifest, faces, resolve_device(device), fresh)


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


def pair_lists(manifest: Manifest, per_family: int) -> dict[str, pd.DataFrame]:
    """Pair lists of a data set by protocol; one without pairs in validation and test is left out."""
    relations = set(manifest.images["relation"])
    fitting = {"twin": "mz" in relations, "general": True, "sibling": bool(relations & {"dz", "sibling"})}
    lists = {name: draw(manifest.images, PAIR_SEED, per_family) for name, draw in PROTOCOLS.items() if fitting[name]}
    return {name: pairs for name, pairs in lists.items() if {"validation", "test"} <= set(pairs["split"])}


def _hash(experiment: config.Experiment, manifest: Manifest) -> str:
    return records.run_hash(_portable(experiment.key()), manifest.sha256, None)


def _portable(settings: dict[str, object]) -> dict[str, object]:
    """Settings that name the data set by its folder's name, not by its place on this machine."""
    data = dict(settings["data"])  # type: ignore[call-overload]
    return settings | {"data": data | ({"name": Path(data["name"]).name} if "name" in data else {})}


def _find(experiment: config.Experiment, key: str) -> Run | None:
    if experiment.profile != "smoke":
        return records.find_run(key)
    folder = _smoke_folder(experiment, key)
    return records.read_run(folder) if (folder / "run.json").is_file() else None


def _smoke_folder(experiment: config.Experiment, key: str) -> Path:
    return paths.build_dir() / "smoke-runs" / f"{experiment.name}-smoke-s{experiment.seed}-{key[:8]}"


def _said(overrides: tuple[str, ...]) -> str:
    return " --set " + " ".join(overrides) if overrides else ""


def _make(experiment: config.Experiment, manifest: Manifest, faces: Faces, device: str, fresh: bool) -> Run:
    import torch
    from safetensors.torch import save_file

    from twinlib import files
    from twinlib.data.trainset import train_set
    from twinlib.evaluate.embed import embed
    from twinlib.train.loop import train

    torch.set_flush_denormal(True)
    began = time.perf_counter()
    key = _hash(experiment, manifest)
    lists = pair_lists(manifest, experiment.evaluate.pairs)  # before training: a set that cannot be scored is refused
    folder = paths.build_dir() / "checkpoints" / key[:16]
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    trained = train(experiment, train_set(manifest, faces), key, folder, device)
    with files.replacing(folder / "model.safetensors") as temporary:
        save_file(trained.model.state_dict(), temporary)
    position = pd.Series(np.arange(len(manifest.images)), index=manifest.images["image"].astype(str))
    used = sorted({int(position[image]) for pairs in lists.values() for image in _images(pairs)})
    e = embed(trained.model, faces.crops, used, device, experiment.evaluate.batch, faces.boxes)
    scores = {name: _score(pairs, e, {row: i for i, row in enumerate(used)}, position) for name, pairs in lists.items()}
    record = records.new_record(
        name=experiment.name,
        profile=experiment.profile,
        dataset=manifest.root.name,
        init="scratch",
        config=_portable(experiment.as_dict()),
        key=_portable(experiment.key()),
        manifest=manifest.sha256,
        weights=None,
        seed=experiment.seed,
        device=device,
        parameters=sum(p.numel() for p in trained.model.parameters()),
        wall_s=time.perf_counter() - began,
        extra={
            "steps": trained.steps,
            "train_s": round(trained.seconds, 2),
            "threads": torch.get_num_threads(),
            "weights_after": files.sha256(folder / "model.safetensors"),
            "faces_found": int((faces.frame["status"] == "found").sum()),
            "images": len(faces.frame),
        },
    )
    tables = [measure(name, table, experiment.evaluate.draws) for name, table in scores.items()]
    target = _smoke_folder(experiment, key) if experiment.profile == "smoke" else None
    written = records.write_run(record, pd.concat(tables), scores, pd.DataFrame(trained.history), target)
    (folder / "last.pt").unlink()  # a later run of this name trains again instead of borrowing these weights
    return written


def _images(pairs: pd.DataFrame) -> list[str]:
    scored = pairs[pairs["split"] != "train"]
    return [*scored["image_a"], *scored["image_b"]]


def _score(pairs: pd.DataFrame, e: np.ndarray, place: dict[int, int], position: pd.Series) -> pd.DataFrame:
    scored = pairs[pairs["split"] != "train"].reset_index(drop=True)
    a, b = (e[[place[int(position[image])] for image in scored[side]]] for side in ("image_a", "image_b"))
    return records.score_table(scored, np.einsum("pe,pe->p", a, b))
