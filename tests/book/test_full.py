"""Every chapter runs under profile full where no record lies: it names the gap instead of stopping."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from book.tools.chapters import notebooks

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("full_without_records.py")


@pytest.mark.slow
def test_every_chapter_runs_under_full_without_a_record(tmp_path):
    (tmp_path / "results/runs").mkdir(parents=True)
    for file in (ROOT / "results").iterdir():
        if file.name != "runs":
            (tmp_path / "results" / file.name).symlink_to(file)
    ours = {
        "TWINLIB_ROOT": ROOT,
        "TWINLIB_RESULTS": tmp_path / "results",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "data_prep")]),
        "MPLBACKEND": "agg",
    }
    environment = os.environ | {name: str(value) for name, value in ours.items()}
    chapters = notebooks(ROOT / "_toc.yml", ROOT / "book")
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *chapters], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "FAILED" not in done.stdout, done.stdout
