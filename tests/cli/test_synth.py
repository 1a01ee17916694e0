import json
import runpy
import shutil
import sys

import pytest

from syntwins import SETS
from twinlib.cli import main
from twinlib.files import read_json
from twinlib.paths import project_root


def test_an_estimate_renders_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("TWINLIB_BUILD", str(tmp_path))
    assert main.main(["synth", "large", "--estimate"]) == 0
    assert "1762 families, 3174 subjects, 50784 images" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_a_set_goes_where_it_is_told(tmp_path, monkeypatch):
    called = []
    monkeypatch.setattr("twinlib.data.rendered.synthesise", lambda *given: called.append(given))
    monkeypatch.setattr(sys, "argv", ["synthesise.py", "smoke", "--out", str(tmp_path)])
    with pytest.raises(SystemExit) as stop:
        runpy.run_path(str(project_root() / "data_prep/synthesise.py"), run_name="__main__")
    assert stop.value.code == 0
    assert called == [("smoke", tmp_path, None)]


def test_every_set_is_listed(capsys):
    assert main.main(["synth-sets"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[::2]] == list(SETS)


def test_the_audit_is_printed_written_and_fails_on_a_leak(smoke_set, tmp_path, capsys):
    assert main.main(["synth-audit", "smoke", "--json", str(tmp_path / "audit.json")]) == 0
    assert "smoke: sound" in capsys.readouterr().out
    assert read_json(tmp_path / "audit.json")["problems"] == []
    copy = shutil.copytree(smoke_set, tmp_path / "copy")
    first = sorted((copy / "images").rglob("00.jpg"))
    shutil.copy(first[0], first[1])
    assert main.main(["synth-audit", str(copy)]) == 2
    assert "is not sound: 1 × image file that repeats another" in capsys.readouterr().err


def test_the_card_lies_beside_the_set(smoke_set, capsys):
    assert main.main(["synth-card", "smoke"]) == 0
    card = json.loads((smoke_set / "croissant.json").read_text(encoding="utf-8"))
    (smoke_set / "croissant.json").unlink()
    assert card["name"] == "syntwins-smoke"
    assert capsys.readouterr().out.strip().endswith("croissant.json")
