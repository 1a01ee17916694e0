"""The chapter on data of one's own shows no face of a private set, unless it was asked for by name."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from seen_faces import holds, photographic, pictures, pictures_below

from book.tools.execute import execute
from book.tools.gate import findings
from twinlib.data.manifest import read_manifest
from twinlib.faces.find import read_faces

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


@pytest.fixture
def private(smoke_set, tmp_path):
    """Three people of two images, listed as a chain, without a word of their origin: real to the chapter."""
    images, people = read_manifest(smoke_set).images, ("f0000-a", "f0000-b", "f0001-a")
    for subject in people:
        (tmp_path / "private" / f"Name of {subject}").mkdir(parents=True)
        for path in images["path"][images["subject"] == subject].iloc[:2]:
            shutil.copy(smoke_set / path, tmp_path / "private" / f"Name of {subject}")
    named = [f"Name of {subject}" for subject in people]
    (tmp_path / "private/pairs.json").write_text(json.dumps([named[:2], named[1:]]))
    return tmp_path / "private"


@pytest.fixture
def executed(tmp_path, private, monkeypatch):
    """The chapter run on the private set."""
    monkeypatch.setenv("TWINLIB_ROOT", str(ROOT))

    def run(**given: str) -> Path:
        target = tmp_path / given.get("gallery", "default") / "15_your_data.ipynb"
        target.parent.mkdir()
        values = {"profile": "smoke", "device": "cpu", "images": str(private)} | given
        execute(ROOT / "book/15_your_data.ipynb", target, values)
        return target

    return run


def built(chapter: Path) -> Path:
    """A book of this one chapter: its page, its sources, its pictures."""
    (chapter.parent / "_toc.yml").write_text("format: jb-book\nroot: 15_your_data\n")
    config = {"title": "One", "execute": {"execute_notebooks": "off"}, "bibtex_bibfiles": ["references.bib"]}
    (chapter.parent / "_config.yml").write_text(json.dumps(config))  # JSON is YAML
    shutil.copy(ROOT / "book/references.bib", chapter.parent)
    program = str(Path(sys.executable).with_name("jupyter-book"))
    done = subprocess.run([program, "build", str(chapter.parent)], capture_output=True, text=True, check=False)
    html = chapter.parent / "_build/html"
    assert (html / "15_your_data.html").is_file(), done.stdout + done.stderr
    shutil.rmtree(html / "_static")  # the theme's own
    return html


def test_no_private_face_and_no_name_on_the_built_page(private, smoke_set, executed):
    hidden, local = executed(), executed(gallery="local")
    faces = read_faces(smoke_set.parent / "private/aligned")
    crops = [np.array(crop) for crop in faces.crops[(faces.frame["status"] == "found").to_numpy()]]
    assert crops
    asked = pictures(local.read_text())
    assert any(holds(picture, crop) for picture in asked for crop in crops)  # the search does find faces
    assert any(photographic(picture) for picture in asked)
    shown = pictures(hidden.read_text()) + pictures_below(built(hidden))
    assert len(shown) >= 2  # the drawn heads, in the notebook and on the page
    assert not any(photographic(picture) for picture in shown)
    assert not any(holds(picture, crop) for picture in shown for crop in crops)
    assert not any("Name of" in file.read_text() for file in [hidden, *hidden.parent.rglob("_build/html/*.html")])
    refused = findings(nbformat.read(local, as_version=4))
    assert any("faces of a private data set" in finding for finding in refused)
