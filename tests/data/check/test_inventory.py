import zipfile

import bad_files
import numpy as np
import pandas as pd
import pytest

from twinlib.data.check import inventory
from twinlib.data.check.facts import FactStep
from twinlib.data.check.inventory import COLUMNS, check_out, facts_of, take
from twinlib.errors import InputError
from twinlib.faces.photos import list_photos


def test_listed_twins(tree):
    found = take(tree)
    assert found.form == "list"
    assert found.table.columns.tolist() == COLUMNS
    assert found.photos.paths == found.table["path"].tolist()
    family = found.table.drop_duplicates("subject").set_index("subject")["family"]
    assert family["a"] == family["b"]
    assert family["c"] == family["d"] == family["e"]
    assert family.nunique() == 3
    assert any("c, d, e is a chain" in note for note in found.notes)


def test_a_zip_with_its_list_has_the_families_of_the_folder(tree, tmp_path):
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        for file in sorted(tree.rglob("*.*")):
            archive.write(file, f"twins/{file.relative_to(tree)}")
    found, plain = take(tmp_path / "z.zip"), take(tree)
    assert found.form == "list"
    columns = ["subject", "family", "split", "relation"]
    pd.testing.assert_frame_equal(found.table[columns], plain.table[columns])
    assert found.notes == plain.notes


def test_folders_and_zip_are_people(tree, tmp_path):
    (tree / "pairs.json").unlink()
    bad_files.picture(1).save(tree / "loose.png")
    found = take(tree)
    assert found.form == "folders"
    assert set(found.table["subject"]) == {*"abcdef", ""}
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        for path in found.photos.paths:
            archive.write(tree / path, path)
    zipped = take(tmp_path / "z.zip")
    pd.testing.assert_frame_equal(zipped.table, found.table)


def test_manifest(tmp_path):
    bad_files.picture(1).save(tmp_path / "1.png")
    rows = {"image": ["i1"], "path": ["1.png"], "subject": "s", "family": "f", "split": "test", "relation": "single"}
    pd.DataFrame(rows).to_csv(tmp_path / "manifest.csv", index=False)
    found = take(tmp_path)
    assert (found.form, found.table["split"].tolist(), found.photos.images) == ("manifest", ["test"], ["i1"])


def test_the_hash_follows_the_choice_of_images(tree):
    everything = take(tree).photos.sha256
    (tree / "f" / "new.txt").write_text("no photograph")
    assert take(tree).photos.sha256 != ""
    bad_files.picture(1).save(tree / "f" / "new.png")
    assert take(tree).photos.sha256 != everything


def test_refusals(tree, tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        take(tmp_path / "nowhere")
    (tmp_path / "x.bin").write_bytes(b"?")
    with pytest.raises(InputError, match=r"packed file.*twinlib data import"):
        take(tmp_path / "x.bin")
    (tree / "train_pairs.json").write_text('[["a", "b"], ["c", "d"]]')
    (tree / "test_pairs.json").write_text('[["d", "e"]]')
    (tree / "pairs.json").unlink()
    with pytest.raises(InputError, match="two splits"):  # the triplet trap: d is in training and in test
        take(tree)


@pytest.fixture
def photos(tmp_path):
    for i in range(5):
        (tmp_path / "in").mkdir(exist_ok=True)
        bad_files.picture(i).save(tmp_path / "in" / f"{i}.png")
    return list_photos(tmp_path / "in")


def test_results_never_lie_among_photographs(tmp_path, monkeypatch):
    monkeypatch.setenv("TWINLIB_BUILD", str(tmp_path / "build"))
    (tmp_path / "photos").mkdir()
    assert check_out(tmp_path / "photos") == tmp_path / "build/data/photos/check"
    (tmp_path / "photos" / "manifest.csv").touch()
    assert check_out(tmp_path / "photos") == tmp_path / "photos/check"


def test_interrupted_work_goes_on(photos, tmp_path, monkeypatch):
    monkeypatch.setattr("twinlib.parts.resumed.CHUNK", 2)
    whole = facts_of(photos, tmp_path / "whole")
    done, plain = [], FactStep.row

    def stops(self, path):
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(path)
        return plain(self, path)

    monkeypatch.setattr(FactStep, "row", stops)
    with pytest.raises(KeyboardInterrupt):
        facts_of(photos, tmp_path / "out")
    monkeypatch.setattr(FactStep, "row", lambda self, path: done.append(path) or plain(self, path))
    again = facts_of(photos, tmp_path / "out")
    assert done == ["0.png", "1.png", "2.png", "2.png", "3.png", "4.png"]
    assert all(np.array_equal(whole[name], again[name]) for name in whole)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["facts.npz"]


@pytest.mark.parametrize("damage", [b"", b"PK damaged"])
def test_a_damaged_result_is_measured_again(photos, tmp_path, damage):
    first = facts_of(photos, tmp_path / "out")
    (tmp_path / "out" / "facts.npz").write_bytes(damage)
    assert np.array_equal(facts_of(photos, tmp_path / "out")["sha256"], first["sha256"])


def test_another_version_measures_again(photos, tmp_path, monkeypatch):
    facts_of(photos, tmp_path / "out")
    before = (tmp_path / "out" / "facts.npz").stat().st_mtime_ns
    monkeypatch.setattr(inventory, "SCHEMA", 99)
    facts_of(photos, tmp_path / "out")
    assert (tmp_path / "out" / "facts.npz").stat().st_mtime_ns != before
