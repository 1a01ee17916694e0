import bad_files
import numpy as np
import pytest

from twinlib import parts
from twinlib.data.check import store
from twinlib.data.check.facts import FactStep
from twinlib.data.check.store import check_out, facts_of
from twinlib.faces.photos import list_photos


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
    monkeypatch.setattr(parts, "CHUNK", 2)
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
    monkeypatch.setattr(store, "SCHEMA", 99)
    facts_of(photos, tmp_path / "out")
    assert (tmp_path / "out" / "facts.npz").stat().st_mtime_ns != before
