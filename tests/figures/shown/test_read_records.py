import subprocess
import sys

import pytest

from twinlib.figures.shown import read_records


@pytest.mark.parametrize(
    ("path", "record"),
    [
        ("runs/ahan-cpu-s0-00/metrics.csv", "runs/ahan-cpu-s0-00"),
        ("runs/ahan-cpu-s0-00/scores/twin.csv.gz", "runs/ahan-cpu-s0-00"),
        ("benchmarks/allpairs.csv", "benchmarks/allpairs.csv"),
        ("runs/ahan-cpu-s0-00/run.json", None),
        ("runs/pairs/twin.npz", None),
    ],
)
def test_a_file_belongs_to_its_record(monkeypatch, tmp_path, path, record):
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path))
    assert read_records.record_of(str(tmp_path / path)) == record
    assert read_records.record_of(f"/elsewhere/{path}") is None


def test_what_is_opened_is_kept_once_and_told_once(tmp_path):
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "benchmarks/a.csv").write_text("x\n")
    code = """
from pathlib import Path
from twinlib import paths
from twinlib.figures.shown import read_records
read_records.watch()
for _ in range(2):
    (paths.results_dir() / "benchmarks/a.csv").read_text()
print(read_records.news(), read_records.news(), read_records.read())
"""
    environment = {"TWINLIB_RESULTS": str(tmp_path), "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['benchmarks/a.csv'] [] ['benchmarks/a.csv']"
