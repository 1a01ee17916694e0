import subprocess
import sys
from pathlib import Path

import pytest

from twinlib.data import rendered
from twinlib.data.rendered import prepare
from twinlib.errors import InputError

ROOT = Path(__file__).parents[2]


def test_every_name_is_there():
    assert all(callable(getattr(rendered, name)) or name.isupper() for name in rendered.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'nobody'"):
        rendered.nobody  # noqa: B018


def test_asking_for_the_sets_loads_nothing_that_draws():
    code = "import sys; from twinlib.data.rendered import SETS; print(len(SETS) > 10, 'numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "True False\n"


def test_an_unknown_set_lists_the_known_ones(monkeypatch, tmp_path):
    monkeypatch.setenv("TWINLIB_BUILD", str(tmp_path))
    with pytest.raises(InputError, match=r"'smok'.*smoke.*default"):
        prepare("smok")


def test_what_is_there_is_not_made_again_and_rows_agree(smoke_set):
    files = [smoke_set / "manifest.csv", smoke_set / "aligned/faces.npz", smoke_set / "aligned/crops.npy"]
    before = [file.stat().st_mtime_ns for file in files]
    manifest, faces = prepare("smoke")
    assert [file.stat().st_mtime_ns for file in files] == before
    assert list(manifest.images["image"]) == list(faces.frame["image"])
    assert faces.crops.shape[1:] == (112, 112, 3)


def test_a_folder_of_one_s_own_is_read_by_its_path(smoke_set, tmp_path, monkeypatch):
    monkeypatch.setenv("TWINLIB_BUILD", str(tmp_path / "elsewhere"))
    manifest, _ = prepare(str(smoke_set))
    assert manifest.root == smoke_set
    assert not (tmp_path / "elsewhere").exists()
