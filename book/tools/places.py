"""How messages name a file: from the project's folder where possible, so that logs read the same everywhere."""

from pathlib import Path

from twinlib import paths


def shown(path: Path) -> str:
    """`path` relative to the project if it lies inside, else as it is."""
    root, path = paths.project_root().resolve(), path.resolve()
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
