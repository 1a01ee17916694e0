"""Print `environment.yml` for conda users: `python -m book.tools.environment_yml > environment.yml`.

The same versions as `requirements/lock.txt` for every package that `pyproject.toml` or `requirements/pins.in` names.
pip installs them inside the conda environment, because these wheels are the ones that were tested together.
"""

import re
import sys
import tomllib
from pathlib import Path

SOURCES = ("requirements/lock.txt", "pyproject.toml", "requirements/pins.in")
HEAD = """# For conda users: conda env create -f environment.yml && conda activate twinlib
# Written by `make lock` from requirements/lock.txt (which pins the rest too, with hashes); a test compares the two.
name: twinlib
channels: [conda-forge, nodefaults]
dependencies:
  - python=3.11
  - pip
  - nodejs
  - pip:
"""


def locked(lock: str) -> dict[str, str]:
    """Package → version of a lock file's text; names in lower case with dashes."""
    return {normal(name): version for name, version in re.findall(r"^([\w.-]+)==([\w.+!]+)", lock, re.MULTILINE)}


def top_level(pyproject: str, pins: str) -> list[str]:
    """Sorted names of the packages that a person chose: of the project, its extras and the pins."""
    project = tomllib.loads(pyproject)["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values(), pins.splitlines()]
    names = (re.match(r"[\w.-]+", line) for group in groups for line in group)
    return sorted({normal(match[0]) for match in names if match})


def normal(name: str) -> str:
    """The spelling package indexes compare by."""
    return re.sub(r"[-_.]+", "-", name).lower()


def text(root: Path) -> str:
    """The file's text for the project in `root`."""
    read = {name: (root / name).read_text(encoding="utf-8") for name in SOURCES}
    versions = locked(read["requirements/lock.txt"])
    names = top_level(read["pyproject.toml"], read["requirements/pins.in"])
    lines = [f"      - {name}=={versions[name]}" for name in names if name in versions]
    return HEAD + "\n".join([*lines, "      - --editable .", ""])


if __name__ == "__main__":
    sys.stdout.write(text(Path.cwd()))
