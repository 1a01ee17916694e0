"""The record of an experiment: what names it, where it lies, and which ones count."""

import warnings
from pathlib import Path

from twinlib import config, files, paths
from twinlib.data.manifest import Manifest, dataset_root, read_manifest
from twinlib.data.packed.recordset import content_of
from twinlib.data.rendered import SETS, prepare, set_hash
from twinlib.errors import InputError
from twinlib.records.runs import Run, readable_runs, runs_dir
from twinlib.records.schema import run_hash
from twinlib.train.pretraining.start import start_hash
from twinlib.version import TRAINING


def key_of(experiment: config.Experiment, manifest: Manifest) -> str:
    """The hash that names a run: of its settings, its data and the weights it starts from."""
    return run_hash(portable(experiment.key()), manifest.sha256, start_hash(experiment))


def claim_of(experiment: config.Experiment) -> str:
    """What the run is claimed by while it is trained; known before its data set is rendered."""
    return files.hash_of({"key": portable(experiment.key()), "weights": start_hash(experiment)})[:16]


def portable(settings: dict[str, object]) -> dict[str, object]:
    """Settings that name the data set and the weights by folder's or file's name, not by a place on this machine."""
    named = {"data": "name", "train": "trunk"}
    found = settings | {
        part: values | ({field: Path(values[field]).name} if values.get(field) else {})
        for part, field in named.items()
        if isinstance(values := settings.get(part), dict)
    }
    if isinstance(data := found.get("data"), dict) and data.get("records"):
        found["data"] = data | {"records": content_of(Path(data["records"]))}
    return found


def records_dir(profile: str) -> Path:
    """Folder of a profile's records: `results/runs/`, of the smoke profile `build/smoke-runs/`."""
    return paths.build_dir() / "smoke-runs" if profile == "smoke" else runs_dir()


class Records:
    """The records of a profile and the data sets that they are of, read once.

    Args:
        profile: as an experiment names it.
    """

    def __init__(self, profile: str) -> None:
        self.smoke = profile == "smoke"
        self.runs, self.refused = readable_runs(records_dir(profile))
        self._manifests: dict[Path, str] = {}

    def of(self, experiment: config.Experiment) -> Run | None:
        """The record, also where the data set is one of ours and not rendered here: its settings decide its content.

        Under smoke the set is rendered first: that takes seconds, and the record is then that of this manifest.
        A record of another version of the training code is named in a warning and does not count; pilots do.

        Raises:
            InputError: two records of one run, or the record is broken.
        """
        root, hashes = dataset_root(experiment.data.name), self._hashes(experiment)
        if self.smoke and not (root / "manifest.csv").is_file():
            prepare(experiment.data.name, experiment.data.size)
        if (root / "manifest.csv").is_file():
            key = run_hash(portable(experiment.key()), self._manifest(root), hashes[1])
            if broken := [why for name, why in self.refused.items() if name.endswith(f"-{key[:8]}")]:
                raise InputError(broken[0])
            found = [run for run in self.runs if run.record["hashes"]["run"] == key]
        elif experiment.data.name in SETS:
            wanted = (*hashes, set_hash(SETS[experiment.data.name]))
            found = [run for run in self.runs if _hashes_of(run) == wanted]
        else:
            return None
        if len(found) > 1:
            two = " and ".join(run.folder.name for run in found[:2])
            raise InputError(f"{two} are two records of one run. Delete one.")
        return found[0] if found and _counts(found[0]) else None

    def _manifest(self, root: Path) -> str:
        if root not in self._manifests:
            self._manifests[root] = read_manifest(root).sha256
        return self._manifests[root]

    @staticmethod
    def _hashes(experiment: config.Experiment) -> tuple[str, str | None]:
        return files.hash_of(portable(experiment.key())), start_hash(experiment)


def _hashes_of(run: Run) -> tuple[object, ...]:
    hashes = run.record["hashes"]
    return hashes["config"], hashes["weights"], run.record["extra"].get("set_hash")


def _counts(run: Run) -> bool:
    version = run.record["hashes"].get("training")
    if version in (None, TRAINING):
        return True
    warnings.warn(
        f"{run.folder.name} is of version {version} of the training code, this is {TRAINING}: it does not count.",
        stacklevel=4,
    )
    return False
