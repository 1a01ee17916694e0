"""The smoke data set, rendered and aligned once a session."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def smoke_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build folder that holds the smoke set with its aligned faces."""
    from syntwins import synthesise
    from twinlib.faces.find import find_faces

    build = tmp_path_factory.mktemp("build")
    root = build / "data/smoke"
    synthesise("smoke", root, workers=2)
    find_faces(root, workers=2)
    return build


@pytest.fixture
def smoke_set(smoke_build: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the smoke set; `twinlib.paths` points at it for the test."""
    monkeypatch.setenv("TWINLIB_BUILD", str(smoke_build))
    return smoke_build / "data/smoke"
