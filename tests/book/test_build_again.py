"""`doit` on a finished smoke book: what is done again, and what a broken chapter does."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from book.tools.chapters import notebooks

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow
CODE = ("_config.yml", "_toc.yml", "dodo.py", "book", "twinlib", "requirements", "results", "vendor")


def _doit(root, build, *arguments):
    environment = os.environ | {
        "TWINLIB_BUILD": str(build),
        "PYTHONPATH": f"{root}:{root}/data_prep:{os.environ['PYTHONPATH']}",
    }
    settings = ["profile=smoke", "device=cpu", "seed=0"]
    command = [sys.executable, "-m", "doit", *arguments, *settings]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=300)


def test_nothing_changed_nothing_done(smoke_book):
    if "TWINLIB_TEST_BOOK" in os.environ:  # may have been made with other settings
        _doit(ROOT, smoke_book.parent)
    page = smoke_book / "html/index.html"
    before, started = page.stat().st_mtime_ns, time.perf_counter()
    done = _doit(ROOT, smoke_book.parent)
    assert done.returncode == 0, done.stderr
    assert all(line.startswith("--") for line in done.stdout.splitlines()), done.stdout
    assert page.stat().st_mtime_ns == before
    assert time.perf_counter() - started < 20


def test_broken_chapter_fails_the_build_and_leaves_the_report(smoke_book, tmp_path):
    name = notebooks(ROOT / "_toc.yml", ROOT / "book")[-1]
    for part in CODE:
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copyfile
        copy(ROOT / part, tmp_path / part)
    path = tmp_path / f"book/{name}.ipynb"
    chapter = nbformat.read(path, as_version=4)
    number = next(i for i, cell in enumerate(chapter.cells) if cell.cell_type == "code" and i) + 1
    chapter.cells[number - 1].source = "x = 1\nraise ValueError('broken on purpose')"
    nbformat.write(chapter, path)
    page = smoke_book / "html/index.html"
    before = page.read_bytes()
    # The chapter alone: the copy's data and records would be made again, because they lie at another address.
    done = _doit(tmp_path, smoke_book.parent, "--single", f"chapter:{name}")
    assert done.returncode != 0
    assert f"chapter {name}, cell {number} of {len(chapter.cells)}: ValueError: broken on purpose" in done.stderr
    assert page.read_bytes() == before
