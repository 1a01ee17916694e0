import hashlib
import os

import pandas as pd
import pytest

from twinlib import files
from twinlib.data import manifest as contents
from twinlib.data.manifest import STORE, content_hash, read_manifest
from twinlib.faces.photos import list_photos

PATHS = ["a.jpg", "b/ü 顔.jpg"]


@pytest.fixture
def root(tmp_path):
    (tmp_path / "b").mkdir()
    for i, path in enumerate(PATHS):
        (tmp_path / path).write_bytes(bytes([i]) * 100)
    rows = {"image": ["i0", "i1"], "path": PATHS, "subject": "s", "family": "f", "split": "train", "relation": "single"}
    pd.DataFrame(rows).to_csv(tmp_path / "manifest.csv", index=False)
    return tmp_path


def swap(file):
    """Other bytes, same size, later time."""
    file.write_bytes(b"x" * file.stat().st_size)
    os.utime(file, ns=(1, 1))


def test_hash_is_that_of_names_and_bytes(root):
    listing = [[path, hashlib.sha256((root / path).read_bytes()).hexdigest()] for path in sorted(PATHS)]
    assert content_hash(root, PATHS) == content_hash(root, PATHS[::-1]) == files.hash_of(listing)


def test_touching_changes_nothing_and_other_bytes_do(root):
    before = content_hash(root, PATHS)
    os.utime(root / PATHS[0], ns=(5, 5))
    assert content_hash(root, PATHS) == before
    swap(root / PATHS[1])
    assert content_hash(root, PATHS) != before


def test_only_what_changed_is_read(root, monkeypatch):
    content_hash(root, PATHS)
    read = []
    monkeypatch.setattr(contents.files, "sha256", lambda file: read.append(file.name) or "0")
    content_hash(root, PATHS)
    assert read == []
    swap(root / PATHS[0])
    content_hash(root, PATHS)
    assert read == ["a.jpg"]


@pytest.mark.parametrize("damage", ["not json", "[1]", '{"a.jpg": 3}'])
def test_a_damaged_store_is_made_again(root, damage):
    before = content_hash(root, PATHS)
    (root / STORE).write_text(damage)
    assert content_hash(root, PATHS) == before


def test_missing_files_count(root):
    before = content_hash(root, PATHS)
    (root / PATHS[0]).unlink()
    assert content_hash(root, PATHS) not in (before, content_hash(root, PATHS[1:]))


def test_a_set_of_ones_own_is_named_by_its_pictures(root):
    manifest, photos = read_manifest(root).sha256, list_photos(root).sha256
    assert (read_manifest(root).sha256, list_photos(root).sha256) == (manifest, photos)
    swap(root / PATHS[0])
    assert read_manifest(root).sha256 != manifest
    assert list_photos(root).sha256 != photos


def test_a_rendered_set_is_named_by_its_generator(root):
    files.write_json(root / "dataset.json", {"generator_version": 3})
    manifest = read_manifest(root).sha256
    swap(root / PATHS[0])
    assert read_manifest(root).sha256 == manifest
    assert not (root / STORE).exists()
