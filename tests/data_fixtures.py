"""The smoke data set, rendered and aligned once a session."""

import shutil
from pathlib import Path

import pytest
from once import once


@pytest.fixture(scope="session")
def smoke_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build folder that holds the smoke set with its aligned faces; this process may write to it."""
    made = once(tmp_path_factory, "smoke", _render)
    return shutil.copytree(made, tmp_path_factory.mktemp("build"), dirs_exist_ok=True)


def _render(build: Path) -> None:
    from syntwins import synthesise
    from twinlib.faces.find import find_faces

    root = build / "data/smoke"
    synthesise("smoke", root, workers=2)
    find_faces(root, workers=2)


@pytest.fixture
def smoke_set(smoke_build: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the smoke set; `twinlib.paths` points at it for the test."""
    monkeypatch.setenv("TWINLIB_BUILD", str(smoke_build))
    return smoke_build / "data/smoke"
