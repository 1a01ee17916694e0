"""Where a trained network lies: a path, a run's folder, a model that comes with the package, or the hub."""

import re
from pathlib import Path

from twinlib import paths
from twinlib.errors import InputError
from twinlib.records.runs import read_run

FILES = ("model.safetensors", "config.json", "calibration.json")  # nothing else is fetched: no code, no pickle


def located(path_or_id: str | Path, revision: str | None = None, local_files_only: bool = False) -> Path:
    """Folder or file of a trained network.

    Args:
        path_or_id: a path, the id of a run trained on this machine, the name of a folder in the package's `weights/`,
            or `owner/name` on the hub.
        revision: of a hub model.
        local_files_only: take hub models from the cache alone.

    Raises:
        InputError: nothing is there; the message lists the bundled models.
    """
    if (given := Path(path_or_id)).exists():
        return given
    if (trained := of_run(str(path_or_id))) is not None:
        return trained
    folder = paths.package_dir() / "weights"
    bundled = sorted(place.name for place in folder.glob("*/") if (place / FILES[0]).is_file())
    if str(path_or_id) in bundled:
        return folder / str(path_or_id)
    known = f"bundled: {', '.join(bundled) or 'none'}"
    if not re.fullmatch(r"\w[\w.-]*/\w[\w.-]*", str(path_or_id)) or str(path_or_id).endswith(".safetensors"):
        raise InputError(
            f"{path_or_id} does not exist and is no bundled model ({known}). Name a folder, a file or a run."
        )
    from huggingface_hub import snapshot_download

    try:
        found = snapshot_download(
            str(path_or_id), revision=revision, local_files_only=local_files_only, allow_patterns=list(FILES)
        )
    except Exception as error:  # offline, unknown, private: the hub has an exception for each
        what = " ".join(str(error).split())[:160]
        raise InputError(f"{path_or_id} is neither here ({known}) nor to be had from the hub ({what}).") from error
    return Path(found)


def of_run(name: str) -> Path | None:
    """Folder of the network that a run trained, on this machine or with its weights in the record.

    None for a path and if there is no run of this id.

    Args:
        name: id of a record in `results/runs/`, or of a smoke run.

    Raises:
        InputError: the record is here, its weights are not.
    """
    if Path(name).exists() or Path(name).name != name:  # a path comes first, also one that holds a run.json
        return None
    places = (paths.results_dir() / "runs", paths.build_dir() / "smoke-runs")
    record = next((place / name for place in places if (place / name / "run.json").is_file()), None)
    if record is None:
        return None
    from twinlib.train.stored.trained import trained_folder

    run = read_run(record)
    folder = trained_folder(run)
    if folder is None and FILES[0] in run.record.get("files", {}):
        run.checked(FILES[0])
        folder = run.folder
    if folder is None:
        raise InputError(
            f"the record of {name} is here, but not the weights it was made with. Name a folder or a file of weights."
        )
    return folder
