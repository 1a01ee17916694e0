"""The script for a GPU, every stage of it on a CPU, with tiny sizes."""

import csv
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def gpu(folder, *stages, **settings):
    environment = os.environ | {"TINY": "1", "DEVICE": "cpu", "OUT": str(folder / "out"), "SIDE": "2"} | settings
    environment |= {"TWINLIB_BUILD": str(folder / "build"), "TWINLIB_RESULTS": str(folder / "results")}
    done = subprocess.run(["benchmarks/gpu.sh", *stages], cwd=ROOT, env=environment, capture_output=True, text=True)
    with (folder / "out/stages.csv").open() as file:
        return done, {row["stage"]: row["ended"] for row in csv.DictReader(file)}


@pytest.fixture
def folder(smoke_set, tmp_path):
    (tmp_path / "build/data").mkdir(parents=True)
    (tmp_path / "build/data/smoke").symlink_to(smoke_set)
    (tmp_path / "results/runs").mkdir(parents=True)
    return tmp_path


@pytest.mark.slow
def test_every_stage_ends_well_and_what_came_of_it_lies_together(folder):
    done, ended = gpu(folder, MINUTES="60")
    logs = {file.stem: file.read_text()[-1500:] for file in (folder / "out/logs").glob("*.log")}
    assert done.returncode == 0, [logs[name] for name, how in ended.items() if how != "done"]
    assert set(ended.values()) == {"done"}
    assert list(ended) == ["wheels", "doctor", "tests", "steps", "render", "full", "study", "chapters", "collect"]
    with tarfile.open(folder / "out/results.tar.gz") as packed:
        names = packed.getnames()
    assert (
        sum(name.endswith("run.json") for name in names) == 5
    )  # the full run, two rows of the study, each of them with twice its images
    assert all(name.startswith(("results/", "smoke-runs/")) for name in names)
    assert "way" in logs["steps"]
    assert (folder / "out/chapters/16_cost.ipynb").is_file()
    assert (folder / "out/logs.tar.gz").is_file()


def test_the_tests_that_need_a_gpu_lie_in_the_file_that_it_runs():
    mark = "mark." + "gpu"
    found = [file.relative_to(ROOT).as_posix() for file in ROOT.glob("tests/**/test_*.py") if mark in file.read_text()]
    assert found == ["tests/train/test_on_gpu.py"]
    assert found[0] in (ROOT / "benchmarks/gpu.sh").read_text()


def test_a_stage_that_has_no_time_is_stopped_and_the_next_one_runs(folder):
    done, ended = gpu(folder, "study", "doctor", MINUTES="0", LEAST="1")
    assert ended == {"study": "stopped", "doctor": "done"}
    assert done.returncode == 0


def test_a_failure_is_told_and_an_unknown_stage_is_refused(folder):
    done, ended = gpu(folder, "wheels", "doctor", WHEELS=str(folder / "nowhere"))
    assert done.returncode == 1
    assert ended["wheels"].startswith("failed")
    assert ended["doctor"] == "done"
    done, _ = gpu(folder, "stud")
    assert done.returncode == 2
    assert "stud is no stage; known: wheels doctor" in done.stderr
