"""The content of run.json: its fields, how they are filled in, and what is refused."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from twinlib.environment import absolute_paths, command_line, commit, environment, peak_memory_mb
from twinlib.errors import InputError
from twinlib.files import hash_of

SCHEMA = 1
FIELDS: dict[str, tuple[type, ...]] = {  # every field of run.json and its type
    "schema": (int,),
    "run_id": (str,),
    "name": (str,),  # the experiment
    "profile": (str,),
    "dataset": (str,),
    "init": (str,),  # scratch | trunk | imagenet | the file's name
    "command": (str,),
    "commit": (str, type(None)),
    "dirty": (bool, type(None)),
    "config": (dict,),
    "hashes": (dict,),  # run, config, manifest, weights (None without), training (version; pilots lack it)
    "seed": (int,),
    "device": (str,),
    "parameters": (int, type(None)),
    "wall_s": (float, int),
    "peak_mb": (float, int),  # resident memory; of the accelerator under extra
    "environment": (dict,),
    "extra": (dict,),  # anything else, plain values
}
HASHES = ("run", "config", "manifest", "weights")
# Written by `runs.write_run`; records that were made before, the pilots, have none of them:
# scores (protocol → hash of its pairs), files (name → SHA-256), seal (hash of the rest of run.json)


def run_hash(config: Mapping[str, object], manifest: str, weights: str | None) -> str:
    """The hash that names a run: of its config, its data and the weights it starts from."""
    return hash_of({"config": config, "manifest": manifest, "weights": weights})


def new_record(
    *,
    name: str,
    profile: str,
    dataset: str,
    init: str,
    config: Mapping[str, object],
    manifest: str,
    weights: str | None,
    seed: int,
    device: str,
    parameters: int | None,
    wall_s: float,
    extra: Mapping[str, object] | None = None,
    training: int | None = None,
    key: Mapping[str, object] | None = None,
) -> dict[str, Any]:
    """The content of run.json; command, commit, versions, peak memory and hashes are filled in here.

    Args:
        name: of the experiment.
        profile: smoke, cpu or full.
        dataset: name, never a path.
        init: scratch, trunk, imagenet or the name of a file.
        config: resolved, as nested plain values.
        manifest: SHA-256 of the manifest (or of the pair list).
        weights: SHA-256 of the weights the run started from; None for random ones.
        seed: of the run.
        device: cpu, cuda.
        parameters: number of the model's parameters; None where there is no model.
        wall_s: seconds of training and evaluation.
        extra: anything else worth keeping, as plain values.
        training: version of the training code; None where nothing was trained.
        key: what of the config names the run, e.g. what differs from the defaults, so that a setting added later does
            not make every record a stranger; the whole config if not given.
    """
    key = config if key is None else key
    whole = run_hash(key, manifest, weights)
    revision, dirty = commit()
    hashes = {"run": whole, "config": hash_of(key), "manifest": manifest, "weights": weights, "training": training}
    return {
        "schema": SCHEMA,
        "run_id": f"{name}-{profile}-s{seed}-{whole[:8]}",
        "name": name,
        "profile": profile,
        "dataset": dataset,
        "init": init,
        "command": command_line(),
        "commit": revision,
        "dirty": dirty,
        "config": dict(config),
        "hashes": hashes,
        "seed": seed,
        "device": device,
        "parameters": parameters,
        "wall_s": round(wall_s, 2),
        "peak_mb": peak_memory_mb(),
        "environment": environment(),
        "extra": dict(extra or {}),
    }


def check_record(record: object, file: Path) -> None:
    """Refuse a record that lacks a field, has one of the wrong type, or names a folder of a machine.

    Raises:
        InputError: names the file and the field.
    """
    if not isinstance(record, Mapping):
        raise InputError(
            f"{file}: a record is an object with fields, found {type(record).__name__}. Run the experiment again."
        )
    if record.get("schema") != SCHEMA:
        raise InputError(
            f"{file}: field 'schema' is {record.get('schema')!r}, wanted {SCHEMA}. Run the experiment again."
        )
    for field, kinds in FIELDS.items():
        if field not in record:
            raise InputError(f"{file}: field {field!r} is missing. Run the experiment again.")
        if not isinstance(record[field], kinds) or (isinstance(record[field], bool) and bool not in kinds):
            raise InputError(
                f"{file}: field {field!r} is {record[field]!r}, wanted {kinds[0].__name__}. Run the experiment again."
            )
    for name in HASHES:
        if name not in record["hashes"]:
            raise InputError(f"{file}: field 'hashes.{name}' is missing. Run the experiment again.")
    if found := absolute_paths(dict(record)):
        field, text = found[0]
        raise InputError(f"{file}: field {field!r} holds a path of one machine: {text!r}. Store a name instead.")


def sealed(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record with its seal: a hash of everything else in it."""
    content = {name: value for name, value in record.items() if name != "seal"}
    return content | {"seal": hash_of(content)}


def check_seal(record: Mapping[str, Any], file: Path) -> None:
    """Refuse a record that was edited after it was written; one without a seal is a pilot.

    Raises:
        InputError: names the file and what to do.
    """
    if "seal" in record and record["seal"] != sealed(record)["seal"]:
        raise InputError(
            f"{file} was edited after it was written. Take it from version control again, or make the record anew."
        )
