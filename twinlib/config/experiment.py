"""An experiment: one YAML file of differences, resolved against defaults, profile and overrides."""

import re
from copy import deepcopy
from dataclasses import asdict, dataclass, field, is_dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, cast, get_args

import yaml

from twinlib import files, paths
from twinlib.config.kinds import LOSSES, MODELS, PERTURBATIONS, SAMPLERS, TERMS
from twinlib.config.sections import Data, Evaluate, Train, named, section, several
from twinlib.data.feed import Twins
from twinlib.errors import InputError
from twinlib.losses import NoHead, TwinTriplet
from twinlib.methods.symface import Halves
from twinlib.ranges import Seed, Settings, faults

Profile = Literal["smoke", "cpu", "full"]
PROFILES: tuple[str, ...] = get_args(Profile)

KINDS = {"model": MODELS, "loss": LOSSES, "sampler": SAMPLERS, "perturb": PERTURBATIONS}  # section → what it may name
NAMED = {"model": "vit", "loss": "arcface", "sampler": "twins", "perturb": "structure"}  # section → default name


@dataclass(frozen=True)
class Experiment(Settings):
    """One row of a table, fully resolved."""

    name: str
    profile: Profile
    seed: Seed
    model: Any  # settings of the kind that the files name
    loss: Any
    triplet: TwinTriplet | None  # terms.twin_triplet by its first name; Miao's terms.triplet is another loss
    data: Data
    train: Train
    evaluate: Evaluate
    terms: dict[str, object] = field(default_factory=dict)  # beside the loss, by name
    sampler: Any = field(default_factory=Twins)
    perturb: Any = None

    @property
    def model_name(self) -> str:
        """What the network is called."""
        return MODELS.name_of(self.model)

    def names(self) -> dict[str, str | None]:
        """What the settings of each kind are called, as keys and records spell it: `model_name` and so on."""
        given = {key: getattr(self, key) for key in KINDS}
        return {f"{key}_name": None if cfg is None else KINDS[key].name_of(cfg) for key, cfg in given.items()}

    def as_dict(self) -> dict[str, object]:
        """Nested plain values, as written into `run.json`."""
        return asdict(self) | self.names()

    def key(self) -> dict[str, object]:
        """What names the run: everything that differs from the defaults, nested, plus names, profile and seed.

        A setting that is added later leaves the key, and with it the hash of older records, as it was.
        """
        both = vars(self) | self.names()
        given = {name: value for name, value in both.items() if name not in LATER or value != LATER[name]}
        parts = {name: value for name, value in given.items() if is_dataclass(value)}
        plain = {name: value for name, value in given.items() if name not in parts}
        terms = {name: differences(value, type(value)()) for name, value in self.terms.items()}
        own = {name: differences(value, type(value)()) for name, value in parts.items()}
        return plain | own | ({"terms": terms} if terms else {})


# Hooks that came after the first records: part of the key only where they differ from what was there before.
LATER = {"terms": {}, "sampler_name": "twins", "sampler": Twins(), "perturb_name": None, "perturb": None}


def differences(settings: object, default: object) -> dict[str, object]:
    """Fields of a settings object that differ from another of its type, nested, as plain values."""
    found: dict[str, object] = {}
    for name, value in vars(settings).items():
        other = getattr(default, name)
        if value != other:
            nested = is_dataclass(value) and type(value) is type(other)
            found[name] = differences(value, other) if nested else asdict(value) if is_dataclass(value) else value
    return found


def experiments() -> dict[str, str]:
    """Known experiments: name → the question in the head of its file."""
    found = sorted((paths.package_dir() / "experiments").glob("*.yaml"))
    return {file.stem: file.read_text(encoding="utf-8").splitlines()[0].lstrip("# ") for file in found}


def load(name: str, profile: str = "cpu", overrides: tuple[str, ...] = (), seed: int = 0) -> Experiment:
    """Resolve an experiment.

    Later wins: defaults ← `profiles/<profile>.yaml` ← the file named by `base:` (one level) ← the experiment's own
    file ← the block `profiles: <profile>:` of those two files ← `overrides`.

    Args:
        name: file name in `twinlib/experiments/` without its suffix, or the path of a YAML file.
        profile: smoke, cpu or full.
        overrides: texts `key=value` with dotted keys, e.g. `train.lr=1e-3`; values are read as YAML.
        seed: of weights, batches and augmentation.

    Raises:
        InputError: for an unknown experiment, profile, key or a value of the wrong type; the message names it.
    """
    if profile not in PROFILES:
        raise InputError(f"profile {profile!r} is unknown; known: {', '.join(PROFILES)}.")
    for fault in faults("seed", seed, Seed):
        raise InputError(f"{name}: {fault}")
    file = _file_of(name)
    own = _read(file)
    common = _read(paths.package_dir() / "experiments/profiles" / f"{profile}.yaml")
    chain = [own]
    if (base := own.pop("base", None)) is not None:
        chain.insert(0, _read(_file_of(base)))
        if "base" in chain[0]:
            raise InputError(f"{file}: base {base!r} has a base itself; one level is the limit. Name the first one.")
    for layer in chain:
        _check_profiles(layer.get("profiles"), str(name))
    blocks = [layer.pop("profiles", None) or {} for layer in chain]
    in_profile = [block.get(profile) or {} for block in blocks]
    merged: dict[str, Any] = {}
    for layer in [common, *chain, *in_profile, *map(_override, overrides)]:
        merged = _merge(_without_leftovers(merged, layer), layer)
    return _typed(merged, file.stem, profile, seed, source=str(name))


def _check_profiles(block: object, source: str) -> None:
    if block is None:
        return
    if not isinstance(block, dict) or not all(isinstance(value, dict) for value in block.values()):
        raise InputError(f"{source}: profiles must hold a block of settings for each profile.")
    if unknown := sorted(set(block) - set(PROFILES)):
        raise InputError(f"{source}: profile {unknown[0]!r} is unknown; known: {', '.join(PROFILES)}.")


def _file_of(name: str) -> Path:
    file = Path(name) if name.endswith((".yaml", ".yml")) else paths.package_dir() / "experiments" / f"{name}.yaml"
    if not file.is_file():
        raise InputError(
            f"experiment {name!r} is unknown; known: {', '.join(experiments())}, or a path to a YAML file."
        )
    return file


def _read(file: Path) -> dict[str, Any]:
    try:
        value = deepcopy(_parsed(files.read_text(file).text)) or {}
    except yaml.YAMLError as error:
        raise InputError(f"{file} is not valid YAML: {error}") from error
    if not isinstance(value, dict):
        raise InputError(f"{file} must hold keys and values, found {type(value).__name__}.")
    return value


@lru_cache(maxsize=256)
def _parsed(text: str) -> object:
    """What YAML says; shared, not to be changed."""
    return yaml.safe_load(text)


def _override(text: str) -> dict[str, object]:
    key, equals, value = text.partition("=")
    if not equals or not re.fullmatch(r"[\w.]+", key):
        raise InputError(f"override {text!r} must read key=value with a dotted key, e.g. train.lr=1.0e-3.")
    try:
        nested: Any = yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise InputError(f"override {text!r}: the value is not valid YAML.") from error
    for part in reversed(key.split(".")):
        nested = {part: nested}
    return nested


def _without_leftovers(low: dict[str, object], high: dict[str, object]) -> dict[str, object]:
    """What stays of the lower layers when a layer names another network or loss.

    Sizes that the new network has too are kept; a loss starts from its own defaults, since its letters mean others.
    """
    for key, default in NAMED.items():
        old, new = low.get(key), high.get(key)
        name = new if isinstance(new, str) else new.get("name") if isinstance(new, dict) else None
        if isinstance(old, dict) and name is not None and name != old.get("name", default):
            fields = getattr(MODELS.get(name), "__dataclass_fields__", {}) if key == "model" else {}
            low = {**low, key: {field: value for field, value in old.items() if field in fields}}
    return low


def _merge(low: dict[str, Any], high: dict[str, Any]) -> dict[str, Any]:
    high = {key: {"name": value} if key in NAMED and isinstance(value, str) else value
            for key, value in high.items()}  # fmt: skip
    both = {key: _merge(low[key], value) if isinstance(value, dict) and isinstance(low.get(key), dict) else value
            for key, value in high.items()}  # fmt: skip
    return {**low, **both}


def _typed(merged: dict[str, object], name: str, profile: str, seed: int, source: str) -> Experiment:
    """Check every key and type with jsonargparse, section by section, and build the frozen objects."""
    known = ("model", "loss", "triplet", "terms", "sampler", "perturb", "data", "train", "evaluate")
    if unknown := sorted(set(merged) - set(known)):
        raise InputError(f"{source}: key {unknown[0]!r} is unknown; known: {', '.join(known)}, base, profiles.")
    chosen = {key: named(merged.get(key), key, kinds, NAMED[key], source) for key, kinds in KINDS.items()}
    if merged.get("perturb") is None:
        chosen["perturb"] = None
    triplet = merged.get("triplet")
    return _possible(
        Experiment(
            name=name,
            profile=cast(Profile, profile),
            seed=seed,
            triplet=None if triplet is None else section(TwinTriplet, triplet, "triplet", source),
            data=section(Data, merged.get("data"), "data", source),
            train=section(Train, merged.get("train"), "train", source),
            evaluate=section(Evaluate, merged.get("evaluate"), "evaluate", source),
            terms=several(merged.get("terms"), "terms", TERMS, source),
            **chosen,
        ),
        source,
    )


def _possible(experiment: Experiment, source: str) -> Experiment:
    """Refuse sections that do not fit each other."""
    if experiment.triplet is not None and "twin_triplet" in experiment.terms:
        raise InputError(f"{source}: triplet and terms.twin_triplet are the same term; keep one.")
    if isinstance(experiment.loss, NoHead) and not experiment.terms and experiment.triplet is None:
        raise InputError(f"{source}: loss none needs a term; name one in `terms`, or a loss.")
    if isinstance(experiment.sampler, Halves) and (experiment.data.rotation or experiment.data.shift):
        raise InputError(
            f"{source}: sampler halves splits at the detected nose: set data.rotation and data.shift to 0."
        )
    if experiment.data.size != experiment.model.image_size:
        sizes = f"data.size {experiment.data.size} and model.image_size {experiment.model.image_size}"
        raise InputError(f"{source}: {sizes} must be equal.")
    return experiment
