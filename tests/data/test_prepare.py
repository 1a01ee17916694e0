import pytest

from twinlib.data import prepare as module
from twinlib.errors import InputError


def test_an_unknown_set_lists_the_known_ones(monkeypatch, tmp_path):
    monkeypatch.setenv("TWINLIB_BUILD", str(tmp_path))
    with pytest.raises(InputError, match=r"'smok'.*smoke.*default"):
        module.prepare("smok")


def test_what_is_there_is_not_made_again(smoke_set, monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError

    monkeypatch.setattr(module, "find_faces", refuse)
    manifest, faces = module.prepare("smoke")
    assert len(manifest.images) == len(faces.frame) == len(faces.crops)
    assert list(manifest.images["image"]) == list(faces.frame["image"])


def test_crops_of_another_size_are_refused(smoke_set, monkeypatch):
    monkeypatch.setattr(module, "dataset_root", lambda name: smoke_set)
    aligned = smoke_set / "aligned-96"
    aligned.symlink_to(smoke_set / "aligned")
    try:
        with pytest.raises(InputError, match="holds crops of 112 px, wanted 96"):
            module.prepare("smoke", 96)
    finally:
        aligned.unlink()
