"""The chapter on data of one's own shows no face of a private set, unless it was asked for by name."""

import shutil
from pathlib import Path

import nbformat
import numpy as np
import pytest
from seen_faces import holds, pictures

from book.tools.execute import execute
from book.tools.gate import findings
from twinlib.data.faces import read_faces
from twinlib.data.manifest import read_manifest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


@pytest.fixture
def private(smoke_set, tmp_path):
    """Two people of two images in folders, without a word of where they come from: to the chapter, real people."""
    images = read_manifest(smoke_set).images
    for subject in ("f0000-a", "f0000-b"):
        (tmp_path / "private" / f"Name of {subject}").mkdir(parents=True)
        for path in images["path"][images["subject"] == subject].iloc[:2]:
            shutil.copy(smoke_set / path, tmp_path / "private" / f"Name of {subject}")
    return tmp_path / "private"


def texts(source, target, **given) -> list[str]:
    """Everything an executed chapter shows, as text."""
    execute(source, target, {"profile": "smoke", "device": "cpu"} | given)
    chapter = nbformat.read(target, as_version=4)
    outputs = [output for cell in chapter.cells for output in cell.get("outputs", [])]
    return [str(value) for output in outputs for value in output.get("data", {}).values()]


def test_no_private_face_and_no_name_on_the_page(private, smoke_set, tmp_path, monkeypatch):
    monkeypatch.setenv("TWINLIB_ROOT", str(ROOT))
    source = ROOT / "book/15_your_data.ipynb"
    hidden = texts(source, tmp_path / "a.ipynb", images=str(private))
    local = texts(source, tmp_path / "b.ipynb", images=str(private), gallery="local")
    faces = read_faces(smoke_set.parent / "private/aligned")
    crops = [np.array(crop) for crop in faces.crops[(faces.frame["status"] == "found").to_numpy()]]
    assert crops
    assert any(holds(picture, crop) for text in local for picture in pictures(text) for crop in crops)
    assert not any(holds(picture, crop) for text in hidden for picture in pictures(text) for crop in crops)
    assert "Name of" not in "".join(hidden)
    refused = findings(nbformat.read(tmp_path / "b.ipynb", as_version=4))
    assert any("faces of a private data set" in finding for finding in refused)
