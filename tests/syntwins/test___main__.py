import pytest

from syntwins.__main__ import main


def test_the_sets_are_listed_and_estimated(capsys):
    assert main(["list"]) == 0
    assert "study-marks" in capsys.readouterr().out
    assert main(["estimate", "smoke"]) == 0
    assert "images" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["estimate", "render"])
def test_an_unknown_set_is_refused(capsys, tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    assert main([command, "nobody"]) == 2
    assert "'nobody'" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_set_is_rendered_into_a_folder(tiny, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("syntwins.__main__.synthesise", lambda name, out, workers: (name, out.name, workers))
    assert main(["render", "smoke", "--out", str(tmp_path / "here"), "--workers", "1"]) == 0
    assert capsys.readouterr().out == "('smoke', 'here', 1)\n"
