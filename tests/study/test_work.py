import contextlib
import os
import signal
import subprocess
import sys
import time

import pytest

from twinlib import paths
from twinlib.cli.main import main
from twinlib.records import runs
from twinlib.records.runs import list_runs
from twinlib.study.board import Board
from twinlib.study.rows import chosen, read_rows
from twinlib.study.work import tasks
from twinlib.train.locks import claim
from twinlib.train.stored.trained import trained_folder, trained_model

TABLE = """
profile: smoke
seeds: 1
parts:
  "1":
    title: quick
    set: [train.passes=96, train.warmup=0, "evaluate.sets=[]"]
    rows:
      vit: {keep: [0]}
      grid: {experiment: vit_grid}
"""


@pytest.fixture
def table(smoke_set, tmp_path, monkeypatch):
    """A table of two rows and a build folder with the smoke set and nothing else."""
    monkeypatch.setenv("TWINLIB_BUILD", str(tmp_path / "build"))
    (tmp_path / "build/data").mkdir(parents=True)
    (tmp_path / "build/data/smoke").symlink_to(smoke_set)
    (tmp_path / "rows.yaml").write_text(TABLE)
    return tmp_path / "rows.yaml"


def made():
    return {run.record["extra"]["finished"]["row"]: run for run in list_runs(paths.build_dir() / "smoke-runs")}


def study(table, *arguments):
    return main(["study", "--rows", str(table), *arguments])


def test_rows_are_trained_here_and_their_records_say_how_they_ended(table, capsys):
    assert study(table, "--status", "true") == 0
    assert "missing" in capsys.readouterr().out
    assert study(table, "--row", "vit", "--processes", "0") == 0
    run = made()["vit"]
    said = run.record["extra"]["finished"]
    assert (said["row"], said["part"], said["ended"], said["passes"], said["tuned_as"]) == ("vit", "1", True, 96, None)
    assert 0 <= said["train_accuracy"] <= 1
    assert 0 < said["core_minutes"] < run.record["wall_s"]
    assert run.record["hashes"]["training"] >= 2
    stamp = (run.folder / "run.json").stat().st_mtime_ns
    assert study(table, "--processes", "0") == 0  # the other row; the first is left alone
    assert set(made()) == {"vit", "grid"}
    assert (run.folder / "run.json").stat().st_mtime_ns == stamp
    capsys.readouterr()
    study(table, "--dry", "true")
    assert capsys.readouterr().out.splitlines()[-1].startswith("2 runs")  # for twice as long: 96 images fit nothing


def test_weights_are_kept_in_half_precision_where_the_table_asks_for_them(table):
    study(table, "--processes", "0")
    runs = made()
    whole = {name: trained_model(run) for name, run in runs.items()}
    for run in runs.values():
        (trained_folder(run) / "model.safetensors").unlink()
    assert trained_model(runs["grid"]) is None
    for name, value in trained_model(runs["vit"]).state_dict().items():
        assert value.dtype == whole["vit"].state_dict()[name].dtype
        assert (value.float() - whole["vit"].state_dict()[name].float()).abs().max() < 1e-2
    file = runs["vit"].folder / "model.safetensors"
    assert file.stat().st_size < 0.6 * 4 * runs["vit"].record["parameters"]
    file.write_bytes(file.read_bytes()[:-1] + b"\1")
    with pytest.raises(ValueError, match=r"model\.safetensors is not what this record was written with"):
        trained_model(runs["vit"])


def test_what_another_process_trains_is_passed_over(table):
    board = Board(read_rows(table))
    with claim(board.jobs[0].claim):
        assert [task.name for task in tasks(board)] == ["grid seed 0"]
    assert [task.name for task in tasks(board)] == ["vit seed 0", "grid seed 0"]


def test_a_doubled_run_says_so(table):
    study(table, "--row", "vit", "--processes", "0")
    assert study(table, "--row", "vit", "--processes", "0", "--twice", "true") == 0
    runs = list_runs(paths.build_dir() / "smoke-runs")
    assert sorted(run.record["extra"]["finished"]["passes"] for run in runs) == [96, 192]
    assert sorted(run.record["extra"]["finished"]["twice"] for run in runs) == [False, True]
    board = Board(chosen(read_rows(table), row="vit")).look()
    assert len(board.of(board.rows[0])) == 1  # the doubled one is not averaged in


def test_bad_input_is_told_in_a_line_with_exit_code_2(table, capsys):
    assert study(table, "--row", "vitt") == 2
    assert capsys.readouterr().err == "twinlib study: row 'vitt' is unknown; known: vit, grid.\n"
    study(table, "--row", "vit", "--processes", "0")
    run = made()["vit"]
    (run.folder / "run.json").write_text((run.folder / "run.json").read_text().replace('"seed": 0', '"seed": 1', 1))
    assert study(table, "--row", "vit", "--processes", "0") == 2
    assert "was edited after it was written" in capsys.readouterr().err


@pytest.mark.slow
def test_a_disk_that_fills_up_loses_no_record_and_the_queue_goes_on_after_room_is_made(table, small_disk, monkeypatch):
    """A real small file system: it is full when the record is written; the checkpoints are there, the record is not."""
    small = small_disk(24 * 2**20)
    (small / "data").mkdir()
    (small / "data/smoke").symlink_to((paths.build_dir() / "data/smoke").resolve())
    monkeypatch.setenv("TWINLIB_BUILD", str(small))
    write, ballast = runs.write_run, small / "somebody else's file"

    def filled(*given):
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
            while file.write(bytes(2**16)):
                pass
        with contextlib.suppress(OSError), ballast.open("ab", buffering=0) as file:
            while file.write(b"x"):
                pass
        return write(*given)

    monkeypatch.setattr("twinlib.records.runs.write_run", filled)
    assert study(table, "--row", "vit", "--processes", "0") == 2
    assert made() == {}
    assert _steps() != []
    assert [path for path in (small / "smoke-runs").iterdir() if path.name != "pairs"] == []
    ballast.unlink()
    monkeypatch.setattr("twinlib.records.runs.write_run", write)
    assert study(table, "--row", "vit", "--processes", "0") == 0
    assert made()["vit"].history()["step"].tolist() == [4]


@pytest.mark.slow
def test_killed_queues_go_on_where_they_were_and_two_at_once_train_each_run_once(table):
    """The queue is killed outright while it trains; then two are started beside each other."""
    table.write_text(TABLE.replace("train.passes=96", "train.passes=4800, train.checkpoint_every=10"))
    command = [sys.executable, "-m", "twinlib.cli.main", "study", "--rows", str(table), "--processes", "1"]
    place = {"cwd": table.parent, "env": os.environ | {"PYTHONPATH": os.environ["PYTHONPATH"]}}
    until = time.monotonic() + 300
    with subprocess.Popen(command, **place) as first:
        while not _steps() and time.monotonic() < until:
            time.sleep(0.1)
        first.send_signal(signal.SIGKILL)
    assert made() == {}
    reached = max(_steps())
    while (
        Board(read_rows(table)).look().state(Board(read_rows(table)).jobs[0]) == "running" and time.monotonic() < until
    ):
        time.sleep(0.2)  # its run ends by itself
    both = [subprocess.Popen(command, **place, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    told = [process.communicate(timeout=500)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert set(made()) == {"vit", "grid"}
    assert sum(text.count("started") for text in told) == sum(text.count("ended") for text in told) >= 2
    log = (paths.build_dir() / "study/vit-s0.log").read_text()
    resumed = [int(line.split(", ")[1].split("/")[0]) for line in log.splitlines() if line.startswith("training vit")]
    assert min(resumed) >= min(reached, 200) - 10
    history = made()["vit"].history()["step"].tolist()
    assert history == list(range(20, 201, 20))


def _steps():
    return [int(path.stem[5:]) for path in paths.build_dir().glob("checkpoints/*/step-*")]
