import pytest

from twinlib.data.prepare import prepare
from twinlib.errors import InputError


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
