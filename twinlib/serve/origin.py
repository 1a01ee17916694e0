"""Where a trained network lies: a path, a model that comes with the package, or the Hugging Face hub."""

import re
from pathlib import Path

from twinlib import paths
from twinlib.errors import InputError

FILES = ("model.safetensors", "config.json", "calibration.json")  # nothing else is fetched: no code, no pickle


def located(path_or_id: str | Path, revision: str | None = None, local_files_only: bool = False) -> Path:
    """Folder or file of a trained network.

    Args:
        path_or_id: a path, the name of a folder in the package's `weights/`, or `owner/name` on the hub.
        revision: of a hub model.
        local_files_only: take hub models from the cache alone.

    Raises:
        InputError: nothing is there; the message lists the bundled models.
    """
    if (given := Path(path_or_id)).exists():
        return given
    folder = paths.package_dir() / "weights"
    bundled = sorted(place.name for place in folder.glob("*/") if (place / FILES[0]).is_file())
    if str(path_or_id) in bundled:
        return folder / str(path_or_id)
    known = f"bundled: {', '.join(bundled) or 'none'}"
    if not re.fullmatch(r"\w[\w.-]*/\w[\w.-]*", str(path_or_id)) or str(path_or_id).endswith(".safetensors"):
        raise InputError(f"{path_or_id} does not exist and is no bundled model ({known}). Name a folder or a file.")
    from huggingface_hub import snapshot_download

    try:
        found = snapshot_download(
            str(path_or_id), revision=revision, local_files_only=local_files_only, allow_patterns=list(FILES)
        )
    except Exception as error:  # offline, unknown, private: the hub has an exception for each
        what = " ".join(str(error).split())[:160]
        raise InputError(f"{path_or_id} is neither here ({known}) nor to be had from the hub ({what}).") from error
    return Path(found)
