"""The only module that knows folders."""

import os
from pathlib import Path


def project_root() -> Path:
    """Folder that holds `results/` and `build/`.

    Returns:
        `TWINLIB_ROOT` if it is set; else the nearest folder at or above the working directory with a `_toc.yml`
        (a clone of the repository); else the working directory (an installed library).
    """
    if root := os.environ.get("TWINLIB_ROOT"):
        return Path(root)
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / "_toc.yml").is_file()), here)


def build_dir() -> Path:
    """Folder of what can be made again: rendered images, checkpoints, executed chapters, HTML. Git ignores it.

    Returns:
        `TWINLIB_BUILD` if it is set, else `build/` of the project.
    """
    return Path(os.environ.get("TWINLIB_BUILD") or project_root() / "build")


def data_dir() -> Path:
    """Folder with one sub-folder per data set."""
    return build_dir() / "data"


def results_dir() -> Path:
    """Folder of committed results: `TWINLIB_RESULTS` if it is set, else `results/` of the project."""
    return Path(os.environ.get("TWINLIB_RESULTS") or project_root() / "results")


def package_dir() -> Path:
    """Folder of the installed package."""
    return Path(__file__).parent
