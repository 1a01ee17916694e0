"""Every chapter runs under profile full: without a record, naming the gap, and with one of every experiment."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from book.tools.chapters import notebooks

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("full_profile.py")
CHAPTERS = notebooks(ROOT / "_toc.yml", ROOT / "book")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> str:
    """A line for each chapter and kind, and the story of each that failed; one set-up for both kinds."""
    ours = {
        "TWINLIB_ROOT": ROOT,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "data_prep")]),
        "MPLBACKEND": "agg",
    }
    environment = os.environ | {name: str(value) for name, value in ours.items()}
    command = [sys.executable, str(SCRIPT), str(tmp_path_factory.mktemp("full")), *CHAPTERS]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_every_chapter_runs_under_full_without_records(told):
    assert not [part for part in told.split("FAILED ")[1:] if " without records" in part.splitlines()[0]], told
    assert {f"{name} without records" for name in CHAPTERS} <= set(told.splitlines())


def test_every_chapter_that_looks_for_records_runs_with_them(told):
    assert "FAILED" not in told, told
    looked = {line.removesuffix(" with records") for line in told.splitlines() if line.endswith(" with records")}
    assert {"intro", "06_main", "07_ablations", "12_where_it_breaks", "claims", "gaps"} <= looked < set(CHAPTERS)
