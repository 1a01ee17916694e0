"""A chapter by itself, as a reader runs it: cell by cell in a notebook, and by plain papermill."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from book.tools.chapters import notebooks

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow
CHAPTERS = notebooks(ROOT / "_toc.yml", ROOT / "book")


def _run(smoke_book, folder, *command):
    ours = {"TWINLIB_ROOT": ROOT, "TWINLIB_BUILD": smoke_book}
    environment = os.environ | {name: str(value) for name, value in ours.items()}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]


def test_every_cell_runs_in_a_notebook(smoke_book, tmp_path):
    """The inspector, whose widgets only a notebook has; papermill runs every other chapter for the smoke book."""
    name = "14_pair_inspector"
    chapter = nbformat.read(ROOT / f"book/{name}.ipynb", as_version=4)
    # The sources default to the cpu profile, whose data set takes minutes to render.
    chapter.cells[0].source = re.sub(r'profile: str = "\w+"', 'profile: str = "smoke"', chapter.cells[0].source)
    nbformat.write(chapter, tmp_path / f"{name}.ipynb")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    options = ["--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout", "300"]
    _run(smoke_book, tmp_path, sys.executable, "-m", "pytest", "-q", *options)


# Chapters that need no training. Cells tagged nbval-ignore-output hold times, or numbers of a network run in threads.
EXACT = "01_data 03_faam 05_losses 05b_losses_on_twins 05c_losses_checked 08_symface 09_topofr 10_miao".split()
EXACT += ["11_local_global", "15_your_data"]


def test_chapters_without_training_come_out_again(smoke_book, tmp_path):
    """Every other cell of theirs gives the very same output when it is executed once more."""
    for name in EXACT:
        shutil.copy(smoke_book / f"book/{name}.ipynb", tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    options = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout", "300"]
    _run(smoke_book, tmp_path, sys.executable, "-m", "pytest", "-q", *options)


def test_plain_papermill_runs_a_chapter(smoke_book, tmp_path):
    papermill = str(Path(sys.executable).with_name("papermill"))
    given = ["-p", "profile", "smoke", "-p", "device", "cpu"]
    _run(smoke_book, ROOT, papermill, f"book/{CHAPTERS[-1]}.ipynb", str(tmp_path / "out.ipynb"), *given)
