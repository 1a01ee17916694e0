"""The command is tested with what it starts: tests/study/test_work.py and test_tuning.py. Here, what it prints."""

import pytest

from twinlib.cli.main import main


@pytest.fixture(autouse=True)
def places(monkeypatch, tmp_path, smoke_set):
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path))
    (tmp_path / "rows.yaml").write_text(
        'profile: cpu\nparts: {"1": {title: quick, seeds: 2, set: [data.name=smoke, train.trunk=null, '
        "train.passes=48000], rows: {vit: {}, vit_grid: {}}}}"
    )
    monkeypatch.chdir(tmp_path)


def test_status_says_what_there_is_and_trains_nothing(capsys, tmp_path):
    assert main(["study", "--rows", "rows.yaml", "--status", "--processes", "2"]) == 0
    head, part, left = capsys.readouterr().out.splitlines()
    assert head.split() == "part rows finished done running missing refused hours spent hours left".split()
    assert part.split() == ["1", "quick", "2", "0", "0", "0", "4", "0", "0.0", "0.8"]
    assert left == "left: 46 min of one core, 23 min on 2"
    assert not (tmp_path / "runs").exists()


def test_dry_lists_the_runs_in_order(capsys):
    assert main(["study", "--rows", "rows.yaml", "--dry", "--row", "vit_grid"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines[:-1]] == [
        ["1", "part", "1", "vit_grid", "seed", "0", "12", "min"],
        ["2", "part", "1", "vit_grid", "seed", "1", "12", "min"],
    ]
    assert lines[-1].startswith("2 runs, 23 min of one core")


def test_a_table_that_is_wrong_is_told_in_one_line(capsys):
    assert main(["study", "--rows", "none.yaml", "--status"]) == 2
    assert capsys.readouterr().err == (
        "twinlib study: none.yaml cannot be read (No such file or directory). Name a table of rows.\n"
    )
